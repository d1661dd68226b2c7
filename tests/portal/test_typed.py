"""What people type is understood or asked back, never bent: the table of examples, and properties."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.sheets.columns import CellError, read_amount
from portal.typed.days import read_day, read_year
from portal.typed.fields import DayField, QuantityField, WholeField, YearField
from portal.typed.quantities import doubt_of_share, read_quantity, read_whole
from portal.typed.signs import UnreadError
from portal.typed.words import plain_telephone, read_yes_no
from tests.generated import examples

NUMBERS = [
    # An amount in 万元.
    ("2000", "万元", "2000"),
    ("1999.99", "万元", "1999.99"),
    ("-5", "万元", "-5"),
    ("负 5", "万元", "-5"),
    (".5", "万元", "0.5"),
    ("2000。", "万元", "2000"),
    ("3。5", "万元", "3.5"),
    ("２０００．５", "万元", "2000.5"),
    ("\u200b2000", "万元", "2000"),
    ("1,234", "万元", "1234"),
    ("1，234，567.89", "万元", "1234567.89"),
    ("12 345", "万元", "12345"),
    ("2300万", "万元", "2300"),
    ("2300 万 元", "万元", "2300"),
    ("0.23亿", "万元", "2300"),
    ("23000000元", "万元", "2300"),
    ("¥23,000,000 元", "万元", "2300"),
    ("人民币两千三百万元整", "万元", "2300"),
    ("贰仟叁佰万元", "万元", "2300"),
    ("两千三百万", "万元", "2300"),
    ("3千万", "万元", "3000"),
    ("1亿2000万", "万元", "12000"),
    ("一亿零五百万", "万元", "10500"),
    ("一点五亿", "万元", "15000"),
    ("5元", "万元", "0.0005"),
    ("零", "万元", "0"),
    # Others.
    ("100", "人", "100"),
    ("一百二十名", "人", "120"),
    ("2万人", "人", "20000"),
    ("两千三百", "人", "2300"),
    ("30家", "户", "30"),
    ("300 平方米", "㎡", "300"),
    ("2公顷", "㎡", "20000"),
    ("36个月", "年", "3"),
    ("2年", "月", "24"),
    ("3", "%", "3"),
    ("3 %", "%", "3"),
    ("3％", "%", "3"),
    ("百分之三", "%", "3"),
    ("5‰", "%", "0.5"),
]
NO_NUMBERS = [
    ("1,5", "万元", "是 1.5 还是 15？"),
    ("12,34", "万元", "是 12.34 还是 1234？"),
    ("1，2345", "万元", "是 1.2345 还是 12345？"),
    ("0,5", "万元", "是 0.5 吗？"),
    ("0,123", "万元", "是 0.123 吗？"),
    ("1,2,3", "万元", "是 123 吗？"),
    ("1 5", "万元", "是 15 还是几个数？"),
    ("1,234 567", "万元", "还是几个数？"),
    ("2000%", "万元", "“2000%”是以“%”为单位的数，这里要填的单位是“万元”"),
    ("100万元", "人", "“100万元”是以“万元”为单位的数，这里要填的单位是“人”"),
    ("5人", "", "里有单位“人”，这里只填数字"),
    ("20个月", "年", "除不尽"),
    ("两千", "万元", "是 2000 元还是 2000 万元？"),
    ("¥2000", "万元", "是 2000 元还是 2000 万元？"),
    ("3千", "万元", "是 3000 元还是 3000 万元？"),
    ("一万五", "万元", "可能有几种意思"),
    ("1万5", "万元", "可能有几种意思"),
    ("两千三", "人", "看不懂"),
    ("1.5亿2000万", "万元", "看不懂"),
    ("约2000", "万元", "看不懂"),
    ("2000左右", "万元", "“左右”看不懂"),
    ("2000-3000", "万元", "“-3000”看不懂"),
    ("100美元", "万元", "“美元”看不懂"),
    ("1e5", "万元", "“e5”看不懂"),
    ("1_000", "万元", "“_000”看不懂"),
    ("5²", "万元", "“²”看不懂"),
    ("①", "万元", "看不懂"),
    ("٣", "万元", "看不懂"),
    ("\u202e123", "万元", "看不懂"),
    ("1.2.3", "万元", "看不懂"),
    ("--1", "万元", "看不懂"),
    ("NaN", "万元", "看不懂"),
    ("", "万元", "看不懂"),
    ("万元", "万元", "看不懂"),
    ("9" * 21, "万元", "数字太长"),
]
DAYS = [
    "2024-2-3", "2024-02-03", "2024/2/3", "2024.2.3", "2024。2。3", "2024年2月3日", "2024 年 2 月 3 日",
    "２０２４年２月３日", "２０２４－２－３", "2024年2月3号", "2024 2 3", "20240203", "二〇二四年二月三日",
]  # fmt: skip
NO_DAYS = [
    ("2024-02-30", "2024 年 2 月只有 29 天"),
    ("2024年13月1日", "没有 13 月"),
    ("20240230", "2024 年 2 月只有 29 天"),
    ("2024-2-0", "不是日期"),
    ("0000-01-01", "不是日期"),
    ("24-2-3", "年份只有两位，是 2024 年吗？"),
    ("98年5月1日", "是 1998 年吗？请写成 1998-05-01"),
    ("3/2/2024", "是 3 月 2 日 还是 2 月 3 日？"),
    ("13/2/2024", "请写成 2024-02-13"),
    ("2024年2月", "缺了月或日"),
    ("2024", "缺了月或日"),
    ("2024-2-3 10:00", "不是日期"),
    ("2024-2-3起", "不是日期"),
    ("46000", "不是日期"),
    ("明天", "不是日期"),
    ("٢٠٢٤-02-03", "不是日期"),
]


@pytest.mark.parametrize(("typed", "unit", "number"), NUMBERS)
def test_a_number_is_read_in_the_unit_of_its_field(typed, unit, number):
    assert read_quantity(typed, unit) == Decimal(number)


@pytest.mark.parametrize(("typed", "unit", "told"), NO_NUMBERS)
def test_what_may_mean_several_things_or_nothing_is_asked_back(typed, unit, told):
    with pytest.raises(UnreadError, match=re.escape(told)):
        read_quantity(typed, unit)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0.03", "读作 0.03%；如果是 3%，请改成 3"),
        ("0.5", "如果是 50%"),
        ("０．０３", "如果是 3%"),
        ("0.03%", ""),
        ("百分之零点五", ""),
        ("0", ""),
        ("3", ""),
    ],
)
def test_a_small_share_without_its_sign_is_asked_about(typed, told):
    asked = doubt_of_share(typed, read_quantity(typed, "%"))
    assert told in asked if told else asked == ""


def test_a_whole_number_has_no_fraction():
    assert read_whole("12.0人", "人") == 12
    with pytest.raises(UnreadError, match="不是整数"):
        read_whole("12.5", "人")


@pytest.mark.parametrize("typed", DAYS)
def test_a_day_is_read_as_people_write_it(typed):
    assert read_day(typed) == date(2024, 2, 3)


@pytest.mark.parametrize(("typed", "told"), NO_DAYS)
def test_what_is_no_day_or_may_be_two_is_asked_back(typed, told):
    with pytest.raises(UnreadError, match=re.escape(told)):
        read_day(typed)


def test_days_in_chinese_numerals_go_over_ten():
    assert read_day("二〇二四年十二月三十一日") == date(2024, 12, 31)


@pytest.mark.parametrize(
    "typed", ["2024", "2024年", "２０２４年度", "二〇二四", "二零二四年", " 2024 "]
)
def test_a_year_is_read(typed):
    assert read_year(typed) == 2024


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("24", "是 2024 年吗？"),
        ("98年", "是 1998 年吗？"),
        ("2,024", "不是年份"),
        ("20245", "不是年份"),
        ("2024-2", "不是年份"),
        ("去年", "不是年份"),
    ],
)
def test_what_is_no_year_is_asked_back(typed, told):
    with pytest.raises(UnreadError, match=re.escape(told)):
        read_year(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("是", True),
        ("ＹＥＳ", True),
        (" 有 ", True),
        ("否", False),
        ("没有", False),
        ("也许", None),
    ],
)
def test_yes_and_no(typed, said):
    assert read_yes_no(typed) is said


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("\u202d13800138000\u202c", "13800138000"),
        ("(0356)7098132", "0356-7098132"),
        ("０３５６－７０９８１３２", "0356-7098132"),
        ("0356 7098132 转 8", "0356-7098132-8"),
        ("03567098132", "0356-7098132"),
        ("7098132", "7098132"),
        ("138001380001", "138001380001"),
        ("打 13800138000", "打 13800138000"),
    ],
)
def test_a_telephone_is_kept_in_one_spelling_or_left_to_be_refused(typed, kept):
    assert plain_telephone(typed) == kept


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (QuantityField(unit="万元"), "2300万", Decimal(2300)),
        (WholeField(unit="天"), "10个工作日", 10),
        (YearField(), "2026年", 2026),
        (DayField(), "2026年11月20日", date(2026, 11, 20)),
    ],
)
def test_fields_of_forms_read_alike_and_send_what_was_typed(field, typed, value):
    assert field.clean(typed) == value
    assert field.widget.input_type == "text"


@pytest.mark.parametrize(
    ("text", "told"),
    [("0,123", "0.123"), ("1,2", "1.2 还是 12"), ("30人", "以“人”为单位"), ("", "看不懂")],
)
def test_cells_of_sheets_are_read_as_strictly(text, told):
    with pytest.raises(CellError, match=re.escape(told)):
        read_amount(text)


UNITS = st.sampled_from(["万元", "人", "户", "月", "㎡", "%", "分", ""])
AMOUNTS = st.decimals(-(10**8), 10**8, places=6, allow_nan=False, allow_infinity=False)
# Signs that numbers and days are made of, and some that look so.
LIKELY = st.text(
    st.sampled_from("0123456789.,，。-－ 万亿元千百十两三五零年月日%％人个/²①٣eE_"), max_size=10
)


def as_shown(number):
    return f"{number.normalize():f}"


@settings(max_examples=examples(200))
@given(AMOUNTS, UNITS)
def test_a_number_shown_again_reads_the_same(number, unit):
    assert read_quantity(as_shown(number), unit) == number
    assert read_quantity(f"{number:,f}", unit) == number
    assert (
        read_quantity(as_shown(number).translate({ord("."): "．", ord("-"): "－"}), unit) == number
    )


@settings(max_examples=examples(400))
@given(LIKELY, UNITS)
def test_whatever_is_read_shows_every_figure_that_was_typed(typed, unit):
    """Nothing is read that holds an unread sign: no figure is lost, none is made up."""
    try:
        number = read_quantity(typed, unit)
    except UnreadError:
        return
    assert read_quantity(as_shown(number), unit) == number
    assert not set("²①٣eE_/") & set(typed)
    plain = unicodedata.normalize("NFKC", typed).replace("。", ".")
    # Without words and units it is what a program reads, with commas before three figures only.
    assume(not set(plain) - set("0123456789.,- "))
    digits = re.sub("[ ,](?=[0-9]{3}(?![0-9]))", "", plain.strip()).rstrip(". ")
    assert Decimal(re.sub("[ ]", "", digits)) == number


@settings(max_examples=examples(200))
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_day_shown_again_reads_the_same(day):
    parts = day.year, day.month, day.day
    for form in ("{}-{}-{}", "{}/{:02}/{:02}", "{}年{}月{}日", "{}{:02}{:02}", "{} . {} . {}"):
        assert read_day(form.format(*parts)) == day


@settings(max_examples=examples(400))
@given(LIKELY)
def test_no_day_is_read_of_other_figures_than_were_typed(typed):
    try:
        day = read_day(typed)
    except UnreadError:
        return
    figures = [int(part) for part in re.findall("[0-9]+", typed)]
    assert figures in ([day.year, day.month, day.day], [int(f"{day:%Y%m%d}")])
