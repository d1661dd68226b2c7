"""Payments: batches, partial payments, money that came back, and what budgets say of them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.cases.services.errors import ApplicationError
from applications.money.models import (
    AwardLine,
    Budget,
    BudgetEvent,
    FundPart,
    Payment,
    PaymentBatch,
    Refund,
)
from applications.money.services import awards as award_services
from applications.money.services import payments, refunds
from applications.money.services.budgets import set_budget
from applications.money.services.figures import (
    Forecast,
    budget_rows,
    figures_of,
    forecasts,
    rows_by,
)
from tests.factories import (
    AwardLineFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
)

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 10, 15)
FIGURES = reverse("admin:money_fund_figures") + "?year=2026"
pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return FinanceFactory()


@pytest.fixture
def fund(clerk):
    return FundFactory()


@pytest.fixture
def line(fund):
    return AwardLineFactory(fund=fund, state="approved")


@pytest.fixture
def batch(fund, clerk):
    return payments.make_batch(fund=fund, actor=clerk, now=NOW)


def add(batch, line, clerk, amount=None):
    amount = None if amount is None else Decimal(amount)
    payment = payments.add_payment(batch=batch, line=line, amount=amount, actor=clerk, now=NOW)
    line.refresh_from_db()
    return payment


def pay(batch, clerk, voucher="支1号", on=TODAY, **options):
    return payments.pay_batch(
        batch=batch, voucher_number=voucher, paid_on=on, actor=clerk, now=NOW, **options
    )


def refund(payment, clerk, amount=5, again=True, **changes):
    what = {
        "on": TODAY, "reason": "账号有误退回", "document_number": "退1号",
        "pay_again": again, **changes,
    }  # fmt: skip
    return refunds.refund(payment=payment, amount=Decimal(amount), actor=clerk, now=NOW, **what)


def test_an_approved_line_is_paid_whole_and_its_events_say_so(batch, line, clerk):
    add(batch, line, clerk)
    assert (line.scheduled, line.paid, line.payable) == (20, 0, 0)
    pay(batch, clerk)
    line.refresh_from_db()
    assert (line.state, line.scheduled, line.paid) == ("paid", 0, 20)
    batch.refresh_from_db()
    assert (batch.state, batch.voucher_number, batch.paid_on) == ("paid", "支1号", TODAY)
    assert (batch.paid_by, batch.number) == (clerk, "140500-ZF2026-0001")
    events = list(line.events.values_list("action", "document_number"))
    assert events == [("schedule", "140500-ZF2026-0001"), ("pay", "支1号")]


def test_a_line_is_paid_in_parts_and_never_beyond_itself(batch, fund, line, clerk):
    add(batch, line, clerk, "12.5")
    second = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    assert second.number.endswith("0002")
    with pytest.raises(ApplicationError, match=r"最多还能付 7\.5 万元"):
        add(second, line, clerk, "7.500001")
    payment = add(second, line, clerk, "7.5")
    third = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    with pytest.raises(ApplicationError, match="没有可付的余额"):
        add(third, line, clerk)
    pay(batch, clerk)
    line.refresh_from_db()
    assert (line.state, line.paid) == ("approved", Decimal("12.5"))
    payments.change_payment(payment=payment, amount=Decimal(7), actor=clerk, now=NOW)
    with pytest.raises(ApplicationError, match=r"最多还能付 7\.5 万元"):
        payments.change_payment(payment=payment, amount=Decimal(8), actor=clerk, now=NOW)
    pay(second, clerk, "支2号")
    line.refresh_from_db()
    assert (line.state, line.payable) == ("approved", Decimal("0.5"))
    add(third, line, clerk)
    pay(third, clerk, "支3号")
    line.refresh_from_db()
    assert (line.state, line.paid) == ("paid", 20)


def test_a_fraction_of_a_yuan_is_paid_and_comes_back(batch, clerk, line):
    payment = add(batch, line, clerk, "0.00005")
    assert line.scheduled == Decimal("0.00005")
    pay(batch, clerk)
    refund(payment, clerk, "0.00003")
    line.refresh_from_db()
    assert line.net_paid == Decimal("0.00002")


def test_the_number_of_a_draft_that_was_thrown_away_is_not_given_again(batch, fund, line, clerk):
    assert batch.number == "140500-ZF2026-0001"
    second = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    add(second, line, clerk)
    payments.discard_batch(batch=second, actor=clerk, now=NOW)
    assert line.events.last().document_number == "140500-ZF2026-0002"
    assert payments.make_batch(fund=fund, actor=clerk, now=NOW).number == "140500-ZF2026-0003"
    next_year = NOW.replace(year=2027)
    number = payments.make_batch(fund=fund, actor=clerk, now=next_year).number
    assert number == "140500-ZF2027-0001"


def test_lines_join_ones_own_draft_of_their_fund_and_what_cannot_be_paid_is_named(fund, clerk):
    colleague = FinanceFactory()
    of_colleague = payments.make_batch(fund=fund, actor=colleague, now=NOW)
    first, second = (AwardLineFactory(fund=fund, state="approved") for _ in range(2))
    elsewhere = AwardLineFactory(state="approved")
    waiting = AwardLineFactory(fund=fund)
    homeless = AwardLineFactory(fund=None, payer=fund.jurisdiction)
    alone = AwardLineFactory()  # nor is a draft begun for what cannot be paid
    chosen = [first, waiting, elsewhere, homeless, second, alone]
    drafts, refusals = payments.schedule(lines=chosen, actor=clerk, now=NOW)
    assert [draft.fund for draft in drafts] == [fund, elsewhere.fund]
    assert {each.line for each in drafts[0].payments.all()} == {first, second}
    assert [each.line for each in refusals] == [waiting, homeless, alone]
    assert not PaymentBatch.objects.filter(fund=alone.fund).exists()
    for each in refusals:
        assert str(each) == f"{each.line}：现在是“待确认”，批准后才能支付"
    # The next day they go on with the same drafts, and a colleague with another one.
    later = AwardLineFactory(fund=fund, state="approved")
    assert payments.schedule(lines=[later], actor=clerk, now=NOW) == ([drafts[0]], [])
    assert not of_colleague.payments.exists()
    pay(drafts[0], colleague)
    last = AwardLineFactory(fund=fund, state="approved")
    [fresh], _ = payments.schedule(lines=[last], actor=clerk, now=NOW)
    assert fresh.number == "140500-ZF2026-0004"


def test_a_page_of_another_draft_changes_and_takes_out_nothing(batch, fund, line, clerk):
    """Another clerk took the line out, or paid the batch, while the page was open."""
    payment = add(batch, line, clerk)
    payments.remove_payment(payment=payment, actor=clerk, now=NOW)
    with pytest.raises(ApplicationError, match="已不在批次里"):
        payments.change_payment(payment=payment, amount=Decimal(1), actor=clerk, now=NOW)
    line.refresh_from_db()
    assert line.scheduled == 0
    again = add(batch, line, clerk)
    pay(batch, clerk)
    for act in (
        lambda: payments.change_payment(payment=again, amount=Decimal(1), actor=clerk, now=NOW),
        lambda: payments.remove_payment(payment=again, actor=clerk, now=NOW),
        lambda: payments.discard_batch(batch=batch, actor=clerk, now=NOW),
    ):
        with pytest.raises(ApplicationError, match="已经不是草稿"):
            act()
    line.refresh_from_db()
    assert (line.paid, line.scheduled) == (20, 0)


def test_a_line_that_is_no_longer_approved_holds_its_batch_up(batch, fund, line, clerk):
    other = AwardLineFactory(fund=fund, state="approved")
    add(batch, line, clerk, 5)
    add(batch, other, clerk)
    AwardLine.objects.filter(pk=line.pk).update(state="paid")
    with pytest.raises(ApplicationError, match=f"{line}：现在是“已付清”，不能支付；请移出批次"):
        pay(batch, clerk)
    other.refresh_from_db()
    assert (other.state, other.paid) == ("approved", 0)


def test_a_batch_is_paid_as_the_clerk_saw_it(batch, line, clerk):
    add(batch, line, clerk, 5)
    for seen in ({line.pk: Decimal(6)}, {line.pk: Decimal(5), line.pk + 1: Decimal(1)}):
        with pytest.raises(ApplicationError, match="在您打开页面之后变了"):
            pay(batch, clerk, seen=seen)
    assert pay(batch, clerk, seen={line.pk: Decimal(5)}).state == "paid"


@pytest.mark.parametrize("state", ["prepared", "confirmed", "paid", "returned", "void"])
def test_only_what_is_approved_is_paid(batch, fund, clerk, state):
    line = AwardLineFactory(fund=fund, state=state)
    with pytest.raises(ApplicationError, match="批准后才能支付"):
        add(batch, line, clerk)


def test_what_does_not_fit_a_batch_is_refused(batch, line, clerk):
    other = AwardLineFactory(state="approved")
    with pytest.raises(ApplicationError, match="不能列入这个批次"):
        add(batch, other, clerk)
    for amount in (0, -1):
        with pytest.raises(ApplicationError, match="支付金额应大于 0"):
            add(batch, line, clerk, amount)
    add(batch, line, clerk, 5)
    with pytest.raises(ApplicationError, match="已在批次 140500-ZF2026-0001 里"):
        add(batch, line, clerk)


@pytest.mark.parametrize(
    ("changes", "told", "field"),
    [
        ({"voucher": "  "}, "请填凭证号", "voucher_number"),
        ({"on": TODAY + timedelta(days=1)}, "日期不能晚于今天", "paid_on"),
        ({"seen": {}}, "在您打开页面之后变了", ""),
    ],
)
def test_a_wrong_payment_pays_nothing(batch, line, clerk, changes, told, field):
    add(batch, line, clerk)
    with pytest.raises(ApplicationError, match=told) as raised:
        pay(batch, clerk, **changes)
    assert raised.value.field == field
    line.refresh_from_db()
    assert (line.state, line.paid) == ("approved", 0)


def test_an_empty_batch_a_used_voucher_and_a_second_payment_are_refused(batch, fund, line, clerk):
    with pytest.raises(ApplicationError, match="批次里没有支付"):
        pay(batch, clerk)
    add(batch, line, clerk, 5)
    pay(batch, clerk)
    with pytest.raises(ApplicationError, match="已经不是草稿"):
        pay(batch, clerk, "支2号")
    second = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    add(second, line, clerk)
    with pytest.raises(ApplicationError, match="已用过凭证号 支1号") as raised:
        pay(second, clerk)
    assert raised.value.field == "voucher_number"
    line.refresh_from_db()
    assert (line.paid, line.scheduled) == (5, 15)


def test_a_budget_that_does_not_reach_any_more_pays_nothing(batch, fund, line, clerk):
    add(batch, line, clerk)
    Budget.objects.update(amount=Decimal(19))
    with pytest.raises(ApplicationError, match="预算 19 万元，已承诺 20 万元，剩余 -1 万元"):
        pay(batch, clerk)
    Budget.objects.all().delete()
    with pytest.raises(ApplicationError, match="还没有 2026 年的预算"):
        pay(batch, clerk)


def test_what_leaves_a_draft_can_be_paid_in_another(batch, fund, line, clerk):
    payment = add(batch, line, clerk)
    with pytest.raises(ApplicationError, match="先从批次移出"):
        award_services.void(line=line, reason="已退库", actor=clerk, now=NOW)
    payments.remove_payment(payment=payment, actor=clerk, now=NOW)
    with pytest.raises(ApplicationError, match="已不在批次里"):
        payments.remove_payment(payment=payment, actor=clerk, now=NOW)
    line.refresh_from_db()
    add(batch, line, clerk)
    payments.discard_batch(batch=batch, actor=clerk, now=NOW)
    line.refresh_from_db()
    assert (line.scheduled, line.payable) == (0, 20)
    assert not PaymentBatch.objects.exists()


def test_money_that_came_back_is_paid_again_or_is_over(batch, fund, line, clerk):
    payment = add(batch, line, clerk)
    pay(batch, clerk)
    refund(payment, clerk, 5)
    line.refresh_from_db()
    assert (line.state, line.net_paid, line.payable) == ("approved", 15, 5)
    second = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    again = add(second, line, clerk)
    with pytest.raises(ApplicationError, match="先从批次移出"):
        refund(payment, clerk, 15, again=False)
    pay(second, clerk, "支2号")
    line.refresh_from_db()
    assert (line.state, line.net_paid, line.payable) == ("paid", 20, 0)
    refund(again, clerk, 5, again=False)
    line.refresh_from_db()
    assert (line.state, line.net_paid, line.payable) == ("returned", 15, 0)
    assert figures_of(AwardLine.objects.all()).committed == 15
    refund(payment, clerk, 15, again=True)
    line.refresh_from_db()
    assert (line.state, line.net_paid) == ("returned", 0)
    assert list(Refund.objects.values_list("pay_again", flat=True)) == [True, False, False]


@pytest.mark.parametrize(
    ("changes", "told", "field"),
    [
        ({"amount": "20.000001"}, "最多能退回 20 万元", ""),
        ({"amount": 0}, "退回金额应大于 0", ""),
        ({"amount": -1}, "退回金额应大于 0", ""),
        ({"reason": " "}, "请写明退回的原因", "reason"),
        ({"on": TODAY + timedelta(days=1)}, "不能晚于今天", "on"),
        ({"on": TODAY - timedelta(days=1)}, "不能早于支付日期 2026-10-15", "on"),
    ],
)
def test_a_wrong_refund_is_refused(batch, line, clerk, changes, told, field):
    payment = add(batch, line, clerk)
    with pytest.raises(ApplicationError, match="还没有支付"):
        refund(payment, clerk)
    pay(batch, clerk)
    with pytest.raises(ApplicationError, match=told) as raised:
        refund(payment, clerk, **changes)
    assert raised.value.field == field
    assert not Refund.objects.exists()


def test_what_takes_all_that_a_budget_holds_is_paid(clerk):
    line = AwardLineFactory(fund=FundFactory(budget=Decimal(20)), state="approved")
    batch = payments.make_batch(fund=line.fund, actor=clerk, now=NOW)
    add(batch, line, clerk)
    assert pay(batch, clerk).state == "paid"


def test_nobody_pays_the_money_of_another_place(batch, fund, line, clerk):
    county = FinanceFactory(jurisdiction_code="140521")
    assert line in AwardLine.objects.visible_to(county)
    assert not PaymentBatch.objects.visible_to(county).exists()
    payment = add(batch, line, clerk)
    for act in (
        lambda: payments.make_batch(fund=fund, actor=county, now=NOW),
        lambda: add(batch, line, county),
        lambda: payments.change_payment(payment=payment, amount=Decimal(1), actor=county, now=NOW),
        lambda: payments.discard_batch(batch=batch, actor=county, now=NOW),
        lambda: pay(batch, county),
    ):
        with pytest.raises(ApplicationError):
            act()
    pay(batch, clerk)
    with pytest.raises(ApplicationError, match="不归您办理"):
        refund(payment, county)


def refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_the_database_keeps_what_was_paid(batch, fund, line, clerk):
    payment = add(batch, line, clerk, 5)
    refused(lambda: Payment.objects.filter(pk=payment.pk).update(refunded=Decimal(1)))
    pay(batch, clerk)
    refund(payment, clerk, 5)
    batches = PaymentBatch.objects.filter(pk=batch.pk)
    own, refunds = Payment.objects.filter(pk=payment.pk), Refund.objects.all()
    other = AwardLineFactory(fund=fund, state="approved")
    draft = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    for act in (
        lambda: batches.update(voucher_number="改了"),
        lambda: batches.update(
            state="draft", voucher_number="", paid_on=None, paid_at=None, paid_by=None
        ),
        lambda: batches._raw_delete("default"),
        lambda: own.update(amount=Decimal(6)),
        lambda: own.update(line=other),
        lambda: own.update(batch=draft),
        lambda: own.update(refunded=Decimal("5.000001")),
        lambda: own._raw_delete("default"),
        lambda: refunds.update(reason="改了"),
        lambda: refunds._raw_delete("default"),
        lambda: Payment.objects.create(batch=batch, line=other, amount=Decimal(1)),
        lambda: Payment.objects.create(
            batch=draft, line=AwardLineFactory(state="approved"), amount=Decimal(1)
        ),
    ):
        refused(act)


# Budgets


def budget(fund, clerk, amount=50, parts=None, **changes):
    what = {"year": 2026, "document_number": "预1号", "reason": "", **changes}
    set_budget(fund=fund, amount=Decimal(amount), parts=parts or {}, actor=clerk, now=NOW, **what)


def test_a_budget_is_set_with_its_parts_and_every_change_is_kept(clerk):
    fund = FundFactory(budget=False)
    first, second = (
        FundPart.objects.create(fund=fund, position=position, name=name)
        for position, name in ((1, "创办"), (2, "做大做强"))
    )
    budget(fund, clerk, 3000, {first: Decimal(500), second: None})
    budget(fund, clerk, 3000, {first: None, second: Decimal("2000.5")}, reason="调整")
    assert set(fund.budgets.values_list("part__name", "amount")) == {
        (None, Decimal(3000)),
        ("做大做强", Decimal("2000.5")),
    }
    latest, earliest = BudgetEvent.objects.all()
    assert earliest.changes == {"whole": [None, "3000"], "创办": [None, "500"]}
    assert latest.changes == {"创办": ["500", None], "做大做强": [None, "2000.5"]}
    assert latest.reason == "调整"
    refused(lambda: BudgetEvent.objects.update(reason="改了"))
    refused(lambda: BudgetEvent.objects.all()._raw_delete("default"))


def test_a_wrong_budget_is_refused(fund, line, clerk):
    part = FundPart.objects.create(fund=fund, position=1, name="创办")
    for changes, told in (
        ({"document_number": " "}, "请填预算依据的文号"),
        ({"year": 26}, "年度应在"),
        ({"amount": -1}, "不能是负数"),
        ({"amount": "19.99"}, "已承诺 20 万元，预算不能少于它"),
        ({"parts": {part: Decimal(-1)}}, "不能是负数"),
        ({"parts": {part: Decimal("50.01")}}, "各部分合计 50.01 万元，多于整项预算 50 万元"),
        ({"year": 1999}, "年度应在"),
        ({"year": 2101}, "年度应在"),
        ({"amount": 100}, "没有改动"),
    ):
        with pytest.raises(ApplicationError, match=told):
            budget(fund, clerk, **changes)
    with pytest.raises(ApplicationError, match="不归您办理"):
        budget(fund, FinanceFactory(jurisdiction_code="140521"))
    assert not BudgetEvent.objects.exists()
    budget(fund, clerk, 20)


@pytest.mark.parametrize("year", [2000, 2100])
def test_the_parts_may_be_the_whole_and_a_budget_may_be_nothing(clerk, year):
    fund = FundFactory(budget=False)
    parts = [
        FundPart.objects.create(fund=fund, position=position, name=name)
        for position, name in ((1, "创办"), (2, "做大做强"))
    ]
    budget(fund, clerk, 50, dict(zip(parts, map(Decimal, (20, 30)), strict=True)), year=year)
    budget(fund, clerk, 0, dict.fromkeys(parts, Decimal(0)), year=year)
    amounts = fund.budgets.filter(year=year).values_list("part__name", "amount")
    assert set(amounts) == {(None, 0), ("创办", 0), ("做大做强", 0)}
    budget(fund, clerk, 0, dict.fromkeys(parts), year=year)
    assert list(fund.budgets.values_list("part", "year")) == [(None, year)]


def test_the_budget_of_a_part_stays_above_what_is_promised_of_it_in_its_year(fund, clerk):
    part, other = (
        FundPart.objects.create(fund=fund, position=position, name=name)
        for position, name in ((1, "创办"), (2, "做大做强"))
    )
    AwardLineFactory(fund=fund, part=part, state="confirmed")
    AwardLineFactory(fund=fund, part=other, state="confirmed", amount=Decimal(7))
    AwardLineFactory(fund=fund, part=part, state="confirmed", year=2025)
    AwardLineFactory(fund=fund, part=part)
    budget(fund, clerk, 60, {part: Decimal(20), other: Decimal(7)})
    for wrong in (Decimal("19.99"), None):
        with pytest.raises(ApplicationError, match="“创办”2026 年已承诺 20 万元，预算不能少于它"):
            budget(fund, clerk, 60, {part: wrong, other: Decimal(7)})
    event = BudgetEvent.objects.get()
    assert event.changes == {"whole": ["100", "60"], "创办": [None, "20"], "做大做强": [None, "7"]}
    assert (event.year, event.actor, event.document_number) == (2026, clerk, "预1号")


def test_the_figures_of_a_fund(fund, clerk):
    for state, amount in (("prepared", 1), ("confirmed", 2), ("approved", 4), ("void", 16)):
        AwardLineFactory(fund=fund, state=state, amount=Decimal(amount))
    AwardLineFactory(fund=fund, state="paid", amount=Decimal(8), paid=Decimal(8))
    AwardLineFactory(
        fund=fund, state="returned", amount=Decimal(40), paid=Decimal(40), returned=Decimal("39.5")
    )
    AwardLineFactory(fund=fund, amount=None, kind="range", low=None, high=None)
    AwardLineFactory(fund=fund, year=2027, amount=Decimal(32))
    [row] = budget_rows(clerk, 2026)
    figures = row.figures
    half = Decimal("0.5")
    assert (figures.planned, figures.committed) == (15 + half, 14 + half)
    assert (figures.approved, figures.paid, figures.open) == (12 + half, 8 + half, 1)
    assert (row.budget, row.left, row.is_scarce) == (100, 85 + half, False)


def test_the_rows_of_a_year_are_each_fund_its_parts_and_what_is_paid_elsewhere(fund, clerk):
    other, part = FundFactory(), FundPart.objects.create(fund=fund, position=1, name="创办")
    budget(fund, clerk, 60, {part: Decimal(30)})
    AwardLineFactory(fund=fund, part=part, state="confirmed", amount=Decimal(1))
    AwardLineFactory(fund=fund, state="confirmed", amount=Decimal(2))
    AwardLineFactory(fund=other, state="confirmed", amount=Decimal(4))
    assert [row.name for row in budget_rows(clerk, 2026)] == [fund.name, other.name]
    province = JurisdictionFactory(code="140000", name="山西省", level="province")
    AwardLineFactory(fund=None, payer=fund.jurisdiction, amount=Decimal(8))
    AwardLineFactory(fund=FundFactory(jurisdiction=province, level="province"),
                     level="province", amount=Decimal(16))  # fmt: skip
    AwardLineFactory(fund=None, payer=fund.jurisdiction, year=2027)
    own, second, elsewhere = budget_rows(clerk, 2026)
    assert (own.figures.committed, own.budget, own.fund) == (3, 60, fund)
    [row] = own.parts
    assert (row.name, row.figures.committed, row.budget, row.left) == ("创办", 1, 30, 29)
    assert (second.figures.committed, second.budget, second.parts) == (4, 100, [])
    assert (elsewhere.name, elsewhere.figures.planned) == (
        "还没有安排资金，或由其他地区支付", 24,
    )  # fmt: skip
    county = FinanceFactory(jurisdiction_code="140521")
    [theirs] = budget_rows(county, 2026)
    assert (theirs.figures.planned, theirs.fund) == (31, None)


def test_a_forecast_adds_what_waits_to_be_confirmed_to_each_budget_it_counts_against(fund, clerk):
    part = FundPart.objects.create(fund=fund, position=1, name="创办")
    budget(fund, clerk, 60, {part: Decimal(30)})
    AwardLineFactory(fund=fund, part=part, state="confirmed", amount=Decimal(3))
    chosen = [
        AwardLineFactory(fund=fund, part=part, amount=Decimal(1)),
        AwardLineFactory(fund=fund, part=part, amount=Decimal(2)),
        AwardLineFactory(fund=fund, amount=Decimal(4)),
        AwardLineFactory(fund=fund, year=2025, amount=Decimal(8)),
        AwardLineFactory(fund=fund, year=2025, amount=None, kind="range", low=None, high=None),
        # These count for nothing: without a fund or a year, or confirmed before.
        AwardLineFactory(fund=None, payer=fund.jurisdiction),
        AwardLineFactory(fund=fund, year=None),
        AwardLineFactory(fund=fund, state="approved"),
    ]
    assert forecasts(chosen) == [
        Forecast(fund.name, 2025, None, Decimal(0), Decimal(8)),
        Forecast(fund.name, 2026, Decimal(60), Decimal(23), Decimal(7)),
        Forecast(f"{fund.name} · 创办", 2026, Decimal(30), Decimal(3), Decimal(3)),
    ]


def test_the_figures_by_county_are_in_the_order_of_their_names(fund, clerk):
    yangcheng = JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent=fund.jurisdiction
    )
    firm = EnterpriseFactory(credit_code="TESTCODE0000000001", county=yangcheng)
    AwardLineFactory(fund=fund, application__enterprise=firm, amount=Decimal(3))
    AwardLineFactory(fund=fund, amount=Decimal(4), state="confirmed")
    AwardLineFactory(fund=fund, year=2025)
    rows = rows_by(clerk, 2026, "application__county__name")
    shown = [(row.name, row.figures.planned, row.figures.committed) for row in rows]
    assert shown == [("沁水县", 4, 4), ("阳城县", 3, 0)]


def test_the_page_of_budgets_asks_as_often_for_many_lines(fund, clerk, django_assert_num_queries):
    AwardLineFactory.create_batch(3, fund=fund)
    with django_assert_num_queries(5):
        budget_rows(clerk, 2026)
    AwardLineFactory.create_batch(20, fund=fund)
    with django_assert_num_queries(5):
        budget_rows(clerk, 2026)
    with django_assert_num_queries(1):
        rows_by(clerk, 2026, "application__edition__programme__family")
