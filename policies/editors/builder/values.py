"""Numbers and choices as an editor types them, and as a rule writes them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from policies.editors.builder.vocabulary import Named, chosen
from policies.rules.facts import plain
from policies.rules.tree import SHARE
from portal.typed.days import read_year
from portal.typed.quantities import read_quantity, read_whole
from portal.typed.signs import UnreadError, folded
from portal.typed.words import read_yes_no

PERCENT = "%"
# Fewer choices are all shown; of more, the words are typed and completed.
MOST_SHOWN = 13
# Operators that take whole numbers, and their units.
WHOLE_NUMBERS = {"is_year": "", "full_years": "年", "full_months": "月", "remaining_years": "年"}
# What a form says where nothing that a firm answers is enough: an empty list of a rule.
NOBODY, NOBODY_SAYS = "-", "都不算（由主管部门认定）"
SHARE_SAYS = "“{text}”是 {text}% 还是 {other}%？请写上百分号"
NO_VALUE, NO_CHOICE, WHICH = "请填值", "“{text}”不在选项中", "“{text}”可能是：{found}，请写全"
YES_OR_NO = "请填“是”或“否”"


def shown_number(value: Any, unit: str = "") -> str:
    """A number of JSON as its box holds it; a share in percent. Other things as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    number = Decimal(str(value))
    return f"{plain(number * 100)}%" if unit == PERCENT else plain(number)


def read_number(text: str, unit: str = "", *, is_whole: bool = False) -> int | float:
    """The number in its unit, a share of 0 to 1 for percent. Raises UnreadError."""
    if unit == PERCENT:
        return _as_json(_share(text))
    return _as_json(Decimal(read_whole(text, unit)) if is_whole else read_quantity(text, unit))


def _share(text: str) -> Decimal:
    if folded(text).endswith(PERCENT) or folded(text).startswith("百分之"):
        return read_quantity(text, PERCENT) / 100
    number = read_quantity(text)
    if number:
        raise UnreadError(SHARE_SAYS.format(text=text.strip(), other=plain(number * 100)))
    return number


def _as_json(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


# --- the values that a leaf holds its fact against ----------------------------------------


def unit_of(named: Named | None, operator: str) -> str:
    if operator in WHOLE_NUMBERS:
        return WHOLE_NUMBERS[operator]
    return unit_named(named)


def unit_named(named: Named | None) -> str:
    """The unit of a fact or a formula, % for a share; empty where it has none."""
    if named is None:
        return ""
    return PERCENT if named.type == "ratio" or named.unit == SHARE else named.unit


def shown_value(named: Named | None, operator: str, value: Any) -> str:
    """A value as its box holds it: a code where choices are shown, words where they are typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if named and named.choices:
        is_typed = len(named.choices) > MOST_SHOWN
        return named.choices.get(str(value), str(value)) if is_typed else str(value)
    return shown_number(value, unit_of(named, operator))


def read_value(named: Named | None, operator: str, text: str) -> Any:
    """One value of a fact. Raises UnreadError."""
    if named and named.type == "bool":
        said = {"true": True, "false": False}.get(text, read_yes_no(text))
        if said is None:
            raise UnreadError(YES_OR_NO)
        return said
    if named and named.choices:
        return read_choice(text, named.choices)
    if operator in WHOLE_NUMBERS:
        return read_whole(text, WHOLE_NUMBERS[operator])
    if named and named.type == "int" and named.unit == "年" and not _counts_years(named):
        return read_year(text)
    return read_number(text, unit_of(named, operator))


def _counts_years(named: Named) -> bool:
    """Whether it is a number of years, not a year of the calendar: none that is asked is."""
    return named.section == "推算"


def read_choice(text: str, choices: Mapping[str, str]) -> str:
    found = chosen(text, choices)
    if len(found) == 1:
        return found[0]
    if found:
        several = "、".join(choices[code] for code in found[:6])
        raise UnreadError(WHICH.format(text=text.strip(), found=several))
    few = f"，应为：{'；'.join(choices.values())}" if len(choices) <= MOST_SHOWN else ""
    raise UnreadError(NO_CHOICE.format(text=text.strip()[:40]) + few)


def items_of(texts: list[str]) -> list[str]:
    """Each value of boxes that were ticked, or of a text with a mark between them."""
    return [item.strip() for text in texts for item in re.split(r"[；;\n]+", text) if item.strip()]
