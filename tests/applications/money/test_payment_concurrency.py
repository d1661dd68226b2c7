"""Several clerks at one line, batch or budget at once, on PostgreSQL: money moves once."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from applications.cases.services.errors import ApplicationError
from applications.centre.imports.payments import PAYMENT_RESULTS
from applications.centre.imports.recording import keep_sheet, record_sheet
from applications.money.models import AwardEvent, AwardLine, Budget, Payment, PaymentBatch
from applications.money.services import awards, payments, refunds
from applications.money.services.budgets import set_budget
from applications.money.services.figures import figures_of
from tests.applications.cases.test_concurrency import THREADS, at_once
from tests.applications.centre.test_payment_results import as_csv, row_of
from tests.factories import AwardLineFactory, FinanceFactory, FundFactory, JurisdictionFactory

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 10, 15)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


@pytest.fixture
def clerk():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return FinanceFactory()


def tried(act):
    try:
        act()
    except ApplicationError:
        return 0
    return 1


def confirm(line, clerk):
    own = AwardLine.objects.get(pk=line.pk)
    awards.confirm(line=own, note="核实", document_number="", actor=clerk, now=NOW)


def pay(batch, clerk):
    payments.pay_batch(
        batch=batch, voucher_number=batch.number, paid_on=TODAY, actor=clerk, now=NOW
    )


def test_a_line_paid_by_many_clerks_at_once_is_paid_once(clerk):
    fund = FundFactory()
    line = AwardLineFactory(fund=fund, state="approved")
    batches = [payments.make_batch(fund=fund, actor=clerk, now=NOW) for _ in range(THREADS)]

    def schedule_and_pay(batch):
        payments.add_payment(
            batch=batch, line=AwardLine.objects.get(pk=line.pk), actor=clerk, now=NOW
        )
        pay(batch, clerk)

    results = at_once([lambda each=each: tried(lambda: schedule_and_pay(each)) for each in batches])
    line.refresh_from_db()
    assert sum(results) == 1
    assert (line.state, line.paid, line.scheduled) == ("paid", 20, 0)
    assert Payment.objects.get().amount == 20


def test_partial_payments_at_once_stop_at_the_amount(clerk):
    fund = FundFactory()
    line = AwardLineFactory(fund=fund, state="approved")
    batches = [payments.make_batch(fund=fund, actor=clerk, now=NOW) for _ in range(THREADS)]
    part = Decimal("1.5")  # fits 13 times into 20

    def schedule(batch):
        payments.add_payment(batch=batch, line=line, amount=part, actor=clerk, now=NOW)

    results = at_once([lambda each=each: tried(lambda: schedule(each)) for each in batches])
    line.refresh_from_db()
    assert sum(results) == 13
    assert line.scheduled == sum(each.amount for each in Payment.objects.all()) == 13 * part


def test_a_batch_paid_by_many_at_once_is_paid_once(clerk):
    fund = FundFactory()
    line = AwardLineFactory(fund=fund, state="approved")
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    payments.add_payment(batch=batch, line=line, actor=clerk, now=NOW)
    assert sum(at_once([lambda: tried(lambda: pay(batch, clerk))] * THREADS)) == 1
    line.refresh_from_db()
    assert (line.state, line.paid) == ("paid", 20)
    assert AwardEvent.objects.filter(action="pay").count() == 1


def test_lines_confirmed_at_once_stay_within_the_budget(clerk):
    fund = FundFactory()  # 100, five lines of 20
    lines = AwardLineFactory.create_batch(THREADS, fund=fund)
    results = at_once([lambda each=each: tried(lambda: confirm(each, clerk)) for each in lines])
    assert sum(results) == 5
    assert figures_of(AwardLine.objects.all()).committed == 100


def test_a_line_confirmed_by_many_at_once_is_so_once(clerk):
    line = AwardLineFactory()
    assert sum(at_once([lambda: tried(lambda: confirm(line, clerk))] * THREADS)) == 1
    assert line.events.count() == 1


def test_the_same_money_confirmed_at_once_is_granted_once(clerk):
    lines = AwardLineFactory.create_batch(4, fund=FundFactory(), same_money="C38")
    results = at_once([lambda each=each: tried(lambda: confirm(each, clerk)) for each in lines])
    assert sum(results) == 1


def test_a_budget_cut_while_a_line_is_confirmed_holds(clerk):
    fund = FundFactory()
    line = AwardLineFactory(fund=fund)

    def cut():
        set_budget(
            fund=fund, year=2026, amount=Decimal(10), parts={}, document_number="预2号",
            reason="", actor=clerk, now=NOW,
        )  # fmt: skip

    results = at_once([lambda: tried(cut), lambda: tried(lambda: confirm(line, clerk))])
    assert sum(results) == 1
    assert figures_of(AwardLine.objects.all()).committed <= Budget.objects.get().amount


def test_the_first_budget_of_a_year_set_by_many_at_once_is_one(clerk):
    fund = FundFactory(budget=False)

    def first(amount):
        set_budget(
            fund=fund, year=2026, amount=Decimal(amount), parts={}, document_number="预1号",
            reason="", actor=clerk, now=NOW,
        )  # fmt: skip

    results = at_once([lambda: tried(lambda: first(50))] * THREADS)
    assert sum(results) == 1
    assert Budget.objects.get().amount == 50


def test_money_sent_back_by_many_at_once_comes_back_once(clerk):
    fund = FundFactory()
    line = AwardLineFactory(fund=fund, state="approved")
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    payment = payments.add_payment(batch=batch, line=line, actor=clerk, now=NOW)
    pay(batch, clerk)

    def refund():
        refunds.refund(
            payment=payment, amount=Decimal(20), on=TODAY, reason="账号有误", document_number="",
            pay_again=True, actor=clerk, now=NOW,
        )  # fmt: skip

    assert sum(at_once([lambda: tried(refund)] * THREADS)) == 1
    line.refresh_from_db()
    assert (line.returned, line.payable) == (20, 20)


def test_batches_made_at_once_get_running_numbers(clerk):
    fund = FundFactory()
    at_once([lambda: payments.make_batch(fund=fund, actor=clerk, now=NOW)] * THREADS)
    numbers = sorted(int(batch.number[-4:]) for batch in PaymentBatch.objects.all())
    assert numbers == list(range(1, THREADS + 1))


def results_of(batch, clerk):
    """The results of a batch of which the last failed, uploaded by the clerk."""
    *paid, failed = batch.payments.order_by("pk").select_related(
        "batch", "line__application__enterprise"
    )
    rows = [row_of(each, paid_on=TODAY.isoformat()) for each in paid]
    content = as_csv([*rows, row_of(failed, "支付失败")])
    return keep_sheet(kind=PAYMENT_RESULTS, name="结果.csv", content=content, user=clerk, now=NOW)


def test_results_that_several_clerks_record_at_once_are_recorded_once(clerk):
    fund = FundFactory()
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    for line in AwardLineFactory.create_batch(
        4, fund=fund, state="approved", application__submitted_at=NOW
    ):
        payments.add_payment(batch=batch, line=line, actor=clerk, now=NOW)
    clerks = [clerk, *FinanceFactory.create_batch(7)]
    sheets = [(results_of(batch, each), each) for each in clerks]

    def record(sheet, user):
        done = record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=user, now=NOW)
        return done.outcome.startswith("已登记 4 行")

    results = at_once([lambda each=each: record(*each) for each in sheets])
    assert sum(results) == 1  # the others find all of it recorded
    actions = list(AwardEvent.objects.values_list("action", flat=True))
    assert (actions.count("pay"), actions.count("unschedule")) == (3, 1)
    assert sum(line.net_paid for line in AwardLine.objects.all()) == 60
    assert PaymentBatch.objects.get().state == "paid"


def test_files_that_name_the_same_batches_in_other_orders_do_not_block_each_other(clerk):
    funds = [FundFactory(), FundFactory()]
    approved = {"state": "approved", "application__submitted_at": NOW}
    lines = {fund: AwardLineFactory.create_batch(5, fund=fund, **approved) for fund in funds}
    rows = []
    for fund in (*funds, *funds):
        batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
        for line in lines[fund]:
            payments.add_payment(batch=batch, line=line, amount=Decimal(5), actor=clerk, now=NOW)
        own = batch.payments.select_related("batch", "line__application__enterprise")
        rows += [
            row_of(each, paid_on=TODAY.isoformat(), voucher_number=batch.number) for each in own
        ]
    clerks = FinanceFactory.create_batch(6)
    sheets = [
        keep_sheet(
            kind=PAYMENT_RESULTS, name="结果.csv", content=as_csv(rows[:: 1 - 2 * (number % 2)]),
            user=each, now=NOW,
        )
        for number, each in enumerate(clerks)
    ]  # fmt: skip

    def record(sheet, user):
        return record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=user, now=NOW)

    outcomes = at_once(
        [lambda each=each: record(*each) for each in zip(sheets, clerks, strict=True)]
    )
    assert sum(done.outcome.startswith("已登记 20 行") for done in outcomes) == 1
    assert {line.paid for line in AwardLine.objects.all()} == {10}
