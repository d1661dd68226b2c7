"""Questions taken apart, and an index that answers whatever is typed; no database."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.search.index import Index, Place, Subject
from policies.search.question import read_question
from policies.search.sounds import readings_of
from policies.search.spelling import distance

PROVINCE, CITY, COUNTY, OTHER = "140000", "140500", "140521", "140522"
PLACES = {
    PROVINCE: Place("山西省", frozenset({PROVINCE}), "province"),
    CITY: Place("晋城市", frozenset({PROVINCE, CITY}), "city"),
    COUNTY: Place("沁水县", frozenset({PROVINCE, CITY, COUNTY}), "county"),
    OTHER: Place("阳城县", frozenset({PROVINCE, CITY, OTHER}), "county"),
}
INDEX = Index(
    [
        Subject("a-1", "小升规奖励", "小升规", "首次升规给30万元", "工业企业 晋市政办〔2021〕35号", CITY,
                frozenset({(COUNTY, Decimal(30), True), (OTHER, Decimal(20), True)}),
                frozenset({COUNTY, OTHER}), ("晋市政办〔2021〕35号",)),
        Subject("b-2", "企业上市奖励", "上市", "在主板上市的", "股份公司", CITY,
                frozenset({(CITY, Decimal(30), True)})),
        Subject("c-3", "阳城融资服务", "服务", "完善融资体系", "", OTHER),
    ],
    {"升规": ["小升规"], "借钱": ["融资"], "ipo": ["上市"]},
    PLACES,
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("30万", "30"), ("30 万元", "30"), ("三十万", "30"), ("３０万", "30"), ("30w", "30"),
        ("30wan", "30"), ("1,000万元", "1000"), ("1亿", "10000"), ("1020元", "0.102"), ("两千万", "2000"),
    ],
)  # fmt: skip
def test_a_sum_is_read_however_it_is_written(typed, amount):
    assert read_question(f"沁水 {typed}").amounts == (Decimal(amount),)


@pytest.mark.parametrize("typed", ["万荣", "500强", "100", "0万", "万万元"])
def test_what_is_no_sum_is_none(typed):
    assert read_question(typed).amounts == ()


@pytest.mark.parametrize(
    "typed", ["晋市政办〔2021〕35号", "晋市政办[2021]35", "（2021）35号文", "2021年35号", "2021年第35号文件"]
)  # fmt: skip
def test_a_number_of_a_document_is_read_however_it_is_written(typed):
    assert read_question(typed).documents == (("2021", "35"),)
    assert [hit.key for hit in INDEX.ask(typed).hits] == ["a-1"]


def test_of_the_same_sum_the_countys_own_comes_first_and_another_countys_not_at_all():
    assert [hit.key for hit in INDEX.ask("沁水 30万").hits] == ["a-1", "b-2"]
    assert [hit.key for hit in INDEX.ask("阳城 30万").hits] == ["b-2"]
    assert INDEX.ask("沁水 30万").place == COUNTY
    assert [hit.key for hit in INDEX.ask("30万", COUNTY).hits] == ["a-1", "b-2"]


def test_a_programme_of_another_county_is_not_found_for_this_one():
    assert [hit.key for hit in INDEX.ask("融资").hits] == ["c-3"]
    assert not INDEX.ask("沁水 融资").hits
    assert [hit.key for hit in INDEX.ask("沁水 融资").near] == ["c-3"]


@pytest.mark.parametrize(
    "typed",
    ["xiao sheng gui", "xiao shenggui", "qin shui xiao sheng gui", "yang cheng 小升规", "Xiao Sheng Gui jiang li"],
)  # fmt: skip
def test_pinyin_is_read_with_blanks_between_its_syllables(typed):
    assert next(hit.key for hit in INDEX.ask(typed).hits) == "a-1"


def test_the_nearest_have_more_of_the_question_than_a_general_word():
    assert [hit.key for hit in INDEX.ask("企业火星移民").near] == []
    assert [hit.key for hit in INDEX.ask("火星移民 上市").near] == ["b-2"]


def test_the_words_that_were_found_are_told_with_what_was_typed():
    [hit] = INDEX.ask("借钱").hits
    assert hit.words == ("融资（借钱）",)
    assert INDEX.ask("shangshi").hits[0].words == ("上市",)


def test_letters_are_cut_into_syllables_in_each_way():
    assert set(readings_of("xian")) >= {("xian",), ("xi", "an")}
    assert readings_of("qqq") == []
    assert readings_of("zhuangjing")[0] == ("zuan", "jin")


@pytest.mark.parametrize(
    ("first", "second", "far"), [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ac", 1), ("abc", "xyz", 2)]
)  # fmt: skip
def test_slips_are_counted(first, second, far):
    assert min(distance(first, second, 1), 2) == far


@given(st.text(max_size=100))
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_is_answered(typed):
    answer = INDEX.ask(typed)
    for hit in (*answer.hits, *answer.near):
        assert hit.key in {"a-1", "b-2", "c-3"}
        assert all(hit.words)


def test_nothing_to_search_finds_nothing():
    assert not Index([], {}, {}).ask("小升规").hits
