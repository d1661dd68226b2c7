"""What the packs print is what the documents print: labels, materials, offices, points to judge."""

from datetime import date

import pytest

from policies.rules.answers import parse_answers
from policies.rules.assessment import assess_edition
from policies.rules.firm import Firm
from tests.policies.packs import FIXTURES, catalogue, editions, facts

ON = date(2026, 11, 20)
ZONE = "140599"


def pack_of(programme):
    return next(each for each in catalogue().programmes if each.row["id"] == programme)


def content_of(programme):
    [(_, content)] = pack_of(programme).editions
    return content


def assessed(programme, **answers):
    edition = next(each for each in editions() if each.programme == programme)
    return assess_edition(edition, Firm(parse_answers(answers, facts(), ON), ON))


def test_money_is_called_paid_once_only_where_its_document_says_so():
    called = {
        (each.programme, award.level, award.payer)
        for each in editions()
        for award in each.awards
        if any("一次性" in tranche.title for tranche in award.tranches)
    }
    jincheng = {
        ("jc-xsg-field", "city"), ("jc-zjtx-city", "city"), ("jc-zjtx-giant-prov", "city"),
        ("jc-zjtx-giant-nat", "city"), ("jc-proj-out", "city"), ("jc-share", "province"),
        ("jc-share", "county"),
    }  # fmt: skip
    yuncheng = {
        "yun-tsme-1", "yun-zjtx", "yun-base", "yun-plat", "yun-hte", "yun-hte-3", "yun-lead",
        "yun-tc", "yun-tc-a", "yun-smart", "yun-nrd", "yun-ipo", "yun-neeq", "yun-transfer",
        "yun-jxb",
    }  # fmt: skip
    payers = {"city": "140500", "province": "140000", "county": "140521"}
    assert called == {(name, level, payers[level]) for name, level in jincheng} | {
        (name, "city", "140800") for name in yuncheng
    }


@pytest.mark.parametrize("words", ["已并入主板", "乱收费"])
def test_nothing_is_said_that_no_document_says(words):
    for path in FIXTURES.rglob("*.yaml"):
        assert words not in path.read_text(encoding="utf-8"), path.name


def test_the_papers_of_a_share_reform_cover_the_years_that_are_printed():
    notes = {row["name"]: row.get("note", "") for row in content_of("jc-share")["materials"]}
    assert "股改前两个年度和股改当年年度" in notes["财务报表"]
    assert "股改前一年度、股改当年度和股改时" in notes["审计报告"]
    assert "服务协议和付款凭证" in notes["审计报告"]
    assert "股改前两个年度和股改当年年度" in notes["纳税申报表和完税凭证"]
    assert "评估服务协议和付款凭证" in notes["评估报告或验资报告"]


@pytest.mark.parametrize(
    ("programme", "offices"),
    [
        ("jc-xsg-lib", ["市统计局", "市税务局"]),
        ("jc-xsg-svc", ["市统计局", "市税务局"]),
        ("jc-zjtx-loan", ["中国人民银行晋城市中心支行", "晋城银保监分局"]),
        ("jc-zjtx-credit", ["中国人民银行晋城市中心支行"]),
    ],
)
def test_every_office_that_answers_for_it_is_named(programme, offices):
    [office] = [
        each["office"]
        for each in pack_of(programme).contacts
        if each["jurisdiction_id"] == "140500"
    ]
    assert set(offices) <= set(office.split("、"))


def test_the_county_also_asks_by_letter_before_it_recommends():
    steps = content_of("jc-zjtx-city")["steps"]
    assert any("函询" in step["text"] for step in steps if step["level"] == "county")


def test_what_a_base_is_given_points_for_is_said():
    told = "".join(content_of("jc-base-city")["notices"])
    assert all(words in told for words in ("加分项", "创客中国", "智慧型", "放宽"))
    named = {row["name"] for each in ("prov", "prov-demo", "nat-demo")
             for row in content_of(f"jc-base-{each}")["materials"]}  # fmt: skip
    assert all("认定" in name for name in named)


@pytest.mark.parametrize("tier", ["city", "prov", "prov-demo", "nat-demo"])
def test_who_runs_no_base_is_told_of_no_money_for_one(tier):
    result = assessed(
        f"jc-base-{tier}", **{"enterprise.county": "140522", "base.is_operator": False}
    )
    assert result["verdict"] == "not_eligible"
    assert result["awards"] == {}


@pytest.mark.parametrize(
    ("programme", "point"),
    [
        ("jc-base-city", "服务业绩明显"),
        ("jc-proj-out", "重点项目库，并每月报送指标"),
        ("jc-proj-in", "重点项目库，并每月报送指标"),
        ("yun-xsg", "已获省级小升规奖励"),
        ("jc-xsg-talent", "确有引进人才"),
        ("jc-zjtx-talent", "确有引进的急需人才"),
        ("yun-talent", "确有引进的高层次人才"),
        ("jc-xsg-fund", "符合所报资金的条件"),
        ("jc-xsg-land", "确有用地"),
        ("jc-zjtx-cost", "用地需要"),
    ],
)
def test_what_is_printed_and_not_asked_is_judged(programme, point):
    edition = next(each for each in editions() if each.programme == programme)
    assert any(point in row.text for row in edition.criteria if row.kind == "manual")


def test_months_of_people_hard_to_employ_are_worded_by_who_asks():
    fact = facts()["hr.hard_to_employ_months"]
    assert "社保补贴看合同期限" in fact.label
    assert "岗位补贴看在岗月数" in fact.label


# --- the development zone -----------------------------------------------------------------------


def test_the_development_zone_is_a_place_of_the_city_with_a_code_of_its_own():
    [place] = [row for row in catalogue().jurisdictions if row["code"] == ZONE]
    assert (place["level"], place["parent"]) == ("county", "140500")
    assert facts()["enterprise.county"].choices[ZONE] == place["name"] == "晋城开发区"
    assert "140599 is the portal's own" in (FIXTURES / "jurisdictions.yaml").read_text("utf-8")


def test_a_firm_in_the_zone_gets_the_city_and_its_county_money_is_not_published():
    result = assessed(
        "jc-xsg",
        **{
            "enterprise.county": ZONE, "industry.section": "C", "stat.direct_reporting": True,
            "stat.first_time_above_scale": True, "stat.entry_path": "new_start",
            "stat.first_upgrade_year": 2026, "revenue.main_business.y0": 2000,
        },
    )  # fmt: skip
    assert result["verdict"] == "eligible"
    assert result["awards"]["city"]["now"] == [20, 20]
    assert result["awards"]["county"]["status"] == "unpublished"


# --- open levels --------------------------------------------------------------------------------


def test_a_level_whose_year_is_not_answered_is_marked_with_its_note():
    result = assessed("jc-share", **{"enterprise.county": "140522"})
    county = result["awards"]["county"]
    assert county["undecided"] is True
    assert county["total"] == [0, 20]
    assert "C24" in result["flags"]
    assert "library.listing_reserve_year" in result["missing_for_amount"]


def test_a_result_says_the_notes_that_touch_the_firm_only():
    """阳城's notes are none of 沁水's, and where the board is listed nothing is open."""
    assert "C24" not in assessed("jc-share", **{"enterprise.county": "140521"})["flags"]
    listed = {"enterprise.county": "140521", "zjtx.tiers": ["city"]}
    assert (
        "C49" in assessed("jc-zjtx-list", **listed, **{"listing.board_this_year": "bse"})["flags"]
    )
    assert (
        "C49"
        not in assessed("jc-zjtx-list", **listed, **{"listing.board_this_year": "main"})["flags"]
    )
