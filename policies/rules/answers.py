"""Answers: checking what a firm typed and turning it into values of the facts' types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from policies.rules.facts import LISTS, Fact, Item, plain
from policies.rules.industry import SECTION_OF

# Nothing in a county is larger than this: 1 万亿元, in 万元.
LARGEST_NUMBER = Decimal(10) ** 8
MOST_LIST_ITEMS = 200
# 元 typed for 万元 is the commonest slip: 10 亿元 is beyond nearly every county firm.
IMPROBABLE_AMOUNT = Decimal(100_000)
IMPROBABLE_EMPLOYEES = 20_000
EARLIEST_DATE = date(1900, 1, 1)


@dataclass(frozen=True)
class Problem:
    """One thing wrong: the fact's key, the value as given, what was expected (Chinese)."""

    key: str
    value: Any
    expected: str

    def __str__(self) -> str:
        shown = repr(self.value) if isinstance(self.value, str) else str(self.value)
        return f"{self.key}：{shown[:80]}，{self.expected}"


class AnswersError(Exception):
    """Raised with every problem found in the answers."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("；".join(str(problem) for problem in problems))


def parse_answers(raw: Mapping[str, Any], facts: Mapping[str, Fact], on: date) -> dict[str, Any]:
    """Values by fact key: bool, int, Decimal, date, str, frozenset of codes, tuple of Decimal or Item.

    Raises AnswersError naming each unknown key, wrong type, code not in the list, number out
    of range and contradiction.
    """
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in raw.items():
        fact = facts.get(key)
        if fact is None:
            problems.append(Problem(str(key), value, "不认识的指标，请核对名称"))
            continue
        try:
            answers[key] = _parse(fact, value, on)
        except _UnfitError as unfit:
            problems.append(Problem(key, value, str(unfit)))
    problems += contradictions(answers, on)
    if problems:
        raise AnswersError(problems)
    return answers


class _UnfitError(Exception):
    """A value that does not fit its fact; the message says what was expected."""


def _parse(fact: Fact, value: Any, on: date) -> Any:
    if fact.type == "bool":
        if not isinstance(value, bool):
            raise _UnfitError("应填“是”或“否”（true 或 false）")
        return value
    if fact.type == "enum":
        if not isinstance(value, str) or value not in fact.choices:
            raise _UnfitError(_one_of(fact))
        return value
    if fact.type == "enum_set":
        if not isinstance(value, list | tuple | set | frozenset):
            raise _UnfitError("应为代码列表，没有则填空列表")
        if any(not isinstance(code, str) or code not in fact.choices for code in value):
            raise _UnfitError(_one_of(fact))
        return frozenset(value)
    if fact.type == "date":
        return _date(value, may_lie_ahead="term_end" in fact.key, on=on)
    if fact.type == "money_list":
        if not isinstance(value, list | tuple):
            raise _UnfitError("应为金额列表（万元），没有则填空列表")
        if len(value) > MOST_LIST_ITEMS:
            raise _UnfitError(f"最多填 {MOST_LIST_ITEMS} 项")
        return tuple(_number(fact, item) for item in value)
    if fact.type == "item_list":
        if not isinstance(value, list | tuple):
            raise _UnfitError("应为逐项的列表，没有则填空列表")
        if len(value) > MOST_LIST_ITEMS:
            raise _UnfitError(f"最多填 {MOST_LIST_ITEMS} 项")
        return tuple(_item(fact, item, f"第 {n} 项", on) for n, item in enumerate(value, 1))
    return _number(fact, value)


_OF_ITEMS = ("amount", "kind", "date")


def _item(fact: Fact, value: Any, which: str, on: date) -> Item:
    """`{"amount": 12, "kind": "complete", "date": "2026-03-01"}`; the day may be left out."""
    if isinstance(value, Item):
        return value
    if not isinstance(value, Mapping) or not set(value) <= set(_OF_ITEMS):
        raise _UnfitError(f"{which}：应写 {'、'.join(_OF_ITEMS)}（金额、种类、日期）")
    kind, day = value.get("kind"), value.get("date")
    try:
        if value.get("amount") is None:
            raise _UnfitError("应写金额（万元）")
        if fact.choices and (not isinstance(kind, str) or kind not in fact.choices):
            raise _UnfitError("种类" + _one_of(fact))
        if kind is not None and not fact.choices:
            raise _UnfitError("不分种类")
        day = None if day is None else _date(day, may_lie_ahead=False, on=on)
        return Item(Decimal(_number(fact, value["amount"])), kind, day)
    except _UnfitError as unfit:
        raise _UnfitError(f"{which}：{unfit}") from unfit


def _one_of(fact: Fact) -> str:
    shown = [f"{code}（{label}）" for code, label in list(fact.choices.items())[:12]]
    rest = "等" if len(fact.choices) > 12 else ""
    return "应为下列代码之一：" + "、".join(shown) + rest


def _date(value: Any, *, may_lie_ahead: bool, on: date) -> date:
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise _UnfitError("应为日期，如 2024-06-30")
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise _UnfitError("没有这一天，请核对日期，如 2024-06-30") from error
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _UnfitError("应为日期，如 2024-06-30")
    if value < EARLIEST_DATE or value.year > on.year + 100:
        raise _UnfitError("年份不合常理，请核对")
    if value > on and not may_lie_ahead:
        raise _UnfitError(f"不能晚于测算日期 {on}")
    return value


def _number(fact: Fact, value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _UnfitError("应为数字")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise _UnfitError("应为数字") from error
    if not number.is_finite():
        raise _UnfitError("应为数字")
    low, high = range_of(fact)
    if low is not None and number < low:
        raise _UnfitError(f"不能小于 {_limit_in_words(fact, low)}")
    if number > high:
        raise _UnfitError(f"不能大于 {_limit_in_words(fact, high)}，请核对单位")
    if fact.type == "int":
        if number != number.to_integral_value():
            raise _UnfitError("应为整数")
        return int(number)
    places = -int(number.normalize().as_tuple().exponent)
    most = fact.decimals if fact.decimals is not None else 6
    if places > most:
        raise _UnfitError(f"小数最多 {most} 位")
    return number


def range_of(fact: Fact) -> tuple[Decimal | None, Decimal]:
    """The least and the most that a firm may answer to a number; both inclusive."""
    low, high = fact.minimum, fact.maximum
    if fact.type == "ratio":
        return low if low is not None else Decimal(0), high if high is not None else Decimal(1)
    if high is None:
        high = LARGEST_NUMBER
    if low is None:
        low = -LARGEST_NUMBER if fact.key.startswith("net_profit.") else Decimal(0)
    return low, high


def _limit_in_words(fact: Fact, limit: Decimal) -> str:
    """As the limit is typed: a share in percent."""
    if fact.type == "ratio":
        return f"{plain(limit * 100)}%"
    return f"{plain(limit)} {fact.unit or ''}".strip()


def contradictions(answers: Mapping[str, Any], on: date) -> list[Problem]:
    """Answers that cannot both be true: city and county, section and division, years ahead."""
    problems = []
    city, county = answers.get("enterprise.city"), answers.get("enterprise.county")
    if city and county and county[:4] + "00" != city:
        problems.append(Problem("enterprise.city", city, "与所填的县（市、区）不一致"))
    section, division = answers.get("industry.section"), answers.get("industry.division")
    if section and division and SECTION_OF[division] != section:
        problems.append(
            Problem("industry.division", division, f"不属于所填的行业门类 {section}，请核对")
        )
    kind = answers.get("industry.real_estate_kind")
    outside = (section and section != "K") or (division and division != "70")
    if kind and outside:
        problems.append(
            Problem("industry.real_estate_kind", kind, "只有房地产业（门类 K）才填此项")
        )
    for key in (
        "stat.first_upgrade_year",
        "project.filing_year",
        "reform.completed_year",
        "library.listing_reserve_year",
    ):
        year = answers.get(key)
        if year is not None and not 1949 <= year <= on.year:
            problems.append(Problem(key, year, f"应为 1949 至 {on.year} 之间的年份"))
    tenants, small = answers.get("base.tenants"), answers.get("base.small_micro_tenants")
    if tenants is not None and small is not None and small > tenants:
        problems.append(Problem("base.small_micro_tenants", small, "不能多于入驻企业户数"))
    return problems


def questionable(answers: Mapping[str, Any], facts: Mapping[str, Fact]) -> list[Problem]:
    """The improbable, to be confirmed and not refused."""
    found = []
    for key, value in answers.items():
        fact = facts.get(key)
        if fact is None:
            continue
        amounts = value if fact.type in LISTS else (value,)
        if fact.type == "item_list":
            amounts = tuple(item.amount for item in value)
        if fact.unit == "万元" and any(abs(item) >= IMPROBABLE_AMOUNT for item in amounts):
            largest = max(amounts, key=abs)
            found.append(
                Problem(key, value, f"即人民币{amount_in_words(largest)}，请确认单位是万元而不是元")
            )
        elif key == "enterprise.employees" and value >= IMPROBABLE_EMPLOYEES:
            found.append(Problem(key, value, "从业人员超过 2 万人，请确认"))
    return found


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def amount_in_words(amount: Decimal) -> str:
    """An amount of 万元 in Chinese financial numerals: 2000 -> 贰仟万元.

    Fractions below 0.0001 万元 (1 元) are shown as 角 and 分.
    """
    cents = int((abs(Decimal(amount)) * 1_000_000).to_integral_value())
    yuan, rest = divmod(cents, 100)
    sign = "负" if amount < 0 else ""
    words = f"{_integer_in_words(yuan)}元" if yuan or not rest else ""
    tenths, hundredths = divmod(rest, 10)
    if tenths:
        words += f"{_DIGITS[tenths]}角"
    if hundredths:
        words += f"{_DIGITS[hundredths]}分"
    return sign + words


def _integer_in_words(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group == 0:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += _DIGITS[0]
        words += _group_in_words(group) + _GROUPS[index]
        gap = False
    return words


def _group_in_words(group: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words
