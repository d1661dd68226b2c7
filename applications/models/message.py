"""What the site told whom, and how each e-mail and text message went."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models.application import Application, may_read_cases
from applications.models.enterprise import Enterprise


class MessageQuerySet(models.QuerySet):
    def for_firms_of(self, user: Any) -> "MessageQuerySet":
        """What a member reads: their own messages about firms they still belong to."""
        own = Enterprise.objects.filter(memberships__user=user)
        return self.filter(recipient=user, enterprise__in=own)

    def for_staff(self, user: Any) -> "MessageQuerySet":
        """What a member of staff reads: their own messages about cases that they still may see."""
        if not may_read_cases(user):
            return self.none()
        visible = Application.objects.visible_to(user)
        return self.filter(recipient=user, enterprise=None, application__in=visible)

    def unread(self) -> "MessageQuerySet":
        return self.filter(read_at=None)

    def mark_read(self, now: datetime) -> int:
        """Note when they were first read; the number of messages that were new."""
        return self.unread().update(read_at=now)


class Message(models.Model):
    """One text for one reader; `key` says what it is about, so that nothing is told twice.

    With an enterprise it speaks to the firm, without one to staff. The database lets nothing
    change but the time of reading.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "收到申报"
        PROGRESS = "progress", "办理进展"
        CORRECTION = "correction", "需要补正"
        NOTICE = "notice", "公示"
        DECISION = "decision", "办理结果"
        NOTE = "note", "留言"
        ARRIVAL = "arrival", "新到申报"
        MONEY = "money", "奖补和到账"

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="收件人",
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    enterprise = models.ForeignKey(
        Enterprise,
        verbose_name="企业",
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    application = models.ForeignKey(
        Application,
        verbose_name="申报",
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    subject = models.CharField("标题", max_length=200)
    text = models.TextField("内容")
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True)
    key = models.CharField("事由", max_length=200, unique=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        verbose_name_plural = "我的消息"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="message_has_a_reader",
                condition=Q(recipient__isnull=False) | Q(enterprise__isnull=False),
                violation_error_message="消息要有收件人或企业。",
            ),
            models.CheckConstraint(
                name="message_kind_is_valid",
                condition=Q(
                    kind__in=[
                        "receipt", "progress", "correction", "notice", "decision", "note", "arrival",
                        "money",
                    ]
                ),
                violation_error_message="没有这种消息类别。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(name="message_by_reader", fields=["recipient", "-created_at"]),
            models.Index(
                name="message_unread_by_reader",
                fields=["recipient", "enterprise"],
                condition=Q(read_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def address(self) -> str:
        """The case that it is about, on the side of its reader; of money the firm's awards.

        Not get_absolute_url: the admin would lead all staff there, and a receipt's is secret.
        """
        if self.kind == self.Kind.MONEY:
            return f"{reverse('applications:awards')}?enterprise={self.enterprise_id}"
        if self.application is None:
            return reverse("applications:messages")
        if self.enterprise_id is None:
            return reverse("admin:applications_application_change", args=[self.application_id])
        return reverse("applications:case", args=[self.application.reference])

    @property
    def link_text(self) -> str:
        """What the link to `address` says to a firm."""
        return "查看奖补和到账" if self.kind == self.Kind.MONEY else "查看申报"


class DeliveryQuerySet(models.QuerySet):
    def due(self, now: datetime) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.WAITING, due_at__lte=now)


class Delivery(models.Model):
    """One message on its way to one address."""

    class Channel(models.TextChoices):
        EMAIL = "email", "邮件"
        SMS = "sms", "短信"

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"

    message = models.ForeignKey(
        Message, verbose_name="消息", on_delete=models.PROTECT, related_name="deliveries"
    )
    channel = models.CharField("方式", max_length=5, choices=Channel.choices)
    address = models.CharField("地址", max_length=254)
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
            models.UniqueConstraint(
                name="delivery_is_one_for_message_and_address",
                fields=["message", "channel", "address"],
                violation_error_message="这条消息已有一份发往这个地址。",
            ),
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
        ]
        indexes = [
            models.Index(name="delivery_waiting", fields=["due_at"], condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.message}"
