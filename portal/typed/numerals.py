"""Numbers as they are written: digits in groups of three, Chinese numerals, and both mixed."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from portal.typed.signs import UnreadError, shown

NOT_A_NUMBER = "{typed}看不懂，请填数字，如 2000 或 1999.99"
TOO_LONG = "数字太长，最多 {most} 位，请核对"
WHICH = "{typed}是 {readings}？请写清楚，不要用逗号和空格"
SEVERAL = "{typed}是 {reading} 还是几个数？请写清楚，不要用逗号和空格"
UNSURE = "{typed}可能有几种意思，请全部写成数字"
MOST_DIGITS = 20
_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_SEPARATED = re.compile(r"-?[0-9]+([, ][0-9]+)+(\.[0-9]+)?")

_PLAIN = str.maketrans("〇两壹贰叁肆伍陆柒捌玖拾佰仟", "零二一二三四五六七八九十百千")
_FIGURES = "零一二三四五六七八九"
_PLACES = {"千": 1000, "百": 100, "十": 10}
_GROUPS = {"亿": 10**8, "万": 10**4}
# Every sign of which a number may consist.
SIGNS = "0123456789.,零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖十拾百佰千仟万亿点"


@dataclass(frozen=True)
class Numeral:
    """A number; `is_large` where it says 万 or 亿, `is_worded` where it holds any Chinese sign."""

    value: Fraction
    is_large: bool = False
    is_worded: bool = False


def plain_number(text: str) -> Decimal:
    """Digits with a point, and commas only where they separate thousands."""
    if _GROUPED.fullmatch(text):
        digits = text.replace(",", "")
    elif _DIGITS.fullmatch(text):
        digits = text
    else:
        raise UnreadError(_question(text))
    if sum(sign.isdecimal() for sign in digits) > MOST_DIGITS:
        raise UnreadError(TOO_LONG.format(most=MOST_DIGITS))
    return Decimal(digits)


def _question(text: str) -> str:
    if len(text) > MOST_DIGITS or not _SEPARATED.fullmatch(text):
        return NOT_A_NUMBER.format(typed=shown(text))
    joined = re.sub("[, ]", "", text)
    if " " in text:
        return SEVERAL.format(typed=shown(text), reading=joined)
    readings = [] if re.match("-?0[0-9]", joined) else [joined]
    if text.count(",") == 1 and "." not in text:
        readings.insert(0, text.replace(",", "."))
    asked = " 还是 ".join(readings) if readings[1:] else f"{''.join(readings) or '多少'} 吗"
    return WHICH.format(typed=shown(text), readings=asked)


def numeral(text: str) -> Numeral:
    """The number that a text without sign and unit is: 1,999.5, 2300万, 两千三百万, 1亿2000万."""
    if not set(text) - set("0123456789., "):
        return Numeral(Fraction(plain_number(_spaced(text))))
    plain = text.translate(_PLAIN)
    terms, rest = [], plain
    for sign, size in _GROUPS.items():
        head, found, tail = rest.partition(sign)
        if found:
            terms.append((head, size))
            rest = tail
    is_large = bool(terms)
    if rest:
        terms.append((rest, 1))
    total, above = Fraction(0), 0
    for digits, size in terms:
        value = _term(digits, above, size, text)
        if len(terms) > 1 and (value.denominator > 1 or not 0 < value < 10**4):
            raise _not_a_number(text)
        total += value * size
        above = size
    return Numeral(total, is_large=is_large, is_worded=True)


def _term(digits: str, above: int, size: int, text: str) -> Fraction:
    """A group before 亿 or 万 or at the end; `above` is the size of the group before it."""
    after_gap = above and digits.startswith("零")
    digits = digits[1:] if after_gap else digits
    if not digits:
        raise _not_a_number(text)
    value = _small(digits, text)
    # 一万五 is 15000 to who says it, 10005 to who reads it.
    is_short = size == 1 and value < 1000 and not set(digits) & set("百千")
    if above and is_short and not after_gap:
        raise UnreadError(UNSURE.format(typed=shown(text)))
    return value


def _small(digits: str, text: str) -> Fraction:
    if digits[:1].isascii():
        place = _PLACES.get(digits[-1:], 1)
        number = plain_number(digits[:-1] if place > 1 else digits)
        return Fraction(number) * place
    whole, point, decimals = digits.partition("点")
    value = _below_ten_thousand(whole, text)
    if not point:
        return value
    if not decimals or set(decimals) - set(_FIGURES):
        raise _not_a_number(text)
    figures = "".join(str(_FIGURES.index(each)) for each in decimals)
    return value + Fraction(Decimal(f"0.{figures}"))


def _below_ten_thousand(digits: str, text: str) -> Fraction:
    """Chinese numerals as a schoolbook writes them; 两千三 and the like may mean two things."""
    number, figure = 0, None
    for sign in digits:
        if sign in _PLACES:
            number += (1 if figure is None else figure) * _PLACES[sign]
            figure = None
        elif sign in _FIGURES:
            figure = _FIGURES.index(sign)
        else:
            raise _not_a_number(text)
    number += figure or 0
    full = _in_numerals(number)
    if digits not in (full, full.removeprefix("一") if 10 <= number < 20 else full):
        raise _not_a_number(text)
    return Fraction(number)


def _in_numerals(number: int) -> str:
    words, is_gap = "", False
    for sign, size in {**_PLACES, "": 1}.items():
        figure = number // size % 10
        if figure:
            words += ("零" if is_gap and words else "") + _FIGURES[figure] + sign
        is_gap = not figure
    return words or "零"


def positional(text: str) -> str:
    """二〇二四 as 2024; any other text as it is."""
    plain = text.translate(_PLAIN)
    if plain and not set(plain) - set(_FIGURES):
        return "".join(str(_FIGURES.index(sign)) for sign in plain)
    return text


def _spaced(text: str) -> str:
    """With commas for spaces that separate thousands, as GB/T 15835 writes them."""
    is_grouped = re.fullmatch(r"[1-9][0-9]{0,2}( [0-9]{3})+(\.[0-9]+)?", text)
    return text.replace(" ", ",") if is_grouped else text


def _not_a_number(text: str) -> UnreadError:
    return UnreadError(NOT_A_NUMBER.format(typed=shown(text)))
