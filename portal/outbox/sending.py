"""E-mails and text messages leave once: claimed in the database, sent, then noted as sent.

A delivery is claimed before it is sent by moving its due time ahead, which only one worker can do.
One whose worker was killed is due again when the claim has run out. Only where the worker dies
between the mail server's yes and our note of it is a second copy sent; it bears the same Message-ID,
by which mail programs tell a repetition.
"""

import smtplib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F

from portal.models import Delivery, User
from portal.outbox.sms import SmsError, has_sms, sms_sender

CLAIM = timedelta(minutes=5)
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
MAX_ATTEMPTS = len(RETRY_AFTER) + 1
INTERRUPTED = "发送多次中断，没有完成"
DEACTIVATED = "收件人的账号已停用"
EXPIRED = "没能在有效期内送出，链接已经失效"
# The first that fits; what a mail server says is English and follows in brackets.
REASONS = (
    (smtplib.SMTPRecipientsRefused, "收件地址被拒收"),
    (smtplib.SMTPAuthenticationError, "邮件服务器不接受本站的账号"),
    (smtplib.SMTPException, "邮件服务器没有接受"),
    (OSError, "连不上邮件服务器"),
    (ValueError, "地址或内容的格式不对"),
)


def addresses_of(user: User) -> list[tuple[Delivery.Channel, str]]:
    """Where the site can write to a user."""
    known = [(Delivery.Channel.EMAIL, user.email)]
    if has_sms():
        known.append((Delivery.Channel.SMS, user.mobile))
    return [(channel, address) for channel, address in known if address]


def post(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Put them into the outbox, each key once, and return them as they are there.

    They leave once the transaction holds: `manage.py send_waiting` looks for them.
    """
    written = list(deliveries)
    Delivery.objects.bulk_create(written, ignore_conflicts=True)
    return list(Delivery.objects.filter(key__in=[each.key for each in written]).order_by("pk"))


def send_due(
    clock: Callable[[], datetime],
    *,
    on_beat: Callable[[], None] = lambda: None,
    leaves: Callable[[], bool] = lambda: False,
) -> int:
    """Try every delivery whose time has come; how many were sent.

    The clock is read for each, as a claim that starts in the past runs out too early.
    """
    due = list(Delivery.objects.due(clock()).order_by("due_at", "pk").values_list("pk", flat=True))
    sent = 0
    for pk in due:
        if leaves():
            break
        sent += try_to_send(pk, clock())
        on_beat()
    return sent


def try_to_send(delivery_id: int, now: datetime) -> bool:
    """Send it unless another worker has it; true when it was sent here."""
    delivery = _claim(delivery_id, now)
    if delivery is None:
        return False
    claimed = Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.WAITING, attempts=delivery.attempts
    )
    reader = delivery.recipient
    if reader is not None and not reader.is_active:
        claimed.update(last_error=DEACTIVATED, **_ended(delivery))
        return False
    if delivery.expires_at is not None and delivery.expires_at <= now:
        claimed.update(last_error=EXPIRED, **_ended(delivery))
        return False
    try:
        _send(delivery)
    except (OSError, ValueError, SmsError) as error:
        claimed.update(last_error=_reason(error), **_after_failure(delivery, now))
        return False
    ended = _ended(delivery, Delivery.State.SENT)
    return bool(claimed.update(sent_at=now, last_error="", **ended))


def _claim(delivery_id: int, now: datetime) -> Delivery | None:
    """Compare and set: of two workers the second finds that it is no longer due."""
    due = Delivery.objects.due(now).filter(pk=delivery_id)
    if due.filter(attempts__lt=MAX_ATTEMPTS).update(attempts=F("attempts") + 1, due_at=now + CLAIM):
        return Delivery.objects.select_related("recipient").get(pk=delivery_id)
    for delivery in due.filter(attempts__gte=MAX_ATTEMPTS):
        due.filter(pk=delivery.pk).update(last_error=INTERRUPTED, **_ended(delivery))
    return None


def _after_failure(delivery: Delivery, now: datetime) -> dict[str, Any]:
    if delivery.attempts < MAX_ATTEMPTS:
        return {"due_at": now + RETRY_AFTER[delivery.attempts - 1]}
    return _ended(delivery)


def _ended(delivery: Delivery, state: Delivery.State = Delivery.State.FAILED) -> dict[str, Any]:
    """What becomes of a delivery that is not tried again: a secret is gone with it."""
    secret = {"text": "", "unsubscribe_address": ""} if delivery.is_secret else {}
    return {"state": state, **secret}


def _reason(error: Exception) -> str:
    if isinstance(error, SmsError):
        return str(error)[:300]
    words = next(words for kind, words in REASONS if isinstance(error, kind))
    return f"{words}（{type(error).__name__}: {error}）"[:300]


def _send(delivery: Delivery) -> None:
    name = str(delivery.reference)
    if delivery.channel == Delivery.Channel.SMS:
        sms_sender().send(number=delivery.address, text=delivery.text, key=name)
        return
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Message-ID": f"<{name}@{domain}>"}
    if delivery.unsubscribe_address:
        headers["List-Unsubscribe"] = f"<{delivery.unsubscribe_address}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    EmailMessage(
        subject=delivery.subject,
        body=delivery.text,
        to=[delivery.address],
        headers=headers,
        connection=get_connection(settings.MAIL_SERVER_BACKEND),
    ).send()
