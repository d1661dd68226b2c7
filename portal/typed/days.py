"""Days and years as people type them."""

import re
from calendar import monthrange
from datetime import date

from portal.typed.numerals import SIGNS, numeral, positional
from portal.typed.signs import UnreadError, folded, shown

NO_DAY = "{typed}不是日期，请写成 2026-11-20 这样"
NO_SUCH_DAY = "{typed}不是日期：{year} 年 {month} 月只有 {last} 天"
NO_SUCH_MONTH = "{typed}不是日期：没有 {month} 月"
LACKS_DAY = "{typed}缺了月或日，请写成 2026-11-20 这样"
WHICH_DAY = "{typed}是 {readings}？请写成 {day} 这样"
SHORT_YEAR = "{typed}的年份只有两位，是 {year} 年吗？请写成 {day} 这样"
YEAR_LAST = "{typed}的年份写在最后，请写成 {day} 这样"
NO_YEAR = "{typed}不是年份，请填四位数的年份，如 2026"
WHICH_YEAR = "{typed}是 {year} 年吗？请填四位数的年份"
_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_PARTS = re.compile(r"(\d{1,4})[-/.年 ](\d{1,2})[-/.月 ](\d{1,4})日?", re.ASCII)
_NO_DAY_IN_IT = re.compile(r"\d{4}(?:[-/.年](?:\d{1,2}月?)?)?", re.ASCII)
_NUMERALS = re.compile(f"[{''.join(sorted(set(SIGNS) - set('0123456789.,点')))}]+")


def read_day(text: str) -> date:
    """A day: 2024-2-3, 2024/2/3, 2024.2.3, 2024年2月3日, 20240203, 二〇二四年二月三日."""
    typed, plain = shown(text), re.sub(r"(?<![0-9]) | (?![0-9])", "", folded(text))
    plain = re.sub("[号號]$", "日", plain)
    if "年" in plain:
        plain = _NUMERALS.sub(_figures, plain)
    if found := _RUN.fullmatch(plain):
        return _day(*map(int, found.groups()), typed)
    found = _PARTS.fullmatch(plain)
    if found is None:
        told = LACKS_DAY if _NO_DAY_IN_IT.fullmatch(plain) else NO_DAY
        raise UnreadError(told.format(typed=typed))
    first, second, third = found.groups()
    if len(first) == 4 and len(third) <= 2:
        return _day(int(first), int(second), int(third), typed)
    raise UnreadError(_asked(first, int(second), third, typed))


def read_year(text: str) -> int:
    """A year of four digits; two are asked back."""
    typed, plain = shown(text), folded(text).replace(" ", "").removesuffix(".")
    plain = positional(re.sub("年(?:度|份)?$", "", plain))
    if re.fullmatch("[0-9]{4}", plain):
        return int(plain)
    if re.fullmatch("[0-9]{2}", plain):
        raise UnreadError(WHICH_YEAR.format(typed=typed, year=_full(plain)))
    raise UnreadError(NO_YEAR.format(typed=typed))


def _figures(found: re.Match[str]) -> str:
    """二〇二四 as 2024, 十二 as 12; what is no numeral as it is."""
    text = found.group()
    if (figures := positional(text)) != text:
        return figures
    try:
        return str(numeral(text).value)
    except UnreadError:
        return text


def _asked(first: str, second: int, third: str, typed: str) -> str:
    """What a day may be whose year has two digits or stands last."""
    if len(third) == 4 and len(first) <= 2:
        told, orders = YEAR_LAST, ((third, first, second), (third, second, first))
    else:
        told, orders = SHORT_YEAR, ((_full(first), second, third),) if len(first) == 2 else ()
    days = []
    for parts in orders:
        try:
            days.append(_day(*map(int, parts), typed))
        except UnreadError:
            continue
    if not days:
        return NO_DAY.format(typed=typed)
    readings = " 还是 ".join(f"{day.month} 月 {day.day} 日" for day in dict.fromkeys(days))
    told = WHICH_DAY if "还是" in readings else told
    return told.format(typed=typed, readings=readings, year=days[0].year, day=days[0])


def _full(year: str) -> str:
    """The year that two digits most likely stand for, to be asked."""
    return f"20{year}" if year < "50" else f"19{year}"


def _day(year: int, month: int, day: int, typed: str) -> date:
    if not 1 <= month <= 12:
        raise UnreadError(NO_SUCH_MONTH.format(typed=typed, month=month))
    if year < 1 or day < 1:
        raise UnreadError(NO_DAY.format(typed=typed))
    if day > (last := monthrange(year, month)[1]):
        raise UnreadError(NO_SUCH_DAY.format(typed=typed, year=year, month=month, last=last))
    return date(year, month, day)
