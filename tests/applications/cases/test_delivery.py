"""E-mails leave once, are tried again when the server fails, and fail with a reason."""

import re
import socket
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Message, MessageDelivery
from applications.cases.services.messages import notify_of_event
from applications.cases.services.review import decide
from applications.cases.workflow import Action
from portal.models import Delivery
from portal.outbox.sending import (
    CLAIM,
    DEACTIVATED,
    INTERRUPTED,
    MAX_ATTEMPTS,
    RETRY_AFTER,
    send_due,
    try_to_send,
)
from tests.applications.cases.test_concurrency import at_once
from tests.factories import ApplicationFactory, MembershipFactory, UserFactory
from tests.portal.mail_server import mail_server

State = Delivery.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    with mail_server() as running:
        settings.EMAIL_PORT = running.port
        yield running


@pytest.fixture
def delivery():
    return make_delivery()


def make_delivery():
    MembershipFactory()
    application = ApplicationFactory()
    decide(
        action=Action.REJECT,
        application=application,
        actor=UserFactory(),
        opinion="缺证明",
        now=timezone.now(),
    )
    return Delivery.objects.latest("pk")


def test_a_delivery_is_sent_once_however_often_it_is_tried(server, delivery):
    now = timezone.now()
    assert try_to_send(delivery.pk, now)
    assert not try_to_send(delivery.pk, now)
    assert send_due(lambda: now + timedelta(days=9)) == 0
    assert len(server.mails) == 1
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert delivery.sent_at == now


def test_the_same_mail_bears_the_same_number(server, delivery):
    now = timezone.now()
    try_to_send(delivery.pk, now)
    number = re.search(r"Message-ID: <(.+)@", server.mails[0])[1]
    assert number == str(delivery.reference)


def test_the_command_sends_what_never_reached_a_worker(server, delivery, capsys):
    call_command("send_waiting")
    assert "已发送 1 件" in capsys.readouterr().out
    call_command("send_waiting")
    assert len(server.mails) == 1


def test_a_server_that_is_away_is_tried_again_later(settings, server, delivery):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    settings.EMAIL_PORT = closed
    now = timezone.now()
    assert not try_to_send(delivery.pk, now)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.WAITING, 1)
    assert delivery.due_at == now + RETRY_AFTER[0]
    assert "连不上邮件服务器" in delivery.last_error
    settings.EMAIL_PORT = server.port
    assert send_due(lambda: now) == 0
    assert send_due(lambda: delivery.due_at) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.SENT, "")


def test_after_the_last_attempt_staff_read_why_it_failed(client, server, delivery):
    server.refusal = "550 no such mailbox"
    now = timezone.now()
    for attempt in range(1, MAX_ATTEMPTS + 3):
        send_due(lambda now=now: now)
        now += timedelta(hours=25)
        delivery.refresh_from_db()
        assert delivery.attempts == min(attempt, MAX_ATTEMPTS)
    assert delivery.state == State.FAILED
    assert not server.mails
    application = delivery.about.message.application
    client.force_login(UserFactory())
    case = reverse("admin:cases_application_change", args=[application.pk])
    page = client.get(case).content.decode()
    assert "发送失败" in page
    assert "收件地址被拒收" in page
    viewer = UserFactory(permissions=["view_delivery"])
    listing = reverse("admin:portal_delivery_changelist")
    client.force_login(viewer)
    assert "no such mailbox" in client.get(listing).content.decode()
    client.force_login(UserFactory(permissions=["view_delivery"], jurisdiction_code="140522"))
    assert "no such mailbox" not in client.get(listing).content.decode()


def test_a_claim_whose_worker_died_runs_out(server, delivery):
    now = timezone.now()
    Delivery.objects.update(attempts=1, due_at=now + CLAIM)
    assert send_due(lambda: now) == 0
    assert send_due(lambda: now + CLAIM) == 1
    assert len(server.mails) == 1


def test_a_delivery_that_kills_its_workers_is_given_up(server, delivery):
    Delivery.objects.update(attempts=MAX_ATTEMPTS)
    assert send_due(timezone.now) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.FAILED, INTERRUPTED)
    assert not server.mails


def test_who_was_deactivated_gets_no_mail(server, delivery):
    reader = delivery.recipient
    reader.is_active = False
    reader.save()
    send_due(timezone.now)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.FAILED, DEACTIVATED)
    assert not server.mails


def test_an_address_that_is_none_fails_with_a_reason(server, delivery):
    Delivery.objects.create(
        key="broken", channel="email", address="a\nb@example.com", due_at=timezone.now()
    )
    assert send_due(timezone.now) == 1
    broken = Delivery.objects.get(address__startswith="a")
    assert "格式不对" in broken.last_error


@pytest.mark.parametrize(
    "change",
    [
        lambda d: Delivery.objects.update(state=State.WAITING, sent_at=None),
        lambda d: Delivery.objects.update(address="other@example.com"),
        lambda d: Delivery.objects.all()._raw_delete(Delivery.objects.db),
        lambda d: Message.objects.update(text="另一种说法"),
        lambda d: Message.objects.update(recipient=None),
        lambda d: Message.objects.all()._raw_delete(Message.objects.db),
        lambda d: Delivery.objects.create(
            key=d.key, channel=d.channel, address=d.address, due_at=timezone.now()
        ),
        lambda d: MessageDelivery.objects.all()._raw_delete(MessageDelivery.objects.db),
        lambda d: Message.objects.create(
            enterprise=d.about.message.enterprise, kind="note", created_at=timezone.now(),
            key=d.about.message.key,
        ),
        lambda d: Message.objects.create(kind="note", created_at=timezone.now(), key="nobody"),
    ],
)  # fmt: skip
def test_the_database_refuses_to_send_again_or_to_rewrite(server, delivery, change):
    send_due(timezone.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(delivery)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_workers_at_once_send_each_mail_once(server):
    server.refusal = "451 try again later"
    for _ in range(4):
        make_delivery()
    server.refusal, server.delay = "", 0.05
    waiting = Delivery.objects.filter(state=State.WAITING)
    count = waiting.count()
    assert count >= 4
    now = timezone.now() + timedelta(hours=1)

    sent = at_once([lambda: send_due(lambda: now)] * 4)
    assert sum(sent) == len(server.mails) == count
    assert not waiting.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_the_same_event_told_many_times_at_once_is_one_mail(server):
    member = MembershipFactory().user
    event = ApplicationFactory().events.create(
        at=timezone.now(),
        action="reject",
        target="rejected",
        opinion="缺证明",
        step_level="county",
        step_place=0,
    )
    at_once([lambda: notify_of_event(event)] * 8)
    at_once([lambda: send_due(timezone.now)] * 2)
    assert Message.objects.filter(recipient=member).count() == 1
    assert len(server.mails) == 1
