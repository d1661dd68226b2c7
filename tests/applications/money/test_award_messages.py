"""What a firm is told about its money: once, in one message a batch, and of its own only."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.cases.models import Message
from applications.cases.services.errors import ApplicationError
from applications.centre.imports.payments import PAYMENT_RESULTS
from applications.centre.imports.recording import keep_sheet, record_sheet, rehearse
from applications.money.models import AwardLine
from applications.money.services import awards, payments, refunds
from applications.money.services.messages import tell_of_payments
from portal.models import Delivery
from tests.applications.centre.test_payment_results import as_csv, row_of
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    MembershipFactory,
    UserFactory,
)
from tests.letters import sent_letters

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 10, 15)
AWARDS = reverse("firm:awards")
pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return FinanceFactory()


@pytest.fixture
def member(clerk):
    return MembershipFactory()


@pytest.fixture
def fund(clerk):
    return FundFactory(name="市级小升规奖励资金", budget=Decimal(1000))


@pytest.fixture
def line(fund, member):
    case = ApplicationFactory(enterprise=member.enterprise, submitted_at=NOW)
    return AwardLineFactory(application=case, fund=fund, state="approved")


def scheduled(lines, clerk):
    [batch], _ = payments.schedule(lines=lines, actor=clerk, now=NOW)
    return batch


def pay(batch, clerk, voucher="支1号"):
    return payments.pay_batch(
        batch=batch, voucher_number=voucher, paid_on=TODAY, actor=clerk, now=NOW
    )


def test_a_payment_is_told_with_its_amount_level_and_day(line, member, clerk, settings):
    settings.SITE_URL = "https://portal.example.cn"
    pay(scheduled([line], clerk), clerk)
    message = Message.objects.get()
    programme = line.application.edition.programme.name
    assert (message.recipient, message.subject) == (member.user, f"奖补已支付：{programme}")
    assert message.application == line.application
    for told in (
        "晋城市已从“市级小升规奖励资金”支付奖补 1 项，共 20 万元，支付日期 2026年10月15日",
        f"{programme}，申报 {line.application.number}：市级 首次升规 20 万元",
    ):
        assert told in message.text
    assert "没有支付" not in message.text
    (sent,) = sent_letters()
    assert sent.to == [member.user.email]
    own = f"{AWARDS}?enterprise={member.enterprise_id}"
    assert f"查看奖补和到账：https://portal.example.cn{own}" in sent.body


def test_sixty_payments_of_a_firm_are_one_message_and_each_firm_reads_its_own(fund, member, clerk):
    other = EnterpriseFactory(credit_code="91140522MA0K00003X", name="邻家公司")
    stranger = MembershipFactory(enterprise=other)
    cases = [ApplicationFactory(enterprise=member.enterprise) for _ in range(20)]
    lines = [
        AwardLineFactory(application=case, fund=fund, state="approved", amount=Decimal("1.5"))
        for case in cases
        for _ in range(3)
    ]
    theirs = AwardLineFactory(
        application=ApplicationFactory(enterprise=other), fund=fund, state="approved"
    )
    pay(scheduled([*lines, theirs], clerk), clerk)
    message = Message.objects.get(recipient=member.user)
    assert message.subject == "奖补已支付：60 项"
    assert message.application is None
    assert "60 项，共 90 万元" in message.text
    assert all(message.text.count(case.number) == 3 for case in cases)
    assert theirs.application.number not in message.text
    assert "1 项，共 20 万元" in Message.objects.get(recipient=stranger.user).text
    assert len(sent_letters()) == 2


def test_a_part_says_what_is_left(line, clerk):
    batch = scheduled([line], clerk)
    payments.change_payment(
        payment=batch.payments.get(), amount=Decimal("12.5"), actor=clerk, now=NOW
    )
    pay(batch, clerk)
    assert "首次升规 12.5 万元，这一项还有 7.5 万元没有支付" in Message.objects.get().text


def test_a_payment_is_told_once_and_not_before_it_holds(line, fund, clerk):
    batch = scheduled([line], clerk)
    fund.budgets.update(amount=Decimal(1))
    with pytest.raises(ApplicationError):
        pay(batch, clerk)
    assert not Delivery.objects.exists()
    assert not Message.objects.exists()
    fund.budgets.update(amount=Decimal(100))
    batch = pay(batch, clerk)
    tell_of_payments(batch)
    assert Message.objects.count() == Delivery.objects.count() == 1


def test_telling_asks_as_often_for_many_payments_of_a_firm(line, fund, clerk):
    def queries(lines, voucher):
        batch = pay(scheduled(lines, clerk), clerk, voucher)
        with CaptureQueriesContext(connection) as captured:
            tell_of_payments(batch)
        return len(captured)

    case = {"application": line.application, "fund": fund, "state": "approved"}
    few = queries([line], "支1号")
    assert queries(AwardLineFactory.create_batch(12, **case), "支2号") == few


@pytest.mark.parametrize(
    ("again", "told"), [(True, "改正后重新支付"), (False, "退回的部分不再支付")]
)
def test_money_that_came_back_is_told_with_its_reason(line, member, clerk, again, told):
    batch = pay(scheduled([line], clerk), clerk)
    refunds.refund(
        payment=batch.payments.get(), amount=Decimal(5), on=TODAY, reason="账号<有>误",
        document_number="", pay_again=again, actor=clerk, now=NOW,
    )  # fmt: skip
    message = Message.objects.get(subject__startswith="奖补资金退回")
    assert "2026年10月15日支付的“市级 首次升规”，2026年10月15日退回 5 万元" in message.text
    assert told in message.text
    assert "原因：账号<有>误" in message.text
    assert line.application.number in message.text


def test_a_payment_that_failed_is_told_and_one_that_was_moved_is_not(line, fund, clerk):
    batch = scheduled([line], clerk)
    payments.remove_payment(payment=batch.payments.get(), actor=clerk, now=NOW)
    assert not Message.objects.exists()
    line.refresh_from_db()
    batch = scheduled([line], clerk)
    payments.remove_payment(payment=batch.payments.get(), reason="账号有误", actor=clerk, now=NOW)
    message = Message.objects.get()
    assert "“市级 首次升规”的 20 万元没有付成。请核对收款账户" in message.text
    assert "原因：账号有误" in message.text


def test_an_import_tells_what_was_paid_and_what_failed_when_it_is_recorded(line, fund, clerk):
    second = AwardLineFactory(application=line.application, fund=fund, state="approved", title="二")
    batch = scheduled([line, second], clerk)
    paid, failed = batch.payments.order_by("pk")
    rows = [row_of(paid, paid_on="2026-10-15"), row_of(failed, "支付失败")]
    options = {"kind": PAYMENT_RESULTS, "user": clerk, "now": NOW}
    sheet = keep_sheet(name="结果.csv", content=as_csv(rows), **options)
    rehearse(sheet=sheet, **options)
    assert not Message.objects.exists()
    assert not sent_letters()
    record_sheet(sheet=sheet, **options)
    subjects = sorted(Message.objects.values_list("subject", flat=True))
    assert [subject.split("：")[0] for subject in subjects] == ["奖补已支付", "奖补支付没有成功"]
    assert len(sent_letters()) == 2


def test_an_end_is_told_with_its_reason(fund, line, clerk):
    awards.void(line=line, reason="已退库", actor=clerk, now=NOW)
    message = Message.objects.get()
    assert message.subject.startswith("奖补不再给付：")
    assert "“市级 首次升规”（20 万元）不再给付" in message.text
    assert "原因：已退库" in message.text


def test_an_amount_that_staff_set_is_told_when_it_changes(fund, line, clerk):
    own = AwardLineFactory(
        application=line.application, fund=fund, kind="range", amount=None,
        low=Decimal(25), high=Decimal(50), title="重点项目",
    )  # fmt: skip

    def set_amount(amount):
        awards.set_amount(
            line=AwardLine.objects.get(pk=own.pk), amount=Decimal(amount), reason="评审为第二档",
            document_number="测试〔2026〕9号", actor=clerk, now=NOW,
        )  # fmt: skip

    set_amount("40.5")
    set_amount("40.5")
    message = Message.objects.get()
    for told in ("“市级 重点项目”的金额已核定为 40.5 万元", "25–50 万元", "测试〔2026〕9号"):
        assert told in message.text
    assert "第二档" not in message.text  # what staff wrote for the record
    set_amount("45")
    assert Message.objects.count() == 2


def test_bad_news_goes_out_as_a_text_message_too(fund, line, member, clerk, settings):
    settings.SMS_SENDER = "portal.outbox.sms.LogSmsSender"
    member.user.mobile = "1" + "3" * 10
    member.user.save()
    case = {"application": line.application, "fund": fund}
    ended = AwardLineFactory(**case)
    open_line = AwardLineFactory(**case, kind="range", low=None, high=Decimal(9), amount=None)
    done = {"actor": clerk, "now": NOW}
    awards.set_amount(
        line=open_line, amount=Decimal(9), reason="评审", document_number="评1号", **done
    )
    awards.void(line=ended, reason="已退库", **done)
    batch = scheduled([line], clerk)
    payments.remove_payment(payment=batch.payments.get(), reason="账号有误", **done)
    line.refresh_from_db()
    batch = pay(scheduled([line], clerk), clerk)
    refunds.refund(
        payment=batch.payments.get(), amount=Decimal(5), on=TODAY, reason="账号有误",
        document_number="", pay_again=True, **done,
    )  # fmt: skip

    def told_by(channel):
        sent = Delivery.objects.filter(channel=channel).order_by("pk")
        return [subject.split("：")[0] for subject in sent.values_list("subject", flat=True)]

    urgent = ["奖补不再给付", "奖补支付没有成功", "奖补资金退回"]
    assert told_by("sms") == urgent
    assert told_by("email") == ["奖补金额已核定", *urgent[:2], "奖补已支付", urgent[2]]


def test_a_message_about_money_leads_to_the_firm_it_is_about(client, line, member, clerk):
    MembershipFactory(
        user=member.user,
        enterprise=EnterpriseFactory(credit_code="91140522MA0K00003X", name="另一家公司"),
    )
    pay(scheduled([line], clerk), clerk)
    client.force_login(member.user)
    message = Message.objects.get()
    page = client.get(reverse("firm:messages")).content.decode()
    assert "查看奖补和到账" in page
    opened = client.post(reverse("firm:open-message", args=[message.reference]))
    for enterprise in (member.enterprise, EnterpriseFactory(credit_code="91140522MA0K00003X")):
        shown = client.get(AWARDS, {"enterprise": enterprise.pk}).content.decode()
        assert enterprise.name in shown
        assert (line.application.number in shown) == (enterprise == member.enterprise)
    assert opened.url == f"{AWARDS}?enterprise={member.enterprise_id}"
    foreign = EnterpriseFactory(credit_code="91140522MA0K00005T", name="外人")
    for named in (foreign.pk, "x", "9" * 30):
        assert client.get(AWARDS, {"enterprise": named}).status_code == 404


def test_staff_of_the_place_see_how_its_mail_went(client, fund, member, clerk):
    cases = [ApplicationFactory(enterprise=member.enterprise) for _ in range(2)]
    lines = [AwardLineFactory(application=case, fund=fund, state="approved") for case in cases]
    pay(scheduled(lines, clerk), clerk)
    listing = reverse("admin:portal_delivery_changelist")
    for code, count in (("140521", 1), ("140500", 1), ("140522", 0)):
        client.force_login(
            UserFactory(permissions=["view_delivery", "view_application"], jurisdiction_code=code)
        )
        page = client.get(listing)
        assert page.context["cl"].result_count == count
        assert (member.enterprise.name in page.content.decode()) == bool(count)
