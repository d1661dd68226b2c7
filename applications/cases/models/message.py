"""What the site told whom about which case, and by which e-mails and text messages."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.cases.models.application import Application, may_read_cases
from applications.enterprises.models import Enterprise, Membership
from portal.models import Delivery


class MessageQuerySet(models.QuerySet):
    def for_firms_of(self, user: Any) -> "MessageQuerySet":
        """What a member reads: their own messages about firms they still belong to."""
        own = Membership.objects.filter(user=user).values("enterprise")
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
        ACCOUNT = "account", "企业账户"
        CALL = "call", "征集"

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
                        "money", "account", "call",
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
            return f"{reverse('firm:awards')}?enterprise={self.enterprise_id}"
        if self.kind == self.Kind.ACCOUNT:
            return reverse("firm:members")
        if self.kind == self.Kind.CALL:
            return reverse("firm:calendar")
        if self.application is None:
            return reverse("firm:messages")
        if self.enterprise_id is None:
            return reverse("admin:cases_application_change", args=[self.application_id])
        return reverse("firm:case", args=[self.application.reference])

    @property
    def link_text(self) -> str:
        """What the link to `address` says to a firm."""
        words = {
            self.Kind.MONEY: "查看奖补和到账",
            self.Kind.ACCOUNT: "查看企业成员",
            self.Kind.CALL: "查看企业日历和草稿",
        }
        return words.get(self.kind, "查看申报")


class MessageDelivery(models.Model):
    """Which e-mail or text message of the outbox carries a message: one a channel, by its key."""

    message = models.ForeignKey(
        Message, verbose_name="消息", on_delete=models.PROTECT, related_name="deliveries"
    )
    delivery = models.OneToOneField(
        Delivery, verbose_name="邮件或短信", on_delete=models.PROTECT, related_name="about"
    )

    class Meta:
        verbose_name = "消息的邮件和短信"
        verbose_name_plural = "消息的邮件和短信"
        ordering = ["pk"]
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.delivery}"
