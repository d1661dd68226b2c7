"""Messages: who is told what, once; what each side may read and write."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import CaseNote, Message
from applications.cases.services.messages import (
    TOLD_TO_FIRM,
    TOLD_TO_NOBODY,
    TOLD_TO_STAFF,
    notify,
    notify_of_event,
)
from applications.cases.services.notes import write_note
from applications.cases.services.review import decide
from applications.cases.workflow import Action
from applications.enterprises.models import Membership
from portal.models import Delivery
from tests.applying import handed_in
from tests.factories import (
    ApplicationFactory,
    CorrectionFactory,
    MembershipFactory,
    UserFactory,
)
from tests.letters import sent_letters
from tests.policies.packs import load_catalogue

INBOX = reverse("firm:messages")
pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return MembershipFactory().user


@pytest.fixture
def application(member):
    return ApplicationFactory()


def reject(application, reason="缺少纳统证明"):
    decide(
        action=Action.REJECT,
        application=application,
        actor=UserFactory(),
        opinion=reason,
        now=timezone.now(),
    )


def note(application, author, *, from_staff, text="请补一份说明"):
    return write_note(
        application=application,
        author=author,
        from_staff=from_staff,
        text=text,
        now=timezone.now(),
    )


@pytest.mark.parametrize("action", Action)
def test_every_action_is_told_to_somebody_or_said_to_be_internal(action):
    assert (action in TOLD_TO_FIRM or action in TOLD_TO_STAFF) != (action in TOLD_TO_NOBODY)


@pytest.mark.parametrize("action", sorted(TOLD_TO_FIRM))
def test_each_text_names_the_case_and_reads_plainly(application, member, action, settings):
    settings.SMS_SENDER = "portal.outbox.sms.LogSmsSender"
    type(member).objects.filter(pk=member.pk).update(mobile="1" + "3" * 10)
    if action == Action.LAPSE:  # which the database takes of an overdue correction only
        yesterday = timezone.localdate() - timedelta(days=1)
        CorrectionFactory(application=application, due_on=yesterday)
    event = application.events.create(
        at=timezone.now(),
        actor=UserFactory(),
        action=action,
        source="returned",
        target="submitted",
        opinion="理由<1>",
        step_level="county",
        step_place=0,
    )
    notify_of_event(event)
    message = Message.objects.get(recipient=member)
    assert application.number in message.text
    assert application.edition.programme.name in message.subject
    assert "{" not in message.text
    assert "&lt;" not in message.text
    assert application.contact_telephone not in message.text
    # What has a day or ends the case rings a telephone; the rest waits in the mail.
    channels = set(Delivery.objects.values_list("channel", flat=True))
    urgent = {"return", "reject", "uphold", "lapse", "recognise", "revoke", "close"}
    assert channels == ({"email", "sms"} if action in urgent else {"email"})


def test_a_rejection_is_told_with_its_reason_and_a_link(application, member, settings):
    settings.SITE_URL = "https://portal.example.cn"
    reject(application)
    (sent,) = sent_letters()
    assert sent.to == [member.email]
    assert "申报未通过" in sent.subject
    assert "缺少纳统证明" in sent.body
    receipt = reverse("firm:case", args=[application.reference])
    assert f"https://portal.example.cn{receipt}" in sent.body
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (Delivery.State.SENT, 1)


def test_nothing_leaves_of_what_was_taken_back(application, member):
    with pytest.raises(RuntimeError), transaction.atomic():
        reject(application)
        assert Delivery.objects.exists()
        raise RuntimeError
    assert not sent_letters()
    assert not Delivery.objects.exists()


def test_the_same_event_is_told_once(application, member):
    reject(application)
    notify_of_event(application.events.get())
    notify_of_event(application.events.get())
    assert Message.objects.filter(recipient=member).count() == 1
    assert len(sent_letters()) == 1


def test_all_active_members_are_told_and_nobody_else(application, member):
    second = MembershipFactory().user
    left = MembershipFactory(user__is_active=False).user
    stranger = MembershipFactory(enterprise__credit_code="91140522MA0K00003X").user
    reject(application)
    told = set(Message.objects.values_list("recipient", flat=True))
    assert told == {member.pk, second.pk}
    assert not {left.pk, stranger.pk} & told


def test_a_firm_without_account_is_told_nothing():
    reject(ApplicationFactory())
    assert not Message.objects.exists()


def test_a_member_without_address_reads_it_on_the_site(application, member):
    type(member).objects.update(email="")
    reject(application)
    assert Message.objects.filter(recipient=member).exists()
    assert not Delivery.objects.exists()


def test_what_is_urgent_goes_out_as_a_text_message(application, member, settings, caplog):
    settings.SMS_SENDER = "portal.outbox.sms.LogSmsSender"
    caplog.set_level("INFO", "portal.outbox.sms")
    member.mobile = "1" + "3" * 10
    member.save()
    reject(application)
    sent_letters()
    assert "申报未通过" in caplog.text
    assert "缺少纳统证明" not in caplog.text
    assert Delivery.objects.get(channel="sms").state == Delivery.State.SENT


URGENT = {Action.RETURN, Action.REJECT, Action.LAPSE, Action.RECOGNISE}


@pytest.mark.parametrize("action", [*sorted(URGENT), Action.ACCEPT, Action.WITHDRAW_NOTICE])
def test_what_decides_or_wants_an_answer_is_urgent(application, member, settings, action):
    settings.SMS_SENDER = "portal.outbox.sms.LogSmsSender"
    member.mobile = "1" + "3" * 10
    member.save()
    if action == Action.LAPSE:  # which the database takes of an overdue correction only
        yesterday = timezone.localdate() - timedelta(days=1)
        CorrectionFactory(application=application, due_on=yesterday)
    event = application.events.create(
        at=timezone.now(), actor=UserFactory(), action=action, source="returned",
        target="submitted", opinion="理由", step_level="county", step_place=0,
    )  # fmt: skip
    notify_of_event(event)
    channels = set(Delivery.objects.values_list("channel", flat=True))
    assert channels == {"email", *(["sms"] if action in URGENT else [])}


def test_without_a_sender_no_text_message_is_noted(application, member):
    member.mobile = "1" + "3" * 10
    member.save()
    reject(application)
    assert not Delivery.objects.filter(channel="sms").exists()


def test_staff_of_the_county_learn_of_an_arrival_on_the_site_only(client):
    load_catalogue()
    own = UserFactory(email="clerk@example.com")
    for who in (
        {"jurisdiction_code": "140522"},
        {"jurisdiction_code": "140500"},
        {"permissions": []},
        {"is_active": False},
    ):
        UserFactory(**who)
    handed_in()
    message = Message.objects.get(enterprise=None)
    assert message.recipient == own
    assert message.kind == Message.Kind.ARRIVAL
    assert own.email not in [to for sent in sent_letters() for to in sent.to]


def test_who_did_it_is_not_told_what_they_did():
    clerk, colleague = UserFactory(), UserFactory()
    application = ApplicationFactory()
    event = application.events.create(
        at=timezone.now(), action="submit", target="submitted", actor=clerk
    )
    notify_of_event(event)
    assert Message.objects.get(enterprise=None).recipient == colleague


def test_a_long_subject_is_cut_and_stays_on_one_line(member):
    notify(
        recipients=[member], kind="note", subject="关于\n补正" + "长" * 250, text="请补正",
        key="one", now=timezone.now(),
    )  # fmt: skip
    assert Message.objects.get().subject == "关于 补正" + "长" * 195


def test_where_the_county_has_no_staff_the_city_learns_of_it():
    city = UserFactory(jurisdiction_code="140500")
    application = ApplicationFactory(county__parent__code="140500")
    application.county.parent_id = "140500"
    application.county.save()
    application.events.create(at=timezone.now(), action="submit", target="submitted")
    notify_of_event(application.events.get())
    assert Message.objects.get().recipient == city


def test_a_recommended_case_arrives_at_the_desk_of_its_next_step():
    application = ApplicationFactory(desk="city")
    application.county.parent_id = "140500"
    application.county.save()
    county, city = UserFactory(), UserFactory(jurisdiction_code="140500")
    event = application.events.create(
        at=timezone.now(),
        actor=county,
        action="recommend",
        target="submitted",
        step_level="county",
        step_place=0,
    )
    notify_of_event(event)
    assert Message.objects.get().recipient == city


def test_a_member_reads_and_opens_own_messages(client, application, member):
    reject(application)
    client.force_login(member)
    page = client.get(INBOX).content.decode()
    assert "缺少纳统证明" in page
    assert "条未读" in page
    message = Message.objects.get()
    assert message.read_at is None
    url = reverse("firm:open-message", args=[message.reference])
    assert client.get(url).status_code == 405
    response = client.post(url)
    assert response.url == reverse("firm:case", args=[application.reference])
    message.refresh_from_db()
    first_read = message.read_at
    assert first_read
    client.post(url)
    message.refresh_from_db()
    assert message.read_at == first_read
    assert "条未读" not in client.get(INBOX).content.decode()
    assert "没有未读的消息" in client.get(INBOX, {"unread": "1"}).content.decode()


def test_what_the_page_showed_is_marked_read_and_nothing_else(client, application, member):
    reject(application)
    shown = Message.objects.get()
    note(application, UserFactory(), from_staff=True)
    client.force_login(member)
    client.post(reverse("firm:read-messages"), {"shown": [shown.reference, "x", "1" * 400]})
    assert list(Message.objects.unread().values_list("kind", flat=True)) == ["note"]


def test_all_up_to_the_newest_shown_are_marked_read_by_one_click(client, application, member):
    for number in range(22):
        note(application, UserFactory(), from_staff=True, text=f"第{number}条。")
    client.force_login(member)
    page = client.get(INBOX).content.decode()
    assert "22 条全部标为已读" in page and "标为已读<span" in page
    assert "全部标为已读" not in client.get(INBOX, {"page": "2"}).content.decode().replace(
        "本页全部标为已读", ""
    )
    newest = Message.objects.order_by("-pk").first()
    note(application, UserFactory(), from_staff=True, text="刚来的。")
    stranger = MembershipFactory(enterprise__credit_code="91140522MA0K00003X").user
    other = Message.objects.create(
        recipient=stranger, enterprise=stranger.memberships.get().enterprise, kind="note",
        subject="别家的", text="x", created_at=timezone.now(), key="other",
    )  # fmt: skip
    data = {"until": newest.reference, "unread": "1"}
    response = client.post(reverse("firm:read-messages"), data, follow=True)
    assert response.redirect_chain[-1][0] == f"{INBOX}?unread=1"
    assert "22 条标为已读" in response.content.decode()
    [left] = Message.objects.unread().exclude(pk=other.pk)
    assert "刚来的。" in left.text
    # What is another's marks nothing.
    client.post(reverse("firm:read-messages"), {"until": other.reference})
    assert Message.objects.unread().count() == 2
    read = client.get(INBOX, {"page": "2"}).content.decode()
    assert "已读 " in read and "未读" in client.get(INBOX).content.decode()


def test_strangers_and_former_members_get_404(client, application, member):
    reject(application)
    message = Message.objects.get()
    url = reverse("firm:open-message", args=[message.reference])
    assert client.post(url).status_code == 302
    message.refresh_from_db()
    assert message.read_at is None
    stranger = MembershipFactory(enterprise__credit_code="91140522MA0K00003X").user
    client.force_login(stranger)
    assert client.post(url).status_code == 404
    assert application.number not in client.get(INBOX).content.decode()
    Membership.objects.filter(user=member).delete()
    client.force_login(member)
    assert client.post(url).status_code == 404
    assert application.number not in client.get(INBOX).content.decode()


def test_the_inbox_takes_the_same_queries_for_many_messages_and_has_pages(
    client, application, member, django_assert_max_num_queries
):
    for number in range(25):
        note(application, UserFactory(), from_staff=True, text=f"第{number}条。")
    client.force_login(member)
    with django_assert_max_num_queries(6):
        page = client.get(INBOX).content.decode()
    assert "第24条。" in page
    assert "第4条。" not in page
    assert "第4条。" in client.get(INBOX, {"page": "2"}).content.decode()


def test_the_frame_asks_once_for_unread_messages_and_only_when_logged_in(client, member):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("pages:calendar"))
        return [query["sql"] for query in captured if "cases_message" in query["sql"]]

    assert not queries()
    client.force_login(member)
    assert len(queries()) == 1


def test_staff_read_their_own_in_the_admin(client, application):
    clerk, other = UserFactory(), UserFactory()
    note(application, MembershipFactory().user, from_staff=False, text="请问何时公示？")
    message = Message.objects.get(recipient=clerk)
    listing = reverse("admin:cases_message_changelist")
    client.force_login(clerk)
    page = client.get(listing).content.decode()
    assert "企业留言" in page
    assert "1 条未读" in page
    shown = client.get(reverse("admin:cases_message_change", args=[message.pk]))
    assert "请问何时公示？" in shown.content.decode()
    response = client.post(reverse("admin:cases_message_open", args=[message.pk]))
    assert response.url == reverse("admin:cases_application_change", args=[application.pk])
    message.refresh_from_db()
    assert message.read_at
    others = Message.objects.get(recipient=other)
    url = reverse("admin:cases_message_open", args=[others.pk])
    assert client.post(url).status_code == 404
    others.refresh_from_db()
    assert others.read_at is None


def test_staff_who_moved_away_no_longer_read_of_the_case(client, application):
    clerk = UserFactory()
    note(application, MembershipFactory().user, from_staff=False)
    clerk.jurisdiction_code = "140522"
    clerk.save()
    client.force_login(clerk)
    page = client.get(reverse("admin:cases_message_changelist")).content.decode()
    assert application.number not in page


def test_firm_and_staff_write_on_the_case_and_are_told(client, application, member):
    clerk = UserFactory()
    receipt = reverse("firm:case", args=[application.reference])
    client.force_login(member)
    response = client.post(
        reverse("firm:write-note", args=[application.reference]), {"text": "何时公示？"}
    )
    assert response.url == receipt
    assert Message.objects.get(recipient=clerk).kind == Message.Kind.NOTE
    client.force_login(clerk)
    case = reverse("admin:cases_application_change", args=[application.pk])
    assert "何时公示？" in client.get(case).content.decode()
    client.post(
        reverse("admin:cases_application_note", args=[application.pk]),
        {"text": "下月<b>初</b>。"},
    )
    assert "下月<b>初</b>。" in sent_letters()[0].body
    client.force_login(member)
    page = client.get(receipt).content.decode()
    assert "下月&lt;b&gt;初&lt;/b&gt;。" in page
    assert clerk.username not in page


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
def test_a_bad_note_comes_back_with_its_text_and_a_reason(client, application, member, text):
    UserFactory()
    client.force_login(member)
    url = reverse("firm:write-note", args=[application.reference])
    page = client.post(url, {"text": text}).content.decode()
    assert "invalid-feedback" in page
    assert text.strip() in page
    client.force_login(UserFactory())
    url = reverse("admin:cases_application_note", args=[application.pk])
    response = client.post(url, {"text": text})
    assert response.status_code == 400
    assert text.strip() in response.content.decode()
    assert not CaseNote.objects.exists()


def test_only_members_and_staff_in_charge_write_or_read_notes(client, application, member):
    note(application, UserFactory(), from_staff=True, text="只给本企业")
    receipt = reverse("firm:case", args=[application.reference])
    write = reverse("firm:write-note", args=[application.reference])
    assert "只给本企业" not in client.get(receipt).content.decode()
    assert client.post(write, {"text": "冒充"}).status_code == 302
    stranger = MembershipFactory(enterprise__credit_code="91140522MA0K00003X").user
    client.force_login(stranger)
    assert "只给本企业" not in client.get(receipt).content.decode()
    assert client.post(write, {"text": "冒充"}).status_code == 404
    url = reverse("admin:cases_application_note", args=[application.pk])
    for who, status in (
        ({"jurisdiction_code": "140522"}, 404),
        ({"permissions": ["view_application"]}, 403),
    ):
        client.force_login(UserFactory(**who))
        assert client.post(url, {"text": "冒充"}).status_code == status
    assert CaseNote.objects.count() == 1


def test_an_answer_goes_to_those_who_have_acted_on_the_case(application, member):
    acted, idle = UserFactory(), UserFactory()
    decide(application=application, action=Action.ACCEPT, actor=acted, now=timezone.now())
    note(application, member, from_staff=False)
    assert Message.objects.filter(recipient=acted, enterprise=None).exists()
    assert not Message.objects.filter(recipient=idle).exists()


def test_an_answer_goes_to_those_who_wrote_and_not_to_who_left(application, member):
    wrote, left, idle = UserFactory(), UserFactory(), UserFactory()
    for author in (wrote, left):
        note(application, author, from_staff=True)
    left.jurisdiction_code = "140800"
    left.save()
    note(application, member, from_staff=False)
    to_staff = Message.objects.filter(enterprise=None)
    assert [message.recipient for message in to_staff] == [wrote]
    wrote.is_staff = False
    wrote.save()
    note(application, member, from_staff=False)
    assert to_staff.latest("pk").recipient == idle


@pytest.mark.usefixtures("files_root")
def test_an_application_is_told_to_all_members_of_the_firm():
    load_catalogue()
    colleague = MembershipFactory(role="member").user
    application = handed_in()
    for user in (colleague, application.submitted_by):
        assert Message.objects.get(recipient=user).kind == Message.Kind.RECEIPT
