"""The outbox: what is put in leaves once, whoever wrote it."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.models import Delivery
from portal.outbox.sending import DEACTIVATED, addresses_of, post, send_due
from tests.factories import UserFactory
from tests.letters import sent_letters

pytestmark = pytest.mark.django_db
State = Delivery.State


def letter(key="letter", **fields):
    return Delivery(
        **{
            "key": key,
            "channel": "email",
            "address": "a@example.com",
            "subject": "标题",
            "text": "正文",
            "due_at": timezone.now(),
            **fields,
        }
    )


def test_a_text_leaves_once_for_each_key():
    first = post([letter()])
    again = post([letter(text="另一种说法")])
    assert first == again
    (sent,) = sent_letters()
    assert (sent.subject, sent.body, sent.to) == ("标题", "正文", ["a@example.com"])
    assert Delivery.objects.get().state == State.SENT


def test_nothing_leaves_but_by_the_command():
    post([letter()])
    assert not mail.outbox
    assert send_due(timezone.now) == 1
    assert send_due(timezone.now) == 0
    assert len(mail.outbox) == 1


def test_nothing_goes_to_who_was_deactivated_meanwhile():
    post([letter(recipient=UserFactory(is_active=False))])
    assert send_due(timezone.now) == 0
    assert Delivery.objects.get().last_error == DEACTIVATED
    assert not sent_letters()


@pytest.mark.parametrize("change", [{"text": "x"}, {"address": "b@example.com"}, {"key": "x"}])
def test_what_was_put_in_does_not_change(change):
    post([letter()])
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(**change)


def test_a_user_is_written_to_by_text_message_only_where_there_is_a_sender(settings):
    user = UserFactory(email="a@example.com", mobile="1" + "3" * 10)
    assert addresses_of(user) == [("email", "a@example.com")]
    settings.SMS_SENDER = "portal.outbox.sms.LogSmsSender"
    assert addresses_of(user) == [("email", "a@example.com"), ("sms", user.mobile)]
