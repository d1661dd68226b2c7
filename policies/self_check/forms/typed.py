"""What is typed into a question, as the rules take it, and the other way round."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policies.rules.answers import LARGEST_NUMBER, amount_in_words
from policies.rules.facts import Fact, plain
from policies.self_check.forms.items import BEFORE_UNIT, as_lines, read_items, typed_items
from portal.typed.days import read_day, read_year
from portal.typed.quantities import doubt_of_share, read_quantity
from portal.typed.signs import UnreadError, folded, shown

# The choice that says that none of the others holds.
NONE = "__none__"
ALONE = "“都没有”不能和其他选项同时选"
# 100,200 is one amount or two.
COMMA_IN_LIST = "{typed}里有逗号，是一项还是几项？各项之间请用空格隔开，数字里不写逗号"
# 40 2 000 is two amounts or three.
GAP_IN_NUMBER = (
    "{typed}里的“{item}”是一项，还是前一个数的后几位？各项之间用空格隔开，一个数中间不写空格"
)


@dataclass(frozen=True)
class Typed:
    """What was typed in the fact's raw type, None for “不清楚”, and what to ask about it if anything."""

    value: Any
    doubt: str = ""


def read_typed(fact: Fact, value: Any) -> Typed:
    """Raises UnreadError where it cannot be told what was meant."""
    if value in (None, "", []):
        return Typed(None)
    if fact.type == "bool":
        return Typed(value == "true")
    if fact.type == "enum":
        return Typed(value)
    if fact.type == "enum_set":
        codes = [code for code in value if code != NONE]
        if codes and NONE in value:
            raise UnreadError(ALONE)
        return Typed(codes)
    if fact.type == "date":
        return Typed(read_day(value).isoformat())
    if fact.type == "money_list":
        return Typed([amount for amount in _amounts(value) if amount != 0])
    if fact.type == "item_list":
        return Typed(read_items(fact, value))
    if is_year(fact):
        return Typed(read_year(value))
    if fact.type == "ratio":
        percent = read_quantity(value, "%")
        return Typed(percent / 100, doubt_of_share(value, percent))
    return Typed(read_quantity(value, fact.unit or ""))


def is_year(fact: Fact) -> bool:
    """Whether it asks for a year of the calendar, not for a number of years."""
    return fact.type == "int" and fact.unit == "年"


def _amounts(text: str) -> list[Decimal]:
    plain = BEFORE_UNIT.sub("", folded(text))
    if "," in plain:
        raise UnreadError(COMMA_IN_LIST.format(typed=shown(text)))
    items = [item for item in re.split("[ 、;]+", plain) if item]
    for item in items[1:]:
        if re.match("0[0-9]", item):
            raise UnreadError(GAP_IN_NUMBER.format(typed=shown(text), item=item))
    return [read_quantity(item, "万元") for item in items]


def as_typed(fact: Fact, value: Any) -> Any:
    """The value as its field holds it: text, or a list where several can be ticked."""
    if fact.type == "bool":
        return "true" if value else "false"
    if fact.type == "enum_set":
        return list(value) or [NONE]
    if fact.type == "money_list":
        return " ".join(plain(item) for item in value) or "0"
    if fact.type == "item_list":
        return as_lines(fact, value)
    if fact.type == "ratio":
        # With its sign a small share is not asked about once more.
        return f"{plain(value * 100)}{'%' if 0 < abs(value * 100) < 1 else ''}"
    if fact.type == "date":
        return value.isoformat()
    return plain(value) if fact.is_numeric and fact.unit != "年" else value


def sent(fact: Fact, data: Any, name: str) -> list[str]:
    """The texts that a page sent for the fact; of a list of items its lines."""
    if fact.type == "item_list":
        return [typed_items(data, name)]
    return data.getlist(name)


def as_said(fact: Fact, texts: Sequence[str]) -> str:
    """What was ticked, chosen or typed, in the words that the page showed for it."""
    words = {"true": "是", "false": "否", NONE: "都没有"}
    return "、".join(fact.choices.get(text) or words.get(text, text) for text in texts if text)


def is_amount(fact: Fact) -> bool:
    return fact.type == "decimal" and fact.unit == "万元"


def words_typed(text: str) -> str:
    """The amount in words, or nothing while what is typed is no sensible amount of 万元."""
    try:
        number = read_quantity(text, "万元")
        return amount_in_words(number) if 0 < number <= LARGEST_NUMBER else ""
    except UnreadError:
        return ""


def echoed_amounts(answers: Mapping[str, Any], facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    """Amounts of 万元 in words, so that 元 typed for 万元 is noticed."""
    return [
        (facts[key].label, amount_in_words(value))
        for key, value in answers.items()
        if key in facts and is_amount(facts[key])
    ]
