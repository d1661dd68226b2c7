"""A correction has its day: counted by the calendar, told to the firm, and closed when it is over."""

from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.html import strip_tags

from applications.cases.guards.application import LAPSES_LATE
from applications.cases.models import (
    Application,
    ApplicationEvent,
    Correction,
    Message,
    PublishedYear,
)
from applications.cases.services.corrections import (
    close_unanswered,
    remind_of_corrections,
    set_due_days,
)
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import decide, request_correction
from applications.cases.workflow import Action, Status
from tests.applications.cases.test_working_days import ADD, YEAR
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    EnterpriseFactory,
    MembershipFactory,
    UserFactory,
)

CHINA = ZoneInfo("Asia/Shanghai")
# A Monday; the fifteenth working day after it, over the Dragon Boat Festival, is 2026-06-23.
RETURNED = datetime(2026, 6, 1, 16, tzinfo=CHINA)
DUE = date(2026, 6, 23)
# Fifteen working days after it lie in a year that nobody knows yet.
IN_DECEMBER = datetime(2026, 12, 14, 9, tzinfo=CHINA)
LIST = reverse("admin:cases_application_changelist")
pytestmark = pytest.mark.django_db


def at(day, hour=9, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)


def give_back(application=None, now=RETURNED, **fields):
    """A correction asked of a firm with a member."""
    application = application or ApplicationFactory(status=Status.IN_REVIEW)
    return request_correction(
        application=application, actor=UserFactory(), facts=["enterprise.employees"],
        materials=[], reason="人数与社保不符", now=now, **fields,
    )  # fmt: skip


@pytest.fixture
def member():
    return MembershipFactory().user


@pytest.fixture
def correction(member):
    return give_back()


def close(correction, now, reason="到期没有补正。", actor=None):
    case = Application.objects.get(pk=correction.application_id)
    close_unanswered(application=case, actor=actor or UserFactory(), reason=reason, now=now)


def reminders():
    return Message.objects.filter(subject__startswith="补正快到期了")


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def page_of(correction):
    return reverse("admin:cases_application_change", args=[correction.application_id])


def test_a_correction_is_due_after_fifteen_working_days_from_the_next_day(correction):
    assert (correction.working_days, correction.due_on) == (15, DUE)
    details = correction.application.events.get().details
    assert (details["working_days"], details["due_on"]) == (15, "2026-06-23")


def test_staff_may_give_more_or_fewer_days_within_limits():
    for days, due in ((5, date(2026, 6, 8)), (60, date(2026, 8, 25))):
        assert give_back(working_days=days, application=_another(days)).due_on == due
    for days in (4, 61):
        with pytest.raises(ApplicationError, match="5 到 60 个工作日"):
            give_back(working_days=days, application=_another(days))


def _another(number):
    firm = EnterpriseFactory(credit_code=f"TESTCODE{number:010d}")
    return ApplicationFactory(enterprise=firm, status=Status.IN_REVIEW)


def test_the_message_of_the_return_says_until_when(member, correction):
    assert "请在 2026-06-23（含当天）以前提交" in Message.objects.get(recipient=member).text


def test_while_the_calendar_is_unknown_there_is_no_day_and_the_pages_say_so(
    client, member, time_machine
):
    time_machine.move_to(IN_DECEMBER)
    correction = give_back(now=IN_DECEMBER)
    assert correction.due_on is None
    assert "截止日公布后才能确定" in Message.objects.get(recipient=member).text
    client.force_login(member)
    for name in ("case", "correct"):
        page = text(client.get(reverse(f"firm:{name}", args=[correction.application.reference])))
        assert "现在还没有截止日" in page
        assert "15 个工作日" in page
    client.force_login(UserFactory(is_superuser=True))
    assert "还没有登记放假安排，登记后自动算出" in text(client.get(page_of(correction)))
    assert "补正截止日未定" in text(client.get(f"{LIST}?queue=all"))
    with pytest.raises(ApplicationError, match="截止日还没有定"):
        close(correction, IN_DECEMBER + timedelta(days=90))


def test_the_day_is_set_when_staff_enter_the_year_for_all_open_corrections(client):
    waiting = [give_back(_another(number), IN_DECEMBER) for number in (1, 2)]
    answered = give_back(_another(3), IN_DECEMBER)
    Correction.objects.filter(pk=answered.pk).update(answered_at=IN_DECEMBER)
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    assert client.post(ADD, YEAR).status_code == 302
    days = Correction.objects.filter(pk__in=[one.pk for one in waiting])
    assert set(days.values_list("due_on", flat=True)) == {date(2027, 1, 5)}
    answered.refresh_from_db()
    assert answered.due_on is None
    assert set_due_days(IN_DECEMBER) == 0


def test_the_firm_is_told_of_a_day_that_is_set_later_once(client, member, time_machine, settings):
    settings.SMS_SENDER = "portal.outbox.sms.LogSmsSender"
    member.mobile = "13800000000"
    member.save()
    give_back(now=IN_DECEMBER)
    time_machine.move_to(IN_DECEMBER + timedelta(days=1))
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    assert client.post(ADD, YEAR).status_code == 302
    call_command("remind_corrections", stdout=StringIO())
    message = Message.objects.get(subject__startswith="补正截止日已定")
    assert message.recipient == member
    assert "最后一天定为 2027年1月5日（退回后 15 个工作日）" in message.text
    assert "人数与社保不符" in message.text
    channels = message.deliveries.values_list("delivery__channel", flat=True)
    assert sorted(channels) == ["email", "sms"]


def test_a_day_that_is_set_late_leaves_the_firm_three_working_days_from_then_on(member):
    correction = give_back(now=IN_DECEMBER)
    PublishedYear.objects.create(year=2027, document_number="测试〔2026〕1号")
    late = datetime(2027, 2, 22, 10, tzinfo=CHINA)
    assert set_due_days(late) == 1
    correction.refresh_from_db()
    assert correction.due_on == date(2027, 2, 25)
    told = Message.objects.get(recipient=member, subject__startswith="补正截止日已定").text
    assert "最后一天定为 2027年2月25日（从今天起 3 个工作日" in told
    assert "退回后 15 个工作日算到 1月4日" in told
    with pytest.raises(ApplicationError, match="企业可以补正到 2027-02-25"):
        close(correction, at(date(2027, 2, 25)))
    close(correction, at(date(2027, 2, 26)))


def test_no_day_is_set_while_the_days_that_a_firm_has_from_now_on_are_unknown():
    correction = give_back(now=IN_DECEMBER)
    PublishedYear.objects.create(year=2027, document_number="测试〔2026〕1号")
    assert set_due_days(datetime(2027, 12, 30, 9, tzinfo=CHINA)) == 0
    correction.refresh_from_db()
    assert correction.due_on is None


def test_nobody_is_reminded_by_a_calendar_that_was_taken_back():
    correction = give_back(now=IN_DECEMBER)
    PublishedYear.objects.create(year=2027, document_number="测试〔2026〕1号")
    assert set_due_days(IN_DECEMBER) == 1
    PublishedYear.objects.filter(year=2027).delete()
    assert remind_of_corrections(datetime(2026, 12, 31, 9, tzinfo=CHINA)) == 0
    correction.refresh_from_db()
    assert correction.due_on == date(2027, 1, 4)


def test_a_day_that_was_set_stays_and_the_database_keeps_it(correction):
    own = Correction.objects.filter(pk=correction.pk)
    for change in (
        {"due_on": DUE + timedelta(days=1)},
        {"due_on": None},
        {"working_days": 20},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            own.update(**change)
    for days in (4, 61):
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.create(
                application=ApplicationFactory(), reason="测试", requested_at=RETURNED,
                requested_by=UserFactory(), working_days=days,
            )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "count"),
    [
        # 2026-06-19 is the festival, then comes a weekend: 17, 18, 22 and 23 are worked.
        (date(2026, 6, 16), 0),
        (date(2026, 6, 17), 1),
        (date(2026, 6, 23), 1),
        (date(2026, 6, 24), 0),
    ],
)
def test_the_firm_is_reminded_three_working_days_before_and_not_after(correction, day, count):
    assert remind_of_corrections(at(day)) == count
    assert reminders().count() == count


def test_a_reminder_is_sent_once_as_message_mail_and_text(member, correction, settings):
    settings.SMS_SENDER = "portal.outbox.sms.LogSmsSender"
    member.mobile = "13800000000"
    member.save()
    soon = at(date(2026, 6, 18))
    out = StringIO()
    assert remind_of_corrections(soon) == 1
    assert remind_of_corrections(soon) == 0
    assert remind_of_corrections(soon + timedelta(days=4)) == 0
    call_command("remind_corrections", stdout=out)
    assert "提醒补正 0 件" in out.getvalue()
    message = reminders().get()
    assert message.recipient == member
    assert "2026年6月23日是最后一天" in message.text
    channels = message.deliveries.values_list("delivery__channel", flat=True)
    assert sorted(channels) == ["email", "sms"]


def test_the_daily_command_sets_days_and_reminds(correction, time_machine):
    late = give_back(_another(1), IN_DECEMBER)
    Correction.objects.filter(pk=late.pk).update(answered_at=None)
    time_machine.move_to(at(date(2026, 6, 18)))
    out = StringIO()
    call_command("remind_corrections", stdout=out)
    assert out.getvalue().splitlines() == ["定下截止日 0 件。", "提醒补正 1 件。"]
    assert reminders().count() == 1


def test_an_answered_correction_is_not_reminded_of(correction):
    Correction.objects.filter(pk=correction.pk).update(answered_at=RETURNED)
    assert remind_of_corrections(at(date(2026, 6, 18))) == 0


def test_staff_close_it_only_after_the_last_day_and_with_a_reason(member, correction):
    for now in (at(DUE), at(DUE, 23, 59)):
        with pytest.raises(ApplicationError, match="可以补正到 2026-06-23"):
            close(correction, now)
    midnight = at(DUE + timedelta(days=1), 0)
    with pytest.raises(ApplicationError, match="理由"):
        close(correction, midnight, reason=" ")
    close(correction, midnight)
    case = correction.application
    case.refresh_from_db()
    assert case.status == Status.LAPSED
    assert case.get_status_display() == "逾期未补正"
    event = case.events.last()
    assert (event.action, event.opinion) == ("lapse", "到期没有补正。")
    assert case.corrections.get().answered_at == midnight
    told = Message.objects.filter(recipient=member, subject__startswith="逾期未补正，申报结案")
    assert "可以重新申报" in told.get().text
    with pytest.raises(ApplicationError, match="不能“逾期结案”"):
        close(correction, midnight)


def lapse_by_hand(case, now, *, actor=None, opinion="逾期", source="returned"):
    """Write the record of the end past all services, and then the end."""
    ApplicationEvent.objects.bulk_create(
        [
            ApplicationEvent(
                application=case, at=now, actor=actor, action="lapse", source=source,
                target="lapsed", step_level="county", step_place=0, opinion=opinion,
            )
        ]
    )  # fmt: skip
    Application.objects.filter(pk=case.pk).update(status="lapsed", arrived_at=now)


def test_the_database_lets_a_case_lapse_only_late_with_a_reason_and_by_somebody(correction):
    case, actor = correction.application, UserFactory()
    late = at(DUE + timedelta(days=1), 0)
    for now, values in (
        (at(DUE, 23, 59), {"actor": actor}),
        (late, {"actor": None}),
        (late, {"actor": actor, "opinion": ""}),
        (late, {"actor": actor, "source": "in_review"}),
    ):
        with pytest.raises(IntegrityError, match=LAPSES_LATE), transaction.atomic():
            lapse_by_hand(case, now, **values)
    own = Application.objects.filter(pk=case.pk)
    # Without its record, and from another status.
    with pytest.raises(IntegrityError, match=LAPSES_LATE), transaction.atomic():
        own.update(status="lapsed", arrived_at=late)
    other = _another(1)
    with pytest.raises(IntegrityError, match=LAPSES_LATE), transaction.atomic():
        lapse_by_hand(other, late, actor=actor)
    lapse_by_hand(case, late, actor=actor)
    assert own.get().status == Status.LAPSED


def test_the_database_lets_no_case_lapse_whose_correction_has_no_day_or_is_answered(correction):
    late = at(DUE + timedelta(days=1), 0)
    actor = UserFactory()
    undated = give_back(_another(1), IN_DECEMBER)
    with pytest.raises(IntegrityError, match=LAPSES_LATE), transaction.atomic():
        lapse_by_hand(undated.application, IN_DECEMBER + timedelta(days=90), actor=actor)
    Correction.objects.filter(pk=correction.pk).update(answered_at=at(DUE))
    with pytest.raises(IntegrityError, match=LAPSES_LATE), transaction.atomic():
        lapse_by_hand(correction.application, late, actor=actor)


def test_only_whoever_has_the_case_closes_it(correction):
    elsewhere = UserFactory(jurisdiction_code="140500")
    with pytest.raises(ApplicationError, match="现在由县级办理"):
        close(correction, at(DUE + timedelta(days=1)), actor=elsewhere)


def test_until_somebody_closes_it_a_late_answer_counts(client, member, time_machine, correction):
    time_machine.move_to(at(DUE + timedelta(days=3)))
    client.force_login(member)
    case = correction.application
    page = text(client.get(reverse("firm:case", args=[case.reference])))
    assert "已经逾期；受理部门可以结案，结案以前仍可以补正" in page
    assert client.get(reverse("firm:correct", args=[case.reference])).status_code == 200


def test_after_it_was_closed_the_firm_applies_again_and_staff_may_take_that_back(correction):
    close(correction, at(DUE + timedelta(days=1)))
    case = Application.objects.get(pk=correction.application_id)
    again = ApplicationFactory(edition=case.edition, enterprise=case.enterprise)
    assert again.status == Status.SUBMITTED
    with pytest.raises(ApplicationError, match="另一件有效的申报"):
        reopen(case)
    decide(
        application=again, action=Action.REJECT, actor=UserFactory(), opinion="不符", now=RETURNED
    )
    reopen(Application.objects.get(pk=case.pk))
    case.refresh_from_db()
    assert case.status == Status.IN_REVIEW


def test_a_case_is_not_reopened_beside_one_of_a_later_edition(correction):
    close(correction, at(DUE + timedelta(days=1)))
    case = Application.objects.get(pk=correction.application_id)
    later = EditionFactory(programme=case.edition.programme, effective_from="2026-06-01")
    ApplicationFactory(edition=later, enterprise=case.enterprise)
    with pytest.raises(ApplicationError, match="另一件有效的申报"):
        reopen(case)


def reopen(case):
    decide(
        application=case, action=Action.REOPEN, actor=UserFactory(), opinion="邮路中断",
        now=RETURNED,
    )  # fmt: skip


def test_the_firm_sees_its_last_day(client, member, time_machine, correction):
    time_machine.move_to(at(DUE, 23, 59))
    client.force_login(member)
    for name in ("case", "correct"):
        page = text(client.get(reverse(f"firm:{name}", args=[correction.application.reference])))
        assert "<strong>2026年6月23日</strong>（含当天）" in page
        assert "逾期；" not in page


def test_staff_see_the_day_and_may_close_it_when_it_is_over(client, time_machine, correction):
    time_machine.move_to(at(DUE))
    client.force_login(UserFactory())
    overdue = f"{LIST}?queue=all&correction=overdue"
    number = correction.application.number
    page = text(client.get(page_of(correction)))
    assert "2026-06-23（15 个工作日）" in page
    assert 'value="lapse"' not in page
    assert "补正到 2026-06-23" in strip_tags(text(client.get(f"{LIST}?queue=all")))
    assert number not in text(client.get(overdue))
    assert "可以结案的申报 <strong>0</strong> 件" in text(client.get(reverse("admin:index")))
    time_machine.move_to(at(DUE + timedelta(days=1), 0))
    page = text(client.get(page_of(correction)))
    assert "已逾期，可以结案；结案以前企业仍可补正" in page
    assert 'value="lapse"' in page
    assert "补正逾期，2026-06-23 截止" in strip_tags(text(client.get(overdue)))
    assert "可以结案的申报 <strong>1</strong> 件" in text(client.get(reverse("admin:index")))
    case = correction.application
    sent = {"seen": case.version, "action": "lapse", "opinion": ""}
    address = reverse("admin:cases_application_decide", args=[case.pk])
    assert "请写明理由" in text(client.post(address, sent), 400)
    assert client.post(address, {**sent, "opinion": "逾期"}).status_code == 302
    case.refresh_from_db()
    assert case.status == Status.LAPSED


@pytest.mark.parametrize(
    ("given", "days"), [("", 15), ("5", 5), ("60", 60), ("4", 0), ("61", 0), ("很久", 0)]
)
def test_staff_say_how_many_days_when_they_give_it_back(client, given, days):
    client.force_login(UserFactory())
    case = ApplicationFactory(status=Status.IN_REVIEW, answers={"enterprise.employees": 30})
    data = {
        "seen": case.version, "action": "return", "opinion": "人数不符",
        "materials": ["其他材料"], "working_days": given,
    }  # fmt: skip
    response = client.post(reverse("admin:cases_application_decide", args=[case.pk]), data)
    if days:
        assert response.status_code == 302
        assert case.corrections.get().working_days == days
    else:
        assert "补正期限请填 5 到 60 个工作日" in text(response, 400)
        assert not case.corrections.exists()
