"""What is typed into a question, as the rules take it, and the other way round."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from policies.rules.answers import LARGEST_NUMBER, amount_in_words
from policies.rules.facts import Fact, plain

# The choice that says that none of the others holds.
NONE = "__none__"


class NotANumberError(Exception):
    """What was typed is no number; the message says what was expected."""


def read_typed(fact: Fact, value: Any) -> Any:
    """What was typed in the fact's raw type; None is “不清楚”."""
    if value in (None, "", []):
        return None
    if fact.type == "bool":
        return value == "true"
    if fact.type == "enum":
        return value
    if fact.type == "enum_set":
        codes = [code for code in value if code != NONE]
        if codes and NONE in value:
            raise NotANumberError("“都没有”不能和其他选项同时选")
        return codes
    text = value.strip()
    if fact.type == "date":
        return re.sub(r"[./年月]", "-", text).rstrip("日")
    if fact.type == "money_list":
        amounts = [_number(item) for item in re.split(r"[\s、；;]+", text) if item]
        return [amount for amount in amounts if amount != 0]
    number = _number(text)
    return number / 100 if fact.type == "ratio" else number


def _number(text: str) -> Decimal:
    text = text.translate(str.maketrans("０１２３４５６７８９．－，", "0123456789.-,"))
    text = re.sub(r"[,\s]", "", text).removesuffix("万元").removesuffix("%")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise NotANumberError("请填数字，如 2000 或 1999.99") from error
    if not number.is_finite():
        raise NotANumberError("请填数字，如 2000 或 1999.99")
    return number


def as_typed(fact: Fact, value: Any) -> Any:
    """The value as its field holds it: text, or a list where several can be ticked."""
    if fact.type == "bool":
        return "true" if value else "false"
    if fact.type == "enum_set":
        return list(value) or [NONE]
    if fact.type == "money_list":
        return " ".join(plain(item) for item in value) or "0"
    if fact.type == "ratio":
        return plain(value * 100)
    if fact.type == "date":
        return value.isoformat()
    return plain(value) if fact.is_numeric and fact.unit != "年" else value


def is_amount(fact: Fact) -> bool:
    return fact.type == "decimal" and fact.unit == "万元"


def words_typed(text: str) -> str:
    """The amount in words, or nothing while what is typed is no sensible amount of 万元."""
    try:
        number = _number(text[:40])
        return amount_in_words(number) if 0 < number <= LARGEST_NUMBER else ""
    except NotANumberError:
        return ""


def echoed_amounts(answers: Mapping[str, Any], facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    """Amounts of 万元 in words, so that 元 typed for 万元 is noticed."""
    return [
        (facts[key].label, amount_in_words(value))
        for key, value in answers.items()
        if key in facts and is_amount(facts[key])
    ]
