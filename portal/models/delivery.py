"""The outbox: each e-mail and text message, to which address, and how it went."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

# How the keys begin of letters that libraries write, such as those with a link into an account.
LIBRARY_LETTER = "mail:"


class DeliveryQuerySet(models.QuerySet):
    def due(self, now: datetime) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.WAITING, due_at__lte=now)

    def forget(self) -> int:
        """Take away to which address and with which words: that it was sent, and when, stays."""
        over = self.exclude(state=Delivery.State.WAITING).exclude(address="", text="")
        return over.update(address="", text="", unsubscribe_address="", last_error="")


class Delivery(models.Model):
    """One text on its way to one address; `key` says what it is, so that nothing leaves twice.

    What it is about knows the room that wrote it. To a `recipient` who is deactivated meanwhile
    nothing is sent, nor anything after `expires_at`. What `is_secret`, such as a link that opens
    an account, stays here only until it has left or has failed for good. What somebody subscribed to
    names the address that ends it by one POST (RFC 8058).
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "邮件"
        SMS = "sms", "短信"

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField("事由", max_length=250, unique=True, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="收件人",
        null=True,
        on_delete=models.PROTECT,
        related_name="deliveries",
    )
    channel = models.CharField("方式", max_length=5, choices=Channel.choices)
    address = models.CharField("地址", max_length=254)
    subject = models.CharField("标题", max_length=200)
    text = models.TextField("内容")
    is_secret = models.BooleanField("发出后删去内容", default=False)
    unsubscribe_address = models.CharField("一键退订的网址", max_length=300, blank=True, default="")
    posted_at = models.DateTimeField("写入时间", default=timezone.now)
    expires_at = models.DateTimeField("过期不再发送", null=True)
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    due_at = models.DateTimeField("下次发送不早于")
    last_error = models.CharField("失败原因", max_length=300, blank=True)
    sent_at = models.DateTimeField("发送时间", null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "邮件和短信"
        verbose_name_plural = "邮件和短信"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="delivery_channel_is_valid",
                condition=Q(channel__in=["email", "sms"]),
                violation_error_message="没有这种发送方式。",
            ),
            models.CheckConstraint(
                name="delivery_is_sent_at_a_time",
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["waiting", "failed"], sent_at=None),
                violation_error_message="已发送的要有发送时间，未发送的没有。",
            ),
            models.CheckConstraint(
                name="delivery_secret_leaves_nothing_behind",
                condition=Q(is_secret=False) | Q(state="waiting") | Q(text=""),
                violation_error_message="保密的内容发出后不能留下。",
            ),
        ]
        indexes = [
            models.Index(name="delivery_waiting", fields=["due_at"], condition=Q(state="waiting")),
            models.Index(name="delivery_sent", fields=["sent_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.subject}"
