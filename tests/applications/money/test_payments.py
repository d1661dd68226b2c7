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
from applications.money.services.figures import budget_rows, figures_of, rows_by
from tests.factories import (
    AwardLineFactory,
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
        lambda: batches.update(state="draft", voucher_number="", paid_on=None),
        lambda: batches._raw_delete("default"),
        lambda: own.update(amount=Decimal(4)),
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
        ({"parts": {part: Decimal(51)}}, "各部分合计 51 万元，多于整项预算 50 万元"),
        ({"amount": 100}, "没有改动"),
    ):
        with pytest.raises(ApplicationError, match=told):
            budget(fund, clerk, **changes)
    with pytest.raises(ApplicationError, match="不归您办理"):
        budget(fund, FinanceFactory(jurisdiction_code="140521"))
    assert not BudgetEvent.objects.exists()
    budget(fund, clerk, 20)


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


def test_the_page_of_budgets_asks_as_often_for_many_lines(fund, clerk, django_assert_num_queries):
    AwardLineFactory.create_batch(3, fund=fund)
    with django_assert_num_queries(5):
        budget_rows(clerk, 2026)
    AwardLineFactory.create_batch(20, fund=fund)
    with django_assert_num_queries(5):
        budget_rows(clerk, 2026)
    with django_assert_num_queries(1):
        rows_by(clerk, 2026, "application__edition__programme__family")
