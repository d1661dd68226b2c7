"""Award lines: made from the pinned assessment, their amounts set, confirmed, approved, ended."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import Status
from applications.money.models import AwardEvent, AwardLine, FundPart
from applications.money.models.money_field import to_fen
from applications.money.services import awards as service
from applications.money.services.award_lines import make_lines
from applications.notices.services.recognitions import recognise
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.rules.assessment import assess, plain_values, to_json
from portal.exact_json import ExactDecoder
from tests.factories import (
    ApplicationFactory,
    AwardFactory,
    AwardLineFactory,
    EditionFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    ManagerFactory,
)
from tests.policies.packs import load_catalogue

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = date(2026, 10, 12)
pytestmark = pytest.mark.django_db
ANSWERS = {
    "enterprise.county": "140521",
    "industry.section": "C",
    "revenue.main_business.y0": 2000,
    "stat.direct_reporting": True,
    "stat.first_time_above_scale": True,
    "stat.entry_path": "below_scale",
    "stat.first_upgrade_year": 2026,
}


def jurisdictions():
    province = JurisdictionFactory(code="140000", name="山西省", level="province")
    city = JurisdictionFactory(parent=province)
    return {
        "county": JurisdictionFactory(code="140521", name="沁水县", level="county", parent=city),
        "city": city,
        "province": province,
    }


@pytest.fixture
def places():
    return jurisdictions()


def recognised(programme, answers, county="140521"):
    """The lines of a firm that is recognised for a programme of the real catalogue."""
    known = Catalogue()
    chosen = [each for each in known.editions_in_force(DAY) if each.programme == programme]
    [assessment] = assess(chosen, answers, DAY, known.facts)["programmes"]
    case = ApplicationFactory(
        edition=Edition.objects.get(programme=programme),
        enterprise__county_id=county,
        enterprise__county=None,
        county_id=county,
        assessment=plain_values(assessment),
        status=Status.APPROVED,
    )
    manager = ManagerFactory(jurisdiction_code=county[:4] + "00")
    recognise(
        applications=[case], document_number="测试〔2026〕8号", on=DAY, actor=manager, now=NOW
    )
    return case.award_lines


def printed(lines):
    return [(line.level, line.payer_id, line.title, line.year, line.amount) for line in lines.all()]


def test_every_level_and_tranche_of_the_pinned_edition_gets_its_line():
    load_catalogue()
    lines = recognised("jc-xsg", ANSWERS)
    assert set(printed(lines)) == {
        ("province", "140000", "首次升规", 2026, 30),
        ("province", "140000", "连续在规两年", 2029, 5),
        ("province", "140000", "连续在规三年", 2030, 10),
        ("city", "140500", "首次升规", 2026, 20),
        ("city", "140500", "连续在规两年", 2029, 10),
        ("city", "140500", "连续在规三年", 2030, 10),
        ("county", "140521", "首次升规", 2026, 30),
        ("county", "140521", "连续在规两年", 2029, 10),
        ("county", "140521", "连续在规三年", 2030, 10),
    }
    assert {line.kind for line in lines.all()} == {"exact"}
    assert {line.state for line in lines.all()} == {"prepared"}
    later = lines.get(level="city", year=2029)
    assert "连续两年没有退出" in later.condition
    assert "晋市政办〔2021〕35号 三（四）" in later.sources
    events = AwardEvent.objects.order_by().values_list("action", "source", "target").distinct()
    assert list(events) == [("prepare", "", "prepared")]
    assert AwardEvent.objects.count() == 9


def test_a_level_that_is_not_published_gets_a_line_without_an_amount():
    load_catalogue()
    lines = recognised("jc-xsg", {**ANSWERS, "enterprise.county": "140581"}, county="140581")
    line = lines.get(level="county")
    assert (line.kind, line.amount, line.low, line.high) == ("unpublished", None, None, None)
    assert (line.payer_id, line.year, line.printed) == ("140581", None, "金额未公布")


def test_a_total_whose_split_is_not_printed_is_a_range():
    load_catalogue()
    lines = recognised("jc-xsg", {**ANSWERS, "enterprise.county": "140522"}, county="140522")
    line = lines.get(level="county")
    assert (line.kind, line.amount, line.low, line.high) == ("range", None, 0, 20)
    assert line.printed == "最高 20 万元"


def test_tranches_without_a_known_year_are_listed_apart(places):
    line = AwardLineFactory(title="投产奖励", year=None)
    due = AwardLineFactory()
    left_over = AwardLineFactory(year=2025)
    AwardLineFactory(year=2027)
    AwardLineFactory(state="confirmed")
    assert set(AwardLine.objects.due(2026)) == {due, left_over}
    assert list(AwardLine.objects.without_year()) == [line]


def rows(**changes):
    """An assessment's list of one tranche."""
    return {
        "level": "city", "payer": "140500", "title": "一次性", "when": "now", "year": 2026,
        "kind": "fixed", "amount": [20, 20], "condition": None, "status": "published",
        "sources": [{"document": "测试〔2024〕1号", "clause": "一"}], **changes,
    }  # fmt: skip


def made(awards=None, tranches=(), edition=None, subject=""):
    case = ApplicationFactory(
        edition=edition or EditionFactory(), subject=subject, status=Status.APPROVED
    )
    Application.objects.filter(pk=case.pk).update(status="returned")
    assessment = {**case.assessment, "awards": awards or {}, "tranches": list(tranches)}
    Application.objects.filter(pk=case.pk).update(
        assessment=plain_values(assessment), status="in_review"
    )
    case.refresh_from_db()
    return make_lines([case], actor=FinanceFactory(), now=NOW)


@pytest.mark.parametrize(
    ("changes", "kind", "low", "high", "amount"),
    [
        ({}, "exact", 20, 20, 20),
        ({"amount": [Decimal("0.1"), Decimal("0.1")]}, "exact", "0.1", "0.1", "0.1"),
        ({"amount": [Decimal("123456789.123456")] * 2}, "exact", *["123456789.123456"] * 3),
        ({"amount": [25, 50]}, "range", 25, 50, None),
        ({"amount": [5, None]}, "range", 5, None, None),
        ({"status": "to_verify", "amount": [100, 100]}, "to_set", 100, 100, None),
        ({"status": "unknown", "amount": None}, "to_set", None, None, None),
    ],
)
def test_amounts_are_kept_exactly_as_printed(places, changes, kind, low, high, amount):
    made(tranches=[rows(**changes)])
    line = AwardLine.objects.get()
    expected = [None if value is None else Decimal(value) for value in (low, high, amount)]
    assert line.kind == kind
    assert [line.low, line.high, line.amount] == expected
    assert all(value is None or isinstance(value, Decimal) for value in (line.low, line.amount))


def test_what_is_nothing_or_no_money_gets_no_line(places):
    awards = {
        "city": {"status": "published", "fee_cap": Decimal("0.01")},
        "county": {"status": "none_listed"},
    }
    tiny = Decimal("0.0000001")
    assert made(awards, [rows(amount=[0, 0]), rows(amount=[tiny, tiny])]) == []


def test_a_level_that_may_not_pay_at_all_is_a_range(places):
    awards = {"city": {"status": "published", "undecided": True}}
    [line] = made(awards, [rows()])
    assert (line.kind, line.low, line.high, line.amount) == ("range", 0, 20, None)


def test_two_awards_of_one_level_and_payer_are_two_lines(places):
    made(tranches=[rows(), rows(title="追加")])
    assert list(AwardLine.objects.values_list("position", "title")) == [(1, "一次性"), (2, "追加")]


def test_the_only_fund_for_a_programme_is_assigned_with_its_part(places):
    edition = EditionFactory()
    fund = FundFactory()
    part = FundPart.objects.create(fund=fund, position=1, name="做大做强")
    part.programmes.add(edition.programme)
    other = FundFactory(level="province")
    other.programmes.add(edition.programme)
    [line] = made(tranches=[rows()], edition=edition)
    assert (line.fund, line.part) == (fund, part)
    FundFactory().programmes.add(edition.programme)
    [line] = made(tranches=[rows()], edition=edition, subject="二号项目")
    assert (line.fund, line.part) == (None, None)


def test_of_a_fund_in_parts_the_one_for_the_programme_is_assigned(places):
    edition, fund = EditionFactory(), FundFactory()
    others, own, also = (
        FundPart.objects.create(fund=fund, position=position, name=name)
        for position, name in ((1, "创办"), (2, "做大做强"), (3, "做专做精"))
    )
    others.programmes.add(EditionFactory().programme)
    [line] = made(tranches=[rows()], edition=edition)
    assert (line.fund, line.part) == (None, None)
    own.programmes.add(edition.programme)
    [line] = made(tranches=[rows()], edition=edition, subject="二号项目")
    assert (line.fund, line.part) == (fund, own)
    also.programmes.add(edition.programme)  # between two parts staff choose
    [line] = made(tranches=[rows()], edition=edition, subject="三号项目")
    assert (line.fund, line.part) == (fund, None)


@pytest.mark.parametrize("holder", ["county", "city", "province", "neighbour"])
def test_only_a_fund_that_reaches_the_county_is_assigned(places, holder):
    """Its own, or one of a place above it; the money of 阳城县 is not for a firm of 沁水县."""
    neighbour = JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent=places["city"]
    )
    edition = EditionFactory()
    fund = FundFactory(jurisdiction={**places, "neighbour": neighbour}[holder])
    fund.programmes.add(edition.programme)
    [line] = made(tranches=[rows()], edition=edition)
    assert line.fund == (None if holder == "neighbour" else fund)


@pytest.mark.parametrize(
    ("level", "payer"),
    [
        ("national", "100000"), ("province", "140000"), ("city", "140500"), ("county", "140521"),
        ("local", "140521"),
    ],
)  # fmt: skip
def test_where_no_payer_is_named_the_place_of_that_level_pays(places, level, payer):
    [line] = made({level: {"status": "unpublished"}})
    assert (line.level, line.payer_id) == (level, payer)
    assert (line.title, line.kind, line.year) == ("未分期", "unpublished", None)


def test_the_rules_that_two_awards_are_one_money_stay_with_the_line(places):
    edition = EditionFactory()
    AwardFactory(edition=edition, same_money="C38")
    [line] = made(tranches=[rows()], edition=edition)
    assert line.same_money == "C38"


@given(st.decimals(min_value=0, max_value=999_999_999, places=6))
def test_what_an_assessment_stores_comes_back_to_the_fen(amount):
    import json

    stored = json.loads(to_json({"amount": amount}), cls=ExactDecoder)["amount"]
    assert to_fen(stored) == amount


# What staff do with a line


@pytest.fixture
def clerk(places):
    return FinanceFactory()


@pytest.fixture
def open_line(clerk):
    return AwardLineFactory(kind="range", low=Decimal(25), high=Decimal(50), amount=None)


def set_amount(line, clerk, amount=40, reason="评审定为第二档", document_number="测试〔2026〕9号"):
    service.set_amount(
        line=line, amount=Decimal(amount), reason=reason, document_number=document_number,
        actor=clerk, now=NOW,
    )  # fmt: skip
    line.refresh_from_db()


def confirm(line, clerk, note="统计部门确认在库", document_number="", now=NOW):
    service.confirm(line=line, note=note, document_number=document_number, actor=clerk, now=now)
    line.refresh_from_db()


def test_an_amount_in_the_printed_range_is_set_and_the_event_says_why(open_line, clerk):
    set_amount(open_line, clerk, "40.5")
    event = open_line.events.get()
    assert open_line.amount == Decimal("40.5")
    assert event.changes == {"amount": [None, "40.5"]}
    assert (event.reason, event.document_number) == ("评审定为第二档", "测试〔2026〕9号")
    assert event.actor == clerk
    for before, amount in (("40.5", "50"), ("50", "25")):  # both ends of what is printed
        set_amount(open_line, clerk, amount)
        assert open_line.events.last().changes == {"amount": [before, amount]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"amount": 51}, "应在文件印的范围内（25–50 万元）"),
        ({"amount": "24.999999"}, "应在文件印的范围内"),
        ({"amount": 0}, "应大于 0"),
        ({"reason": " "}, "请写明理由"),
        ({"document_number": " "}, "请填文号"),
    ],
)
def test_a_wrong_amount_is_refused(open_line, clerk, changes, told):
    with pytest.raises(ApplicationError, match=told):
        set_amount(open_line, clerk, **changes)
    assert not open_line.events.exists()


def test_a_printed_amount_is_not_set_otherwise(clerk):
    with pytest.raises(ApplicationError, match="文件印明是 20 万元"):
        set_amount(AwardLineFactory(), clerk, 19)


def test_an_unpublished_level_takes_any_amount_with_its_document(clerk):
    line = AwardLineFactory(kind="unpublished", low=None, high=None, amount=None)
    for amount in (Decimal("7.123456"), Decimal(1), Decimal("0.000001")):
        set_amount(line, clerk, amount)
        assert line.amount == amount


def test_a_confirmed_line_counts_and_says_by_what(clerk):
    line = AwardLineFactory()
    confirm(line, clerk, note="", document_number="测试〔2026〕10号")
    assert line.state == "confirmed"
    event = line.events.get()
    assert (event.source, event.target) == ("prepared", "confirmed")
    assert event.document_number == "测试〔2026〕10号"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"amount": None, "kind": "to_set", "low": None, "high": None}, "金额还没有核定"),
        ({"year": None}, "还没有定给付年度"),
        ({"year": 2027}, "给付年度是 2027 年，还没有到"),
        ({"fund": None, "payer_id": "140500", "payer": None}, "还没有安排资金"),
        ({"year": 2025}, "还没有 2025 年的预算"),
        ({"state": "void"}, "现在是“不再给付”，不能“确认条件”"),
    ],
)
def test_what_is_not_ready_is_not_confirmed(clerk, fields, told):
    line = AwardLineFactory(**fields)
    with pytest.raises(ApplicationError, match=told):
        confirm(line, clerk)
    assert not line.events.exists()


def test_confirming_needs_a_note_or_a_document(clerk):
    with pytest.raises(ApplicationError, match="请写明核实的情况，或填证明文件的文号"):
        confirm(AwardLineFactory(), clerk, note=" ")


def test_nothing_is_confirmed_beyond_the_budget_and_the_refusal_has_the_figures(clerk):
    fund = FundFactory(budget=Decimal(30))
    first, second = AwardLineFactory.create_batch(2, fund=fund)
    confirm(first, clerk)
    told = "预算 30 万元，已承诺 20 万元，剩余 10 万元，这次要 20 万元"
    with pytest.raises(ApplicationError, match=told):
        confirm(second, clerk)
    service.void(line=first, reason="已退库", actor=clerk, now=NOW)
    confirm(second, clerk)


def test_a_part_holds_no_more_than_its_own(clerk):
    fund = FundFactory()
    part = FundPart.objects.create(fund=fund, position=1, name="科技型")
    line = AwardLineFactory(fund=fund, part=part)
    with pytest.raises(ApplicationError, match="“科技型”还没有 2026 年的预算"):
        confirm(line, clerk)
    budget = fund.budgets.create(part=part, year=2026, amount=Decimal("19.999999"))
    with pytest.raises(ApplicationError, match=r"剩余 19\.999999 万元，这次要 20 万元"):
        confirm(line, clerk)
    budget.amount = Decimal(20)
    budget.save()
    confirm(line, clerk)


def test_the_same_tranche_of_a_year_is_granted_once(clerk):
    edition, fund = EditionFactory(), FundFactory()
    first, second = (
        AwardLineFactory(application__edition=edition, application__year=year, fund=fund)
        for year in (2025, 2026)
    )
    confirm(first, clerk)
    told = f"这一期已在 {first.application.number} 里确认"
    with pytest.raises(ApplicationError, match=told):
        confirm(second, clerk)


def test_the_same_money_is_given_once(clerk):
    fund = FundFactory()
    first, second = AwardLineFactory.create_batch(2, fund=fund, same_money="C38")
    confirm(first, clerk)
    with pytest.raises(ApplicationError, match="是同一笔钱，只能给一次"):
        confirm(second, clerk)
    other = AwardLineFactory(
        fund=fund, same_money="C38",
        application__enterprise=EnterpriseFactory(credit_code="TESTCODE0000000001"),
    )  # fmt: skip
    confirm(other, clerk)


def test_what_is_no_same_tranche_and_no_same_money_is_confirmed_too(clerk):
    """Other tranches, another level, another project of the firm."""
    edition = EditionFactory()
    fund, of_county = FundFactory(), FundFactory(level="county")
    first = AwardLineFactory(application__edition=edition, fund=fund, same_money="C38")
    case = first.application
    confirm(first, clerk)
    for line in (
        AwardLineFactory(application=case, fund=fund, title="追加", same_money="C38"),
        AwardLineFactory(application__edition=edition, application__year=2025, fund=fund,
                         title="连续在规两年"),
        AwardLineFactory(application__edition=edition, application__year=2024, fund=of_county,
                         level="county"),
        AwardLineFactory(application__edition=edition, application__subject="二号项目", fund=fund),
        AwardLineFactory(fund=fund, same_money="C39"),
    ):  # fmt: skip
        confirm(line, clerk)
        assert line.state == "confirmed"


def test_a_year_is_set_with_a_reason(clerk):
    line = AwardLineFactory(year=None)
    with pytest.raises(ApplicationError, match="请写明理由"):
        service.set_year(line=line, year=2026, reason="", actor=clerk, now=NOW)
    with pytest.raises(ApplicationError, match="给付年度应在"):
        service.set_year(line=line, year=206, reason="投产", actor=clerk, now=NOW)
    service.set_year(line=line, year=2026, reason="7 月投产", actor=clerk, now=NOW)
    assert line.events.get().changes == {"year": [None, "2026"]}


@pytest.mark.parametrize(("year", "is_possible"), [(1999, 0), (2000, 1), (2100, 1), (2101, 0)])
def test_a_year_is_one_of_a_century(clerk, year, is_possible):
    line = AwardLineFactory()

    def set_year():
        service.set_year(line=line, year=year, reason="投产", actor=clerk, now=NOW)

    if is_possible:
        set_year()
        line.refresh_from_db()
        assert line.year == year
    else:
        with pytest.raises(ApplicationError, match="给付年度应在 2000 到 2100 之间"):
            set_year()


@pytest.mark.parametrize("state", ["confirmed", "approved"])
def test_what_is_promised_is_not_given_another_amount_year_or_fund(clerk, state):
    line = AwardLineFactory(state=state, kind="range", low=Decimal(5), high=Decimal(50))
    done = {"line": line, "actor": clerk, "now": NOW}
    for act in (
        lambda: set_amount(line, clerk),
        lambda: service.set_year(year=2027, reason="投产", **done),
        lambda: service.assign_fund(fund=FundFactory(), part=None, **done),
        lambda: confirm(line, clerk),
    ):
        with pytest.raises(ApplicationError, match=r"现在是“已(确认|批准)”，不能"):
            act()
    assert not line.events.exists()


def test_approval_voiding_and_going_back(clerk):
    line = AwardLineFactory()
    confirm(line, clerk)
    with pytest.raises(ApplicationError, match="请填文号"):
        service.approve(line=line, document_number=" ", actor=clerk, now=NOW)
    service.approve(line=line, document_number="批1号", actor=clerk, now=NOW)
    line.refresh_from_db()
    assert line.payable == 20
    with pytest.raises(ApplicationError, match="请写明理由"):
        service.reopen(line=line, reason="", actor=clerk, now=NOW)
    service.reopen(line=line, reason="金额有误", actor=clerk, now=NOW)
    line.refresh_from_db()
    assert line.state == "prepared"
    with pytest.raises(ApplicationError, match="请写明理由"):
        service.void(line=line, reason="", actor=clerk, now=NOW)
    service.void(line=line, reason="已退库", actor=clerk, now=NOW)
    actions = list(line.events.values_list("action", flat=True))
    assert actions == ["confirm", "approve", "reopen", "void"]


@pytest.mark.parametrize("state", ["approved", "confirmed"])
def test_a_promise_is_not_taken_back_while_money_is_out_or_on_its_way(clerk, state):
    paid = AwardLineFactory(state="approved", paid=Decimal(5))
    drafted = AwardLineFactory(state="approved", scheduled=Decimal(5))
    came_back = AwardLineFactory(state=state, paid=Decimal(5), returned=Decimal(5))
    for end in (service.void, service.reopen):
        for line, told in ((paid, "已经支付过，只能登记退回"), (drafted, "先从批次移出")):
            with pytest.raises(ApplicationError, match=told):
                end(line=line, reason="已退库", actor=clerk, now=NOW)
            line.refresh_from_db()
            assert line.state == "approved"
    service.reopen(line=came_back, reason="已退库", actor=clerk, now=NOW)
    came_back.refresh_from_db()
    assert came_back.state == "prepared"


@pytest.mark.parametrize("state", ["prepared", "approved", "paid", "returned", "void"])
def test_only_what_was_confirmed_is_approved(clerk, state):
    line = AwardLineFactory(state=state)
    with pytest.raises(ApplicationError, match="不能“批准支付”"):
        service.approve(line=line, document_number="批1号", actor=clerk, now=NOW)
    assert not line.events.exists()


@pytest.mark.parametrize("state", ["paid", "returned", "void"])
def test_what_is_over_is_neither_taken_back_nor_ended(clerk, state):
    line = AwardLineFactory(state=state)
    for end in (service.void, service.reopen):
        with pytest.raises(ApplicationError, match="现在是“"):
            end(line=line, reason="已退库", actor=clerk, now=NOW)
    assert not line.events.exists()


def test_a_page_grown_old_changes_nothing(clerk):
    line = AwardLineFactory()
    stale = AwardLine.objects.get(pk=line.pk)
    confirm(line, clerk)
    with pytest.raises(ApplicationError, match="已被他人改动"):
        service.void(line=stale, reason="已退库", actor=clerk, now=NOW)
    with pytest.raises(ApplicationError, match="已被他人改动"):
        service.assign_fund(line=stale, fund=line.fund, part=None, actor=clerk, now=NOW)


def test_a_fund_fits_the_level_and_the_place(clerk, places):
    line = AwardLineFactory(fund=None, payer=places["city"])

    def assign(fund, part=None, actor=clerk):
        service.assign_fund(line=line, fund=fund, part=part, actor=actor, now=NOW)

    with pytest.raises(ApplicationError, match="是省级的钱，不能付市级的奖补"):
        assign(FundFactory(level="province"))
    yangcheng = JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent=places["city"]
    )
    with pytest.raises(ApplicationError, match="只能用于阳城县"):
        assign(FundFactory(jurisdiction=yangcheng))
    fund, other = FundFactory(), FundFactory()
    foreign = FundPart.objects.create(fund=other, position=1, name="别的")
    with pytest.raises(ApplicationError, match="不属于"):
        assign(fund, foreign)
    county = FinanceFactory(jurisdiction_code="140521")
    with pytest.raises(ApplicationError, match="由晋城市支付，不归您办理"):
        assign(fund, actor=county)
    assign(fund)
    line.refresh_from_db()
    assert line.fund == fund
    assert line.events.get().changes["fund"] == [None, fund.name]
    part = FundPart.objects.create(fund=fund, position=1, name="做大做强")
    assign(fund, part)
    line.refresh_from_db()
    assert line.part == part
    assert line.events.last().changes == {"part": [None, "做大做强"]}


def test_nobody_takes_over_a_line_that_is_not_theirs_with_their_own_fund(clerk, places):
    """Neither one of another place, nor one that the city has found money for."""
    yuncheng = JurisdictionFactory(code="140800", name="运城市", parent=places["province"])
    stranger = FinanceFactory(jurisdiction_code="140800")
    county = FinanceFactory(jurisdiction_code="140521")
    line = AwardLineFactory(fund=None, payer=places["city"])
    done = {"line": line, "part": None, "now": NOW}
    with pytest.raises(ApplicationError, match="由晋城市支付，不归您办理"):
        service.assign_fund(fund=FundFactory(jurisdiction=yuncheng), actor=stranger, **done)
    service.assign_fund(fund=FundFactory(), actor=clerk, **done)
    line.refresh_from_db()
    with pytest.raises(ApplicationError, match="由晋城市支付，不归您办理"):
        service.assign_fund(fund=FundFactory(jurisdiction=places["county"]), actor=county, **done)
    assert line.events.count() == 1


def test_who_holds_money_handed_down_handles_its_lines(clerk, places):
    """A county sees what the city grants, acts on what it pays itself, and nothing elsewhere."""
    county = FinanceFactory(jurisdiction_code="140521")
    line = AwardLineFactory(level="province", payer=places["province"], fund=None)
    assert line in AwardLine.objects.visible_to(county)
    assert line not in AwardLine.objects.handled_by(county)
    with pytest.raises(ApplicationError, match="由山西省支付"):
        confirm(line, county)
    fund = FundFactory(level="province", jurisdiction=places["county"])
    service.assign_fund(line=line, fund=fund, part=None, actor=county, now=NOW)
    line.refresh_from_db()
    confirm(line, county)
    stranger = FinanceFactory(jurisdiction_code="140800")
    assert not AwardLine.objects.visible_to(stranger).exists()
    superuser = FinanceFactory(jurisdiction_code="", is_superuser=True)
    assert line in AwardLine.objects.handled_by(superuser)
    assert not AwardLine.objects.visible_to(FinanceFactory(is_active=False)).exists()
    assert not AwardLine.objects.handled_by(FinanceFactory(jurisdiction_code="")).exists()


def refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_the_database_keeps_lines_and_events(clerk):
    line = AwardLineFactory(kind="range", low=Decimal(5), high=Decimal(30))
    confirm(line, clerk)
    own = AwardLine.objects.filter(pk=line.pk)
    events = AwardEvent.objects.all()
    for act in (
        lambda: own.update(title="改了"),
        lambda: own.update(amount=Decimal(19)),
        lambda: own.update(year=2027),
        lambda: own.update(fund=FundFactory()),
        lambda: own.update(paid=Decimal(1)),
        lambda: own.update(scheduled=Decimal(1)),
        lambda: own.update(state="approved", paid=Decimal("20.000001")),
        lambda: own._raw_delete(own.db),
        lambda: events.update(reason="改了"),
        lambda: events._raw_delete(own.db),
        lambda: AwardLineFactory(amount=None, kind="range", low=None, high=None, state="approved"),
        lambda: AwardLineFactory(kind="range", low=Decimal(5), high=Decimal(10)),
        lambda: AwardLineFactory(
            application=line.application, payer=line.payer, position=line.position, fund=line.fund
        ),
    ):
        refused(act)
