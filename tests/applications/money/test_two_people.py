"""Two people pay: who confirmed or approved a line does not register its payment."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications.cases.services.errors import ApplicationError
from applications.centre.imports.payments import (
    LEFT_TO_OTHERS,
    OWN_BATCH,
    OWN_LINE,
    PAYMENT_RESULTS,
)
from applications.centre.imports.recording import (
    ALL_LEFT_OUT,
    SheetImportError,
    keep_sheet,
    record_sheet,
    rehearse,
)
from applications.money.guards import TWO_PEOPLE
from applications.money.models import AwardEvent, AwardLine, PaymentBatch
from applications.money.services import awards, payments, refunds
from tests.applications.cases.test_concurrency import at_once
from tests.applications.centre.test_payment_results import as_csv, row_of
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    UserFactory,
)

SUBMITTED = datetime(2026, 5, 6, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 10, 15)
OWN = "有 1 项由您确认或批准，支付要由另一人登记"
pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return FinanceFactory(username="first")


@pytest.fixture
def second(first):
    return FinanceFactory(username="second")


@pytest.fixture
def fund(first):
    return FundFactory(budget=Decimal(1000))


def prepared(fund):
    """A line of a case of its own."""
    return AwardLineFactory(
        application=ApplicationFactory(edition=EditionFactory(), submitted_at=SUBMITTED), fund=fund
    )


def confirm(line, actor):
    line.refresh_from_db()
    awards.confirm(line=line, note="核实", document_number="", actor=actor, now=NOW)
    line.refresh_from_db()


def approve(line, actor):
    awards.approve(line=line, document_number="批1号", actor=actor, now=NOW)
    line.refresh_from_db()


def granted(fund, confirmed_by, approved_by):
    line = prepared(fund)
    confirm(line, confirmed_by)
    approve(line, approved_by)
    return line


def drafted(lines, actor):
    batch = payments.make_batch(fund=lines[0].fund, actor=actor, now=NOW)
    for line in lines:
        payments.add_payment(batch=batch, line=line, actor=actor, now=NOW)
    return batch


def pay(batch, actor, voucher="支1号"):
    return payments.pay_batch(
        batch=batch, voucher_number=voucher, paid_on=TODAY, actor=actor, now=NOW
    )


def record(line, actor, action):
    """Write an event past all services."""
    event = AwardEvent(
        line=line, at=NOW, actor=actor, action=action, source="approved", target="approved"
    )
    AwardEvent.objects.bulk_create([event])


@pytest.mark.parametrize("role", ["confirmed", "approved", "both"])
def test_who_confirmed_or_approved_a_line_does_not_pay_it(fund, first, second, role):
    third = FinanceFactory(username="third")
    confirmer = first if role in ("confirmed", "both") else second
    approver = first if role in ("approved", "both") else second
    line = granted(fund, confirmer, approver)
    # Whoever granted it may draft the batch.
    batch = drafted([line], first)
    with pytest.raises(ApplicationError, match=OWN) as refused:
        pay(batch, first)
    assert str(line) in str(refused.value)
    line.refresh_from_db()
    assert (line.state, line.paid) == ("approved", 0)
    pay(batch, third)
    line.refresh_from_db()
    assert (line.state, line.paid) == ("paid", 20)


@pytest.mark.parametrize(("count", "named"), [(10, 10), (11, 10)])
def test_a_refusal_names_ten_own_lines_and_says_that_there_are_more(fund, first, count, named):
    lines = [granted(fund, first, first) for _ in range(count)]
    with pytest.raises(ApplicationError, match=f"有 {count} 项由您确认或批准") as refused:
        pay(drafted(lines, first), first)
    told = str(refused.value)
    assert sum(str(line) in told for line in lines) == named
    assert (" 等。" in told) == (count > named)


def test_a_batch_with_one_own_line_pays_nothing_and_goes_through_without_it(fund, first, second):
    own, other = granted(fund, second, first), granted(fund, second, second)
    batch = drafted([other, own], first)
    with pytest.raises(ApplicationError, match=OWN) as refused:
        pay(batch, first)
    assert str(own) in str(refused.value)
    assert str(other) not in str(refused.value)
    assert PaymentBatch.objects.get().is_draft
    assert not AwardEvent.objects.filter(action="pay").exists()
    payments.remove_payment(payment=batch.payments.get(line=own), actor=first, now=NOW)
    pay(batch, first)
    other.refresh_from_db()
    assert other.state == "paid"


def test_what_went_back_to_be_confirmed_by_another_may_be_paid(fund, first, second):
    line = granted(fund, first, first)
    awards.reopen(line=line, reason="换人确认", actor=first, now=NOW)
    confirm(line, second)
    approve(line, second)
    batch = drafted([line], first)
    with pytest.raises(ApplicationError, match=OWN):
        pay(batch, second)
    pay(batch, first)


def test_a_second_confirmation_counts_again(fund, first, second):
    line = granted(fund, first, second)
    awards.reopen(line=line, reason="再看一次", actor=second, now=NOW)
    confirm(line, first)
    approve(line, second)
    with pytest.raises(ApplicationError, match=OWN):
        pay(drafted([line], first), first)


def test_what_came_back_and_is_paid_again_needs_two_people_too(fund, first, second):
    line = granted(fund, first, first)
    batch = drafted([line], second)
    pay(batch, second)
    refunds.refund(
        payment=batch.payments.get(), amount=Decimal(20), on=TODAY, reason="账号有误",
        document_number="", pay_again=True, actor=first, now=NOW,
    )  # fmt: skip
    line.refresh_from_db()
    again = drafted([line], first)
    with pytest.raises(ApplicationError, match=OWN):
        pay(again, first, "支2号")
    pay(again, second, "支2号")


def test_a_superuser_is_bound_too(fund, second):
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    line = granted(fund, second, root)
    batch = drafted([line], root)
    with pytest.raises(ApplicationError, match=OWN):
        pay(batch, root)


# The database


@pytest.mark.parametrize("action", ["confirm", "approve"])
def test_the_database_refuses_to_pay_what_one_granted(fund, first, second, action):
    line = AwardLineFactory(fund=fund, state="approved")
    record(line, first, action)
    with pytest.raises(IntegrityError, match=TWO_PEOPLE), transaction.atomic():
        record(line, first, "pay")
    record(line, second, "pay")
    record(AwardLineFactory(fund=fund, state="approved"), first, "pay")
    record(line, second, "reopen")
    record(line, first, "pay")
    record(line, first, action)
    with pytest.raises(IntegrityError, match=TWO_PEOPLE), transaction.atomic():
        record(line, first, "pay")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_two_clerks_who_pay_at_once_the_one_who_granted_it_never_does(fund, first, second):
    batch = drafted([granted(fund, first, first)], first)

    def attempt(actor):
        try:
            pay(batch, actor)
        except ApplicationError:
            return 0
        return 1

    clerks = [first, first, second, first]
    assert at_once([lambda each=each: attempt(each) for each in clerks]) == [0, 0, 1, 0]
    assert PaymentBatch.objects.get().paid_by == second


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_who_grants_a_line_anew_while_it_is_paid_does_not_pay_it(fund, first, second):
    """A line that goes back and is granted by another at the same moment."""
    line = granted(fund, second, second)

    def grant_and_pay():
        try:
            own = AwardLine.objects.get(pk=line.pk)
            awards.reopen(line=own, reason="换人", actor=first, now=NOW)
            confirm(own, first)
            approve(own, first)
            pay(drafted([own], first), first)
        except ApplicationError:
            return 0
        return 1

    assert sum(at_once([grant_and_pay] * 4)) == 0
    assert not AwardEvent.objects.filter(action="pay").exists()


# By import


def sheet_of(rows, actor):
    content = as_csv(rows)
    return keep_sheet(kind=PAYMENT_RESULTS, name="结果.csv", content=content, user=actor, now=NOW)


def rows_of(batch, voucher, result="已支付"):
    own = batch.payments.select_related("batch", "line__application__enterprise")
    changes = {"voucher_number": voucher} if result == "已支付" else {}
    return [row_of(each, result, **changes) for each in own.order_by("pk")]


def recorded(rows, actor):
    sheet = sheet_of(rows, actor)
    return record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=actor, now=NOW)


def test_an_import_leaves_batches_with_own_lines_to_another_and_records_the_rest(
    fund, first, second
):
    mixed = drafted([granted(fund, second, second), granted(fund, second, first)], first)
    others = drafted([granted(fund, second, second)], first)
    rows = [*rows_of(mixed, "支1号"), *rows_of(others, "支2号")]
    sheet = sheet_of(rows, first)
    seen = rehearse(kind=PAYMENT_RESULTS, sheet=sheet, user=first, now=NOW)
    assert (seen.problems, seen.new) == ([], 1)
    told = [(each.place.number, each.message) for each in seen.left_out]
    assert told == [(2, OWN_BATCH.format(place="第 3 行")), (3, OWN_LINE)]
    done = record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=first, now=NOW)
    assert done.outcome == (
        f"已登记 1 行。其中已支付 1 项，共付 20 万元。有 2 行没有登记：{LEFT_TO_OTHERS}"
    )
    states = dict(PaymentBatch.objects.values_list("pk", "state"))
    assert states == {mixed.pk: "draft", others.pk: "paid"}


def test_a_colleague_records_what_an_import_left_out(fund, first):
    third = FinanceFactory(username="third")
    mixed = drafted([granted(fund, first, first)], first)
    others = drafted([granted(fund, third, third)], first)
    rows = [*rows_of(mixed, "支1号"), *rows_of(others, "支2号")]
    recorded(rows, first)
    done = recorded(rows, third)
    assert done.outcome.startswith("已登记 1 行。")
    assert done.outcome.endswith("另有 1 行以前已登记，没有改动。")
    assert set(PaymentBatch.objects.values_list("paid_by", flat=True)) == {first.pk, third.pk}


def test_a_file_of_which_the_user_may_record_nothing_stays_open(fund, first):
    batch = drafted([granted(fund, first, first)], first)
    sheet = sheet_of(rows_of(batch, "支1号"), first)
    with pytest.raises(SheetImportError, match=ALL_LEFT_OUT):
        record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=first, now=NOW)
    sheet.refresh_from_db()
    assert sheet.done_at is None
    assert PaymentBatch.objects.get().is_draft


def test_an_own_payment_that_failed_may_be_recorded(fund, first, second):
    batch = drafted([granted(fund, first, second), granted(fund, second, second)], first)
    failed, paid = rows_of(batch, "支1号", "支付失败")[0], rows_of(batch, "支1号")[1]
    assert recorded([failed, paid], first).outcome.startswith("已登记 2 行。")


# The pages


def page_of(batch):
    return reverse("admin:money_paymentbatch_change", args=[batch.pk])


def test_the_page_of_a_batch_marks_own_lines_and_offers_no_payment(client, fund, first, second):
    own, other = granted(fund, second, first), granted(fund, second, second)
    batch = drafted([own, other], first)
    client.force_login(first)
    page = client.get(page_of(batch)).content.decode()
    assert page.count("由您确认或批准</span>") == 1
    assert "有 1 项由您确认或批准（表中已标明），支付要由另一人登记" in page
    address = reverse("admin:money_paymentbatch_pay", args=[batch.pk])
    assert address not in page
    data = {
        "voucher_number": "支1号",
        "paid_on": "2026-10-15",
        "seen": [f"{line.pk}:20" for line in (own, other)],
    }
    refused = client.post(address, data)
    assert (refused.status_code, OWN in refused.content.decode()) == (400, True)
    client.force_login(FinanceFactory(username="third"))
    page = client.get(page_of(batch)).content.decode()
    assert address in page
    assert "由您确认或批准" not in page


def test_the_preview_of_an_import_says_what_is_left_to_another(client, fund, first, second):
    mixed = drafted([granted(fund, second, first)], first)
    others = drafted([granted(fund, second, second)], first)
    sheet = sheet_of([*rows_of(mixed, "支1号"), *rows_of(others, "支2号")], first)
    client.force_login(first)
    address = reverse("admin:centre_sheetimport_change", args=[sheet.pk])
    page = client.get(address).content.decode()
    assert "将登记 1 行" in page
    assert f"下面 1 行这次不登记：{LEFT_TO_OTHERS}" in page
    assert OWN_LINE in page
    assert "<td>这次不登记</td>" in page
    only = sheet_of(rows_of(mixed, "支1号"), first)
    address = reverse("admin:centre_sheetimport_change", args=[only.pk])
    page = client.get(address).content.decode()
    record_address = reverse("admin:centre_sheetimport_record", args=[only.pk])
    assert "表里没有可以由您登记的行" in page
    assert record_address not in page
    refused = client.post(record_address)
    assert (refused.status_code, ALL_LEFT_OUT in refused.content.decode()) == (400, True)
