"""A typed number in the unit that its field asks for."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from portal.typed.numerals import NOT_A_NUMBER, SIGNS, numeral
from portal.typed.signs import UnreadError, folded, shown

OTHER_UNIT = "{typed}是以“{found}”为单位的数，这里要填的单位是“{unit}”，请核对"
STRANGE = "{typed}里的“{found}”看不懂，请只填数字，如 2000 或 1999.99"
NO_UNIT = "{typed}里有单位“{found}”，这里只填数字"
INEXACT = "{typed}换算成“{unit}”除不尽，请直接填“{unit}”的数"
WHOSE_UNIT = "{typed}是 {number} {base}还是 {number} {unit}？请写明单位"
NOT_WHOLE = "{typed}不是整数，这里要填整数"
SMALL_SHARE = "{typed}读作 {number}%；如果是 {other}%，请改成 {other}"

# By the unit of a field, what people write for it, and what measures the same.
_SIZES: Mapping[str, Mapping[str, Fraction]] = {
    unit: {spelling: Fraction(size) for spelling, size in spellings.items()}
    for unit, spellings in {
        "元": {"元": 1, "圆": 1, "元整": 1, "圆整": 1, "元人民币": 1},
        "人": {"人": 1, "名": 1, "位": 1, "个人": 1},
        "户": {"户": 1, "家": 1, "个": 1},
        "项": {"项": 1, "个": 1, "件": 1},
        "次": {"次": 1},
        "分": {"分": 1},
        "天": {"天": 1, "日": 1, "个工作日": 1, "工作日": 1},
        "岁": {"岁": 1, "周岁": 1},
        "年": {"年": 1, "个月": Fraction(1, 12)},
        "月": {"月": 1, "个月": 1, "年": 12},
        "㎡": {"㎡": 1, "平方米": 1, "平米": 1, "m2": 1, "m²": 1, "公顷": 10_000},
        "%": {"%": 1, "‰": Fraction(1, 10)},
    }.items()
}
_KNOWN = {spelling for spellings in _SIZES.values() for spelling in spellings}
_SCALES = {"万": 10**4, "亿": 10**8}
_TYPED = re.compile(rf"(?P<sign>[-+负]?)(?P<number>[{re.escape(SIGNS)} ]*)(?P<unit>.*)")
_NEEDLESS_SPACE = re.compile(r" (?=[^0-9.,])|(?<=[^0-9.,]) ")
_CURRENCY = re.compile("人民币|¥|RMB|CNY", re.IGNORECASE)
_SHARE = "百分之"


def read_quantity(text: str, unit: str = "") -> Decimal:
    """The number in `unit`, such as 万元, %, 人 or none; UnreadError asks what it may be.

    Another unit that measures the same is converted where that is exact.
    """
    typed, plain = shown(text), _NEEDLESS_SPACE.sub("", folded(text)).removesuffix(".")
    base, scale = _base_of(unit)
    plain, currency = _without_currency(plain) if base == "元" else (plain, "")
    if base == "%" and plain.startswith(_SHARE):
        plain = plain.removeprefix(_SHARE) + "%"
    sign, number, found = _TYPED.fullmatch(plain).groups()
    if not number:
        raise UnreadError(NOT_A_NUMBER.format(typed=typed))
    read = numeral(f"0{number}" if number.startswith(".") else number)
    value = -read.value if sign in ("-", "负") else read.value
    if found:
        spelt = re.search("[万亿]*$", number).group() + found
        value = value * _size(found, base, spelt, unit, typed) / scale
    elif read.is_large:
        value /= scale
    elif scale > 1 and value and (read.is_worded or currency):
        number = f"{_exact(value, unit, typed):f}"
        raise UnreadError(WHOSE_UNIT.format(typed=typed, number=number, base=base, unit=unit))
    return _exact(value, unit, typed)


def read_whole(text: str, unit: str = "") -> int:
    """A whole number in `unit`."""
    number = read_quantity(text, unit)
    if number != number.to_integral_value():
        raise UnreadError(NOT_WHOLE.format(typed=shown(text)))
    return int(number)


def doubt_of_share(text: str, percent: Decimal) -> str:
    """What to ask about less than one per cent without its sign: 0.03 may stand for 3%."""
    plain = folded(text)
    if not 0 < abs(percent) < 1 or not plain[-1].isdecimal() or plain.startswith(_SHARE):
        return ""
    number, other = f"{percent:f}", f"{(percent * 100).normalize():f}"
    return SMALL_SHARE.format(typed=shown(text), number=number, other=other)


def _base_of(unit: str) -> tuple[str, int]:
    """万元 as 元 and 10000."""
    scale = _SCALES.get(unit[:1], 1) if unit[1:] else 1
    return (unit[1:], scale) if scale > 1 else (unit, 1)


def _without_currency(plain: str) -> tuple[str, str]:
    found = _CURRENCY.match(plain)
    return (plain[found.end() :].lstrip(), found.group()) if found else (plain, "")


def _size(found: str, base: str, spelt: str, unit: str, typed: str) -> Fraction:
    """How much of the field's unit one of the typed unit is."""
    sizes = _SIZES.get(base, {base: Fraction(1)})
    if found in sizes:
        return sizes[found]
    if found not in _KNOWN:
        raise UnreadError(STRANGE.format(typed=typed, found=found))
    told = OTHER_UNIT if unit else NO_UNIT
    raise UnreadError(told.format(typed=typed, found=spelt, unit=unit))


def _exact(value: Fraction, unit: str, typed: str) -> Decimal:
    """The fraction as a decimal, whatever the context's precision is."""
    places = 0
    while (value * 10**places).denominator > 1:
        places += 1
        if places > 40:
            raise UnreadError(INEXACT.format(typed=typed, unit=unit))
    return Decimal(f"{int(value * 10**places)}e-{places}")
