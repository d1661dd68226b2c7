"""Reclaims: what was paid is claimed back by two people, comes back in parts, is late, or is dropped."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications.cases.models import Application, Message
from applications.cases.services.errors import ApplicationError
from applications.centre.daily_mail import post_daily_mail
from applications.centre.workbench import waiting_work
from applications.enterprises.models import EnterpriseChange
from applications.money.guards import (
    RECLAIM_FOREIGN,
    RECLAIM_NEEDS_TWO,
    RECLAIM_STAYS,
    RECLAIM_SUM,
    RECLAIM_TOO_MUCH,
)
from applications.money.models import AwardEvent, AwardLine, Reclaim, ReclaimDrop, Refund
from applications.money.services import payments, reclaims
from applications.money.services.figures import figures_of
from applications.money.services.refunds import refund
from portal.acts_of_two import ActOfTwoError
from portal.models import Delivery
from tests.applications.cases.test_concurrency import at_once
from tests.applications.money.test_two_people import drafted, granted
from tests.applications.money.test_two_people import pay as pay_now
from tests.factories import (
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    MembershipFactory,
)

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LATER = NOW + timedelta(days=46)  # 30 November, a Monday
TODAY, DUE = date(2026, 10, 15), date(2026, 11, 16)
WHY = "提供虚假的收入证明"
pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return FinanceFactory(username="first", email="first@staff.example")


@pytest.fixture
def second(first):
    return FinanceFactory(username="second")


@pytest.fixture
def line(first, second):
    """20 万元, paid in two batches of 12 and 8."""
    own = granted(FundFactory(budget=Decimal(1000)), first, first)
    for number, part in enumerate((12, 8), start=1):
        batch = drafted([own], first)
        batch.payments.update(amount=part)
        AwardLine.objects.filter(pk=own.pk).update(scheduled=part)
        pay_now(batch, second, f"支{number}号")
        own.refresh_from_db()
    assert (own.state, own.paid) == ("paid", 20)
    return own


def proposed(line, actor, amount="15", **changes):
    what = {
        "reason": WHY, "document_number": "追〔2026〕1号", "due_on": DUE, "actor": actor, "now": NOW,
        **changes,
    }  # fmt: skip
    return reclaims.propose_reclaim(line=line, amount=Decimal(amount), **what)


def claimed(line, first, second, amount="15"):
    claim = proposed(line, first, amount)
    return reclaims.confirm_reclaim(reclaim=claim, actor=second, now=NOW)


def book(claim, actor, amount, **changes):
    what = {"on": TODAY, "document_number": "收1号", "now": NOW, **changes}
    return reclaims.book_return(reclaim=claim, amount=Decimal(amount), actor=actor, **what)


def waiting(user, today=TODAY):
    return {each.title: each.count for each in waiting_work(user, today)}


def test_a_second_person_sends_the_claim_and_the_firm_is_told(line, first, second):
    member = MembershipFactory(enterprise=line.application.enterprise)
    claim = proposed(line, first)
    assert waiting(second)["待复核的追回和不再追回"] == 1
    assert not Message.objects.filter(recipient=member.user, subject__contains="要退回").exists()
    reclaims.confirm_reclaim(reclaim=claim, actor=second, now=NOW)
    message = Message.objects.get(recipient=member.user, subject__contains="要退回")
    for told in ("15 万元", "2026年11月16日", "追〔2026〕1号", WHY, "行政复议"):
        assert told in message.text
    assert Delivery.objects.filter(about__message=message, channel="email").exists()
    event = AwardEvent.objects.filter(line=line).last()
    assert (event.action, event.document_number) == ("reclaim", "追〔2026〕1号")
    assert "追回 15 万元" in event.reason


@pytest.mark.parametrize(
    ("amount", "changes", "told"),
    [
        ("20.000001", {}, "企业现在留下 20 万元，最多追回这么多"),
        ("0", {}, "追回金额应大于 0"),
        ("5", {"reason": " "}, "请写明原因"),
        ("5", {"document_number": " "}, "请填文号"),
        ("5", {"due_on": date(2026, 10, 14)}, "最后期限不能早于今天"),
    ],
)
def test_a_wrong_claim_is_not_made(line, first, amount, changes, told):
    with pytest.raises(ApplicationError, match=told):
        proposed(line, first, amount, **changes)
    assert not Reclaim.objects.exists()


def test_nobody_confirms_their_own_claim_and_a_line_is_claimed_once_at_a_time(line, first, second):
    claim = proposed(line, first)
    with pytest.raises(ActOfTwoError, match="由您提出"):
        reclaims.confirm_reclaim(reclaim=claim, actor=first, now=NOW)
    with pytest.raises(ApplicationError, match="已有追回在办"):
        proposed(line, second)
    reclaims.refuse_reclaim(reclaim=claim, reason="金额不对", actor=second, now=NOW)
    again = proposed(line, first)
    reclaims.withdraw_reclaim(reclaim=again, actor=first, now=NOW)
    claimed(line, first, second)
    with pytest.raises(ApplicationError, match="已有追回在办"):
        proposed(line, second, "1")


def test_money_comes_back_in_parts_and_is_booked_with_the_payments(line, first, second):
    claim = claimed(line, first, second)
    with pytest.raises(ApplicationError, match="还要收回 15 万元"):
        book(claim, second, "15.1")
    with pytest.raises(ApplicationError, match="请填凭证号"):
        book(claim, second, "5", document_number=" ")
    # What is claimed back is booked with its claim, not beside it.
    with pytest.raises(ApplicationError, match="正在追回"):
        refund(
            payment=line.payments.first(), amount=Decimal(1), on=TODAY, reason="退票",
            document_number="", pay_again=True, actor=first, now=NOW,
        )  # fmt: skip
    book(claim, second, "13")
    parts = Refund.objects.order_by("pk").values_list("amount", "reclaim", "document_number")
    assert list(parts) == [(12, claim.pk, "收1号"), (1, claim.pk, "收1号")]
    claim.refresh_from_db()
    line.refresh_from_db()
    assert (claim.recovered, claim.outstanding, claim.is_open) == (13, 2, True)
    assert (line.paid, line.returned, line.net_paid, line.state) == (20, 13, 7, "returned")
    book(claim, first, "2", document_number="收2号")
    claim.refresh_from_db()
    line.refresh_from_db()
    assert (claim.standing(TODAY), line.net_paid) == ("已收回", 5)
    figures = figures_of(AwardLine.objects.all())
    # What came back is free for others.
    assert (figures.paid, figures.committed) == (5, 5)
    with pytest.raises(ApplicationError, match="已收回"):
        book(claim, first, "1")


def test_a_late_claim_is_on_the_desk_in_the_menu_and_in_the_daily_mail(
    client, line, first, second, time_machine
):
    claim = claimed(line, first, second)
    assert waiting(first, DUE)["过了期限没有收齐的追回"] == 0
    assert waiting(first, DUE + timedelta(days=1))["过了期限没有收齐的追回"] == 1
    assert claim.days_late(DUE + timedelta(days=14)) == 14
    time_machine.move_to(LATER)
    client.force_login(first)
    assert "追回逾期" in client.get(reverse("admin:cases_application_changelist")).content.decode()
    listed = client.get(reverse("admin:money_reclaim_changelist") + "?standing=overdue")
    assert "逾期 14 天" in listed.content.decode()
    post_daily_mail(LATER)
    letter = Delivery.objects.get(recipient=first, key__startswith="waiting-")
    assert "过了期限没有收齐的追回：1 项" in letter.text
    book(claim, second, "15", on=LATER.date(), now=LATER)
    assert waiting(first, LATER.date())["过了期限没有收齐的追回"] == 0


def test_a_claim_is_dropped_by_two_and_the_firm_is_told(line, first, second):
    member = MembershipFactory(enterprise=line.application.enterprise)
    claim = claimed(line, first, second)
    book(claim, second, "5")
    with pytest.raises(ApplicationError, match="请写明原因"):
        reclaims.propose_drop(reclaim=claim, reason=" ", actor=first, now=NOW)
    reclaims.propose_drop(reclaim=claim, reason="企业已破产", actor=first, now=NOW)
    with pytest.raises(ApplicationError, match="已有人提出不再追回"):
        reclaims.propose_drop(reclaim=claim, reason="企业已破产", actor=second, now=NOW)
    with pytest.raises(ActOfTwoError, match="由您提出"):
        reclaims.confirm_drop(reclaim=claim, actor=first, now=NOW)
    assert waiting(second)["待复核的追回和不再追回"] == 1
    reclaims.confirm_drop(reclaim=claim, actor=second, now=NOW)
    claim.refresh_from_db()
    line.refresh_from_db()
    assert (claim.standing(DUE + timedelta(days=9)), line.net_paid) == ("不再追回", 15)
    told = Message.objects.get(recipient=member.user, subject__contains="不再追回").text
    assert "10 万元不再追回" in told
    assert "企业已破产" in told
    with pytest.raises(ApplicationError, match="不再追回"):
        book(claim, first, "1")
    assert AwardEvent.objects.filter(line=line, action="drop_reclaim").count() == 1


# The database


def test_the_database_claims_back_no_more_than_was_kept(line, first, second):
    fields = {
        "line": line, "reason": WHY, "document_number": "追1", "due_on": DUE, "proposed_at": NOW,
        "proposed_by": first,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match=RECLAIM_TOO_MUCH), transaction.atomic():
        Reclaim.objects.create(**fields, amount=Decimal("20.000001"))
    Reclaim.objects.create(**fields, amount=Decimal(15))
    with pytest.raises(IntegrityError, match=RECLAIM_TOO_MUCH), transaction.atomic():
        Reclaim.objects.create(**fields, amount=Decimal("5.000001"))
    waits = Reclaim.objects.create(**fields, amount=Decimal(5))
    payment = line.payments.first()
    refund(
        payment=payment, amount=Decimal(1), on=TODAY, reason="主动退还", document_number="",
        pay_again=False, actor=first, now=NOW,
    )  # fmt: skip
    decided = {"state": "confirmed", "decided_at": NOW, "decided_by": second}
    with pytest.raises(IntegrityError, match=RECLAIM_TOO_MUCH), transaction.atomic():
        Reclaim.objects.filter(pk=waits.pk).update(**decided)


def test_the_database_keeps_claims_and_what_came_back_of_them(line, first, second):
    claim = proposed(line, first)
    own = Reclaim.objects.filter(pk=claim.pk)
    decided = {"state": "confirmed", "decided_at": NOW}
    with pytest.raises(IntegrityError, match=RECLAIM_NEEDS_TWO), transaction.atomic():
        own.update(**decided, decided_by=first)
    refunds = {
        "payment": line.payments.first(), "on": TODAY, "reason": WHY, "reclaim": claim,
        "recorded_at": NOW, "recorded_by": first,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match=RECLAIM_FOREIGN), transaction.atomic():
        Refund.objects.create(**refunds, amount=Decimal(1), pay_again=False)
    reclaims.confirm_reclaim(reclaim=claim, actor=second, now=NOW)
    with pytest.raises(IntegrityError, match=RECLAIM_FOREIGN), transaction.atomic():
        Refund.objects.create(**refunds, amount=Decimal("15.1"), pay_again=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.create(**refunds, amount=Decimal(1), pay_again=True)
    with pytest.raises(IntegrityError, match=RECLAIM_SUM), transaction.atomic():
        own.update(recovered=3)
    with pytest.raises(IntegrityError, match="不再追回要有另一人复核"), transaction.atomic():
        own.update(dropped_at=NOW)
    reclaims.propose_drop(reclaim=claim, reason="破产", actor=first, now=NOW)
    drops = ReclaimDrop.objects.filter(reclaim=claim)
    with pytest.raises(IntegrityError, match=RECLAIM_NEEDS_TWO), transaction.atomic():
        drops.update(**decided, decided_by=first)
    with pytest.raises(IntegrityError, match="不再追回要有另一人复核"), transaction.atomic():
        own.update(dropped_at=NOW)
    for act in (
        lambda: own.update(amount=1),
        lambda: own.update(decided_by=first),
        lambda: own._raw_delete(own.db),
        lambda: drops.update(reason="改了"),
        lambda: drops._raw_delete(own.db),
    ):
        with pytest.raises(IntegrityError, match=RECLAIM_STAYS), transaction.atomic():
            act()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_several_who_book_at_once_no_more_comes_back_than_was_claimed(line, first, second):
    claim = claimed(line, first, second)

    def attempt():
        try:
            book(claim, second, "10")
        except ApplicationError:
            return 0
        return 1

    assert sum(at_once([attempt] * 4)) == 1
    claim.refresh_from_db()
    line.refresh_from_db()
    assert (claim.recovered, line.returned) == (10, 10)


# The pages


def page_of(claim, name="change"):
    return reverse(f"admin:money_reclaim_{name}", args=[claim.pk])


def test_finance_claims_confirms_books_and_lists_it(client, line, first, second, time_machine):
    time_machine.move_to(NOW)
    client.force_login(first)
    address = reverse("admin:money_reclaim_propose") + f"?line={line.pk}"
    page = client.get(reverse("admin:money_awardline_change", args=[line.pk])).content.decode()
    assert address in page
    form = {"amount": "15", "document_number": "追1号", "due_on": "2026-11-16", "reason": WHY}
    refused = client.post(address, {**form, "amount": "21"})
    assert (refused.status_code, "最多追回这么多" in refused.content.decode()) == (400, True)
    assert WHY in refused.content.decode()
    page = client.post(address, form, follow=True).content.decode()
    assert "已提出追回 15 万元" in page
    assert "由您提出，要由另一人复核" in page
    claim = Reclaim.objects.get()
    client.force_login(second)
    page = client.post(page_of(claim, "decide"), {"decision": "confirm"}, follow=True)
    assert "正在追回" in page.content.decode()
    form = {"amount": "16", "on": "2026-10-15", "document_number": "收1号"}
    refused = client.post(page_of(claim, "book"), form)
    assert (refused.status_code, "还要收回 15 万元" in refused.content.decode()) == (400, True)
    page = client.post(page_of(claim, "book"), {**form, "amount": "6"}, follow=True)
    assert "已登记收回 6 万元" in page.content.decode()
    refused = client.post(page_of(claim, "drop"), {"reason": ""})
    assert (refused.status_code, "请写明原因" in refused.content.decode()) == (400, True)
    page = client.post(page_of(claim, "drop"), {"reason": "破产"}, follow=True)
    assert "已提出不再追回" in page.content.decode()
    client.force_login(first)
    page = client.post(page_of(claim, "decide_drop"), {"decision": "confirm"}, follow=True)
    assert "不再追回" in page.content.decode()
    member = MembershipFactory(enterprise=line.application.enterprise)
    client.force_login(member.user)
    page = client.get(reverse("firm:awards")).content.decode()
    assert "要退回 15 万元（追1号）" in page
    assert "已退 6 万元，其余不再追回" in page


def test_of_an_absorbed_firm_the_page_says_whom_the_letter_does_not_reach(
    client, line, first, second, time_machine
):
    time_machine.move_to(NOW)
    case, told = line.application, "请另外书面通知“沁水县承继实业有限公司”"
    client.force_login(first)
    address = reverse("admin:money_reclaim_propose") + f"?line={line.pk}"
    assert "书面通知" not in client.get(address).content.decode()
    heir = EnterpriseFactory(credit_code="91140521MA0K00002X", name="沁水县承继实业有限公司")
    merger = EnterpriseChange.objects.create(
        enterprise=case.enterprise, kind="merged", document_number="并1号", on=TODAY, successor=heir,
        proposed_at=NOW, proposed_by=first,
    )  # fmt: skip
    decided = {"state": "confirmed", "decided_at": NOW, "decided_by": second}
    EnterpriseChange.objects.filter(pk=merger.pk).update(**decided)
    assert told in client.get(address).content.decode()
    claim = claimed(line, first, second)
    assert told in client.get(page_of(claim)).content.decode()
    case.events.create(at=NOW, actor=first, action="succeed", opinion="承继")
    Application.objects.filter(pk=case.pk).update(successor=heir)
    assert "书面通知" not in client.get(page_of(claim)).content.decode()


def test_nothing_more_is_paid_on_a_line_while_what_was_paid_is_claimed_back(first, second):
    own = granted(FundFactory(budget=Decimal(1000)), first, first)
    batch = drafted([own], first)
    batch.payments.update(amount=12)
    AwardLine.objects.filter(pk=own.pk).update(scheduled=12)
    pay_now(batch, second, "支1号")
    own.refresh_from_db()
    rest = drafted([own], first)
    own.refresh_from_db()
    claim = claimed(own, first, second, "12")
    with pytest.raises(ApplicationError, match="正在追回"):
        pay_now(rest, second, "支2号")
    payments.remove_payment(payment=rest.payments.get(), actor=second, now=NOW)
    own.refresh_from_db()
    batches, [refusal] = payments.schedule(lines=[own], actor=second, now=NOW)
    assert (batches, "正在追回" in refusal.reason) == ([], True)
    reclaims.propose_drop(reclaim=claim, reason="不追了", actor=first, now=NOW)
    reclaims.confirm_drop(reclaim=claim, actor=second, now=NOW)
    own.refresh_from_db()
    assert payments.schedule(lines=[own], actor=second, now=NOW)[1] == []


@pytest.mark.parametrize("claims", [True, False])
def test_a_second_click_books_nothing_that_came_back_twice(
    client, line, first, second, time_machine, claims
):
    time_machine.move_to(NOW)
    client.force_login(second)
    if claims:
        claim = claimed(line, first, second)
        shown, address = page_of(claim), page_of(claim, "book")
    else:
        payment = line.payments.first()
        page = reverse("admin:money_paymentbatch_refund", args=[payment.batch_id])
        shown = address = f"{page}?payment={payment.pk}"
    found = client.get(shown).content.decode()
    form = {
        "seen": re.search(r'name="seen" value="([^"]*)"', found)[1], "amount": "6", "on": "2026-10-15",
        "document_number": "收1号", "reason": "主动退还", "pay_again": "0",
    }  # fmt: skip
    assert client.post(address, form).status_code == 302
    again = client.post(address, form)
    page = again.content.decode()
    assert "您打开页面以后，已有人登记退回 6 万元" in page
    assert 'value="收1号"' in page
    line.refresh_from_db()
    assert line.returned == 6
    # Whoever means it presses again: the page shows what has come by now.
    form["seen"] = re.search(r'name="seen" value="([^"]*)"', page)[1]
    assert client.post(address, {**form, "amount": "2"}).status_code == 302
    line.refresh_from_db()
    assert line.returned == 8


def test_a_line_that_goes_back_to_be_paid_is_still_held(line, first, second):
    """Money that bounced of a line held meanwhile is not paid anew before somebody decides."""
    AwardLine.objects.filter(pk=line.pk).update(hold="revoked")
    refund(
        payment=line.payments.first(), amount=Decimal(8), on=TODAY, reason="退票",
        document_number="", pay_again=True, actor=first, now=NOW,
    )  # fmt: skip
    line.refresh_from_db()
    assert (line.state, line.payable) == ("approved", 0)
    with pytest.raises(ApplicationError, match="暂停给付"):
        drafted([line], first)
    assert waiting(first)["暂停给付，待决定的奖补"] == 1


def test_the_list_of_claims_says_what_is_out_and_how_late(
    client, line, first, second, time_machine
):
    claim = claimed(line, first, second)
    book(claim, second, "5")
    time_machine.move_to(LATER)
    first.user_permissions.add(Permission.objects.get(codename="export_lists"))
    client.force_login(first)
    address = reverse("admin:money_reclaim_list", args=["reclaims"])
    assert address in client.get(reverse("admin:money_reclaim_changelist")).content.decode()
    page = client.get(address).content.decode()
    for told in ("追回清单", "逾期 14 天", "追〔2026〕1号"):
        assert told in page
    response = client.post(address, {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    headers = next(row for row in rows if "未收回（万元）" in row)
    [own] = [row for row in rows if "追〔2026〕1号" in row]
    told = dict(zip(headers, own, strict=True))
    money = [told[f"{name}（万元）"] for name in ("追回", "已收回", "未收回")]
    assert (money, told["逾期天数"]) == (["15", "5", "10"], "14")
