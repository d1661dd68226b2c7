"""A notice posted in error is withdrawn in public, and its cases may be noticed again."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.cases.models import Application, Message
from applications.cases.workflow import Status
from applications.notices.models import Notice, Objection
from applications.notices.services.drafts import make_notice
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import end_notice, post_notice
from applications.notices.services.objections import record_objection, settle_objection
from applications.notices.services.recognitions import RecognitionError, recognise
from applications.notices.services.withdrawal import withdraw_notice
from tests.factories import (
    JurisdictionFactory,
    ManagerFactory,
    MembershipFactory,
    ObjectionFactory,
    approved_cases,
    drafted_notice,
    posted_notice,
)

CHINA = ZoneInfo("Asia/Shanghai")
POSTED = datetime(2026, 9, 24, 9, tzinfo=CHINA)
NOW = datetime(2026, 9, 28, 10, tzinfo=CHINA)
OVER = datetime(2026, 10, 10, 9, tzinfo=CHINA)
REASON = "名单有误，漏列一家企业。"
FORM = {"line": "", "text": "企业已经停产。", "name": "测试单位", "contact": "0356-7000001"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    JurisdictionFactory()
    return ManagerFactory()


@pytest.fixture
def posted(manager):
    return posted_notice(approved_cases(2), POSTED, manager)


@pytest.fixture
def withdrawn(manager, posted):
    return withdraw(posted, manager)


def withdraw(notice, actor, reason=REASON, now=NOW):
    return withdraw_notice(notice=notice, reason=reason, actor=actor, now=now)


def statuses():
    return set(Application.objects.values_list("status", flat=True))


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def public(notice, name="notice"):
    return reverse(f"notices:{name}", args=[notice.number])


def admin(notice, name="change"):
    return reverse(f"admin:notices_notice_{name}", args=[notice.pk])


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_a_withdrawn_notice_says_when_by_whom_and_why_and_its_cases_are_approved_again(
    manager, posted
):
    found = withdraw(posted, manager, f"  {REASON} ")
    assert (found.status, found.withdrawn_on) == ("withdrawn", date(2026, 9, 28))
    assert (found.withdrawn_by, found.withdrawal_reason) == (manager, REASON)
    assert (found.ended_on, found.ended_by) == (None, None)
    assert set(found.lines.values_list("outcome", flat=True)) == {"withdrawn"}
    assert statuses() == {Status.APPROVED}
    for case in Application.objects.all():
        event = case.events.last()
        assert (event.action, event.actor) == ("withdraw_notice", manager)
        assert (event.source, event.target) == (Status.IN_NOTICE, Status.APPROVED)
        assert REASON in event.opinion
        assert posted.number in event.opinion


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_without_a_reason_nothing_is_withdrawn(manager, posted, reason):
    with pytest.raises(NoticeError, match="撤回的原因"):
        withdraw(posted, manager, reason)
    assert statuses() == {Status.IN_NOTICE}


def test_only_a_posted_notice_is_withdrawn_and_only_once(manager, posted):
    draft = drafted_notice(approved_cases(1), manager)
    with pytest.raises(NoticeError, match="现在是“草稿”，不能撤回"):
        withdraw(draft, manager)
    withdraw(posted, manager)
    with pytest.raises(NoticeError, match="现在是“已撤回”，不能撤回"):
        withdraw(posted, manager)
    with pytest.raises(NoticeError, match="现在是“已撤回”，不能结束"):
        end_notice(notice=posted, actor=manager, now=OVER)
    ended = posted_notice(approved_cases(1), POSTED, manager)
    end_notice(notice=ended, actor=manager, now=OVER)
    with pytest.raises(NoticeError, match="现在是“公示期满”，不能撤回"):
        withdraw(ended, manager)


def test_the_firms_are_told_why_and_that_they_need_not_apply_again(manager, posted):
    case = Application.objects.first()
    member = MembershipFactory(enterprise=case.enterprise).user
    withdraw(posted, manager)
    message = Message.objects.get(recipient=member)
    assert message.subject.startswith("公示已撤回：")
    assert REASON in message.text
    assert "您不用重新申报" in message.text
    assert message.deliveries.get().delivery.channel == "email"


def test_cases_of_a_withdrawn_notice_join_another_one_and_only_that_one_clears_them(
    manager, withdrawn
):
    cases = list(Application.objects.all())
    with pytest.raises(RecognitionError, match="现在是“已撤回”，没有公示期满"):
        recognise(
            applications=cases, document_number="测试〔2026〕8号", on=date(2026, 9, 28),
            actor=manager, now=NOW, notice=withdrawn,
        )  # fmt: skip
    second, refusals = make_notice(applications=cases, actor=manager, now=NOW)
    assert not refusals
    second.working_days = 5
    second.save()
    post_notice(notice=second, actor=manager, now=NOW)
    assert statuses() == {Status.IN_NOTICE}
    end_notice(notice=second, actor=manager, now=OVER + timedelta(days=5))
    recognition = recognise(
        applications=cases, document_number="测试〔2026〕9号", on=date(2026, 10, 15),
        actor=manager, now=OVER + timedelta(days=6),
    )  # fmt: skip
    assert recognition.notice == second
    assert set(withdrawn.lines.values_list("outcome", flat=True)) == {"withdrawn"}


def test_a_case_that_left_the_notice_before_is_only_struck_off(manager, posted):
    gone = Application.objects.first()
    Application.objects.filter(pk=gone.pk).update(status=Status.REJECTED)
    withdraw(posted, manager)
    assert posted.lines.get(application=gone).outcome == "dropped"
    gone.refresh_from_db()
    assert gone.status == Status.REJECTED


def test_objections_are_kept_and_may_still_be_settled_on_record_but_none_is_taken(manager, posted):
    objection = record_objection(
        notice=posted, line=posted.lines.first(), name="测试单位", contact="0356-7000001",
        text="已停产。", now=NOW,
    )  # fmt: skip
    withdraw(posted, manager)
    with pytest.raises(NoticeError, match="已经撤回，不再接收异议"):
        record_objection(notice=posted, line=None, name="甲", contact="乙", text="丙", now=NOW)
    settle_objection(
        objection=objection, outcome="upheld", handling="属实。", actor=manager, now=NOW
    )
    assert Objection.objects.get().outcome == "upheld"
    assert statuses() == {Status.APPROVED}


def test_the_database_keeps_a_withdrawn_notice_and_takes_no_half_withdrawal(manager, posted):
    own = Notice.objects.filter(pk=posted.pk)
    whole = {
        "status": "withdrawn",
        "withdrawn_on": "2026-09-28",
        "withdrawn_by": manager,
        "withdrawal_reason": REASON,
    }
    for lacking in whole:
        refused(lambda part=lacking: own.update(**{k: v for k, v in whole.items() if k != part}))
    refused(lambda: own.update(**{**whole, "withdrawn_on": "2026-09-23"}))
    refused(lambda: own.update(**whole, ended_on="2026-10-10", ended_by=manager))
    draft = drafted_notice(approved_cases(1), manager)
    fields = {"posted_on": "2026-09-24", "posted_by": manager, "ends_on": "2026-10-09"}
    refused(lambda: Notice.objects.filter(pk=draft.pk).update(**whole, **fields))
    withdraw(posted, manager)
    refused(lambda: own.update(withdrawal_reason="换个说法"))
    refused(
        lambda: own.update(
            status="posted", withdrawn_on=None, withdrawn_by=None, withdrawal_reason=""
        )
    )
    refused(lambda: posted.lines.update(outcome="open"))


def test_the_public_page_stays_and_says_withdrawn_with_day_and_reason(client, withdrawn):
    page = text(client.get(public(withdrawn)))
    for words in ("已撤回", "这批公示已于 2026年9月28日撤回", REASON, "沁水县第1测试公司"):
        assert words in page
    assert "不再作为认定的依据" in page
    assert "次日起可以结束" not in page
    assert "在网上提出异议" not in page
    assert "公示已于 2026年9月28日撤回，不再接收异议" in page
    told = text(client.get(public(withdrawn, "objection"), follow=True))
    assert "这批公示已经撤回" in told
    response = client.post(public(withdrawn, "objection"), FORM)
    assert "这批公示已经撤回" in response.content.decode()
    assert not Objection.objects.exists()


def test_the_public_list_shows_running_notices_before_withdrawn_ones(client, manager, withdrawn):
    running = posted_notice(approved_cases(1), POSTED - timedelta(days=2), manager)
    page = text(client.get(reverse("notices:notice-list")))
    assert "2026年9月28日撤回" in page
    assert page.index(running.number) < page.index(withdrawn.number)


def test_staff_withdraw_with_a_reason_and_read_the_objections_after_it(
    client, manager, posted, time_machine
):
    time_machine.move_to(NOW)
    ObjectionFactory(notice=posted, text="名单有误")
    client.force_login(manager)
    assert "撤回后不能恢复" in text(client.get(admin(posted)))
    assert "请写明撤回的原因" in text(client.post(admin(posted, "withdraw"), {"reason": " "}), 400)
    page = text(client.post(admin(posted, "withdraw"), {"reason": REASON}, follow=True))
    for words in ("公示已撤回，名单中的申报仍是", "2026-09-28", REASON, "名单有误", "留存备查"):
        assert words in page
    assert "撤回公示</button>" not in page
    assert "结束公示</button>" not in page
    again = text(client.post(admin(posted, "withdraw"), {"reason": "别的原因"}), 400)
    assert "不能撤回" in again


def test_a_later_notice_tells_staff_of_the_one_that_was_withdrawn(client, manager, posted):
    ObjectionFactory.create_batch(3, notice=posted)
    withdraw(posted, manager)
    later = drafted_notice(list(Application.objects.all()), manager)
    client.force_login(manager)
    page = text(client.get(admin(later)))
    assert posted.number in page
    assert "收到异议 3 条" in page
    assert "曾列入已撤回的公示" not in text(client.get(admin(posted)))


def test_who_may_only_look_or_is_elsewhere_withdraws_nothing(client, manager, posted):
    for user, status in (
        (ManagerFactory(permissions=["view_notice"]), 403),
        (ManagerFactory(jurisdiction_code="140521"), 404),
    ):
        client.force_login(user)
        response = client.post(admin(posted, "withdraw"), {"reason": REASON})
        assert response.status_code == status
    client.force_login(manager)
    assert client.get(admin(posted, "withdraw")).status_code == 405
    assert statuses() == {Status.IN_NOTICE}


def test_the_list_export_says_when_and_why_a_notice_was_withdrawn(client, withdrawn):
    client.force_login(ManagerFactory(permissions=["view_notice", "export_lists"]))
    address = reverse("admin:notices_notice_list", args=["notices"])
    response = client.post(f"{address}?", {"format": "csv"})
    content = b"".join(response) if response.streaming else response.content
    page = content.decode("utf-8-sig")
    for words in ("公示截止日", "撤回日", "撤回原因", "2026-09-28", REASON, "公示已撤回"):
        assert words in page
