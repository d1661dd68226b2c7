"""No page waits for a mail server: every e-mail goes through the outbox, and secrets do not stay there."""

import ast
import re
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core import mail
from django.core.mail import EmailMessage, mail_admins, send_mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.models import Delivery
from portal.outbox.sending import EXPIRED, MAX_ATTEMPTS, RETRY_AFTER, send_due
from tests.factories import PASSWORD, FirmUserFactory, JurisdictionFactory, MembershipFactory
from tests.letters import sent_letters
from tests.portal.mail_server import mail_server

State = Delivery.State
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SIGN_UP, RESET = reverse("account_signup"), reverse("account_reset_password")
FORM = {
    "credit_code": "91140521MA0K000019",
    "enterprise_name": "沁水县测试制造有限公司",
    "county": "140521",
    "contact_name": "办公室",
    "contact_telephone": "0356-7000000",
    "message": "",
    "email": "new@firm.example",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def away(settings):
    """The address of a mail server that refuses every connection."""
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 1


@pytest.fixture
def silent(settings):
    """A mail server that takes every connection and never says a word."""
    settings.MAIL_SERVER_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 1
        yield server


def sign_up(client):
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return client.post(SIGN_UP, FORM)


def reset(client):
    FirmUserFactory(email="known@firm.example")
    return client.post(RESET, {"email": "known@firm.example"})


def invite(client):
    client.force_login(MembershipFactory(role="owner").user)
    return client.post(reverse("firm:member-invite"), {"email": "colleague@firm.example"})


ASKING = {"sign-up": sign_up, "reset": reset, "invitation": invite}


@pytest.mark.parametrize("page", ASKING)
def test_a_page_answers_while_the_mail_server_refuses_and_the_letter_leaves_later(
    client, settings, away, page
):
    assert ASKING[page](client).status_code == 302
    letter, now = Delivery.objects.get(), timezone.now()
    assert send_due(lambda: now) == 0
    letter.refresh_from_db()
    assert "连不上邮件服务器" in letter.last_error
    with mail_server() as server:
        settings.EMAIL_PORT = server.port
        assert send_due(lambda: now + RETRY_AFTER[0]) == 1
        assert "Subject:" in server.mails[0]


@pytest.mark.parametrize("page", ASKING)
def test_a_page_does_not_even_speak_to_a_silent_mail_server(client, silent, page):
    assert ASKING[page](client).status_code == 302
    with pytest.raises(TimeoutError):
        silent.accept()
    assert send_due(timezone.now) == 0
    silent.accept()[0].close()
    assert Delivery.objects.get().attempts == 1


@pytest.mark.parametrize("page", ASKING)
def test_of_a_secret_link_nothing_stays_once_it_has_left(client, page):
    ASKING[page](client)
    assert "http" in Delivery.objects.get().text
    link = re.search(r"https?://\S+", sent_letters()[0].body)[0]
    letter = Delivery.objects.get()
    assert (letter.state, letter.text) == (State.SENT, "")
    assert link.strip("/").rpartition("/")[2] not in str(Delivery.objects.values().get())


def test_nor_once_it_has_failed_for_good(client, away):
    invite(client)
    now = timezone.now()
    for _ in range(MAX_ATTEMPTS):
        send_due(lambda now=now: now)
        now += timedelta(hours=25)
    letter = Delivery.objects.get()
    assert (letter.state, letter.text) == (State.FAILED, "")


@pytest.mark.parametrize(("page", "days"), [("sign-up", 3), ("reset", 3), ("invitation", 7)])
def test_a_link_that_no_longer_opens_anything_is_not_sent(client, page, days):
    ASKING[page](client)
    letter = Delivery.objects.get()
    assert letter.expires_at - letter.posted_at == pytest.approx(
        timedelta(days=days), abs=timedelta(seconds=5)
    )
    assert send_due(lambda: letter.expires_at) == 0
    letter.refresh_from_db()
    assert (letter.state, letter.last_error, letter.text) == (State.FAILED, EXPIRED, "")
    assert not mail.outbox


@pytest.mark.parametrize(
    "change",
    [{"text": ""}, {"text": "x"}, {"is_secret": False}, {"expires_at": None}, {"state": "failed"}],
)
def test_the_database_lets_a_secret_go_only_at_the_end(client, change):
    invite(client)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(**change)


def test_the_admin_shows_no_secret_letter(admin_client, client):
    invite(client)
    letter = Delivery.objects.get()
    page = admin_client.get(reverse("admin:portal_delivery_changelist")).content.decode()
    assert letter.address not in page
    change = reverse("admin:portal_delivery_change", args=[letter.pk])
    assert admin_client.get(change).status_code in (302, 404)


def test_a_report_of_an_error_goes_through_the_outbox_too(settings, silent):
    settings.ADMINS = [("值班", "duty@centre.example")]
    mail_admins("故障", "Traceback")
    letter = Delivery.objects.get()
    assert (letter.address, letter.is_secret) == ("duty@centre.example", True)
    assert "故障" in letter.subject
    with pytest.raises(TimeoutError):
        silent.accept()


def test_each_reader_gets_a_letter_of_their_own():
    send_mail("标题", "正文", None, ["甲 <a@example.com>", "b@example.com"])
    assert [letter.to for letter in sent_letters()] == [["a@example.com"], ["b@example.com"]]


def test_what_the_outbox_cannot_hold_is_refused_at_once():
    message = EmailMessage("标题", "正文", to=["a@example.com"])
    message.attach("a.txt", "x", "text/plain")
    with pytest.raises(ValueError, match="attachments"):
        message.send()


def test_a_letter_of_what_is_taken_back_is_taken_back():
    with pytest.raises(RuntimeError), transaction.atomic():
        send_mail("标题", "正文", None, ["a@example.com"])
        raise RuntimeError
    assert not Delivery.objects.exists()


# What sends an e-mail without asking which backend is set.
DIRECT = {"get_connection", "smtplib", "EmailMessage", "EmailMultiAlternatives", "SMTP"}


def test_nobody_but_the_outbox_speaks_to_a_mail_server():
    assert site_settings.EMAIL_BACKEND == "portal.outbox.mail_backend.OutboxBackend"
    root = Path(site_settings.BASE_DIR)
    found = set()
    for package in ("portal", "policies", "applications"):
        for path in (root / package).rglob("*.py"):
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                names = []
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.Call):
                    names = [getattr(node.func, "attr", getattr(node.func, "id", ""))]
                if DIRECT & set(names):
                    found.add(str(path.relative_to(root)))
    # The adapter names the type of a letter that it is given.
    assert found == {
        "portal/accounts/adapter.py",
        "portal/outbox/mail_backend.py",
        "portal/outbox/sending.py",
    }
