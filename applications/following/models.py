"""Who is told of what: an address that its owner confirmed, what it follows, and what it was told."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.enterprises.models import Enterprise
from policies.catalogue.models import Programme
from portal.models import Delivery


def new_token() -> str:
    """24 random bytes: an address that cannot be guessed."""
    return secrets.token_urlsafe(24)


class Follower(models.Model):
    """A confirmed e-mail address; who holds the token sees and ends all that it follows."""

    address = models.EmailField("邮箱", unique=True)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    since = models.DateTimeField("确认时间")

    class Meta:
        verbose_name = "订阅人"
        verbose_name_plural = "订阅人"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk}"


class Subscription(models.Model):
    """One programme, one search of the list of programmes, or what comes near for one firm.

    A `user` who was logged in takes it along to a new address; of a firm only its members are told.
    """

    follower = models.ForeignKey(
        Follower, verbose_name="订阅人", on_delete=models.CASCADE, related_name="subscriptions"
    )
    programme = models.ForeignKey(
        Programme, verbose_name="项目", null=True, on_delete=models.CASCADE, related_name="+"
    )
    query = models.CharField("查找", max_length=600, blank=True)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", null=True, on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="用户",
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    since = models.DateTimeField("订阅时间")

    class Meta:
        verbose_name = "订阅"
        verbose_name_plural = "订阅"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="subscription_is_of_one_thing",
                condition=Q(programme__isnull=False, query="", enterprise=None)
                | Q(programme=None, enterprise=None) & ~Q(query="")
                | Q(programme=None, query="", enterprise__isnull=False, user__isnull=False),
                violation_error_message="一项订阅只能是一个项目、一个查找或一家企业。",
            ),
            models.UniqueConstraint(
                name="subscription_of_a_programme_is_one",
                fields=["follower", "programme"],
                violation_error_message="已经订阅了这个项目。",
            ),
            models.UniqueConstraint(
                name="subscription_of_a_search_is_one",
                fields=["follower", "query"],
                condition=~Q(query=""),
                violation_error_message="已经订阅了这个查找。",
            ),
            models.UniqueConstraint(
                name="subscription_of_a_firm_is_one",
                fields=["follower", "enterprise"],
                violation_error_message="已经订阅了这家企业的提醒。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Told(models.Model):
    """A piece of news that a follower was told, by its key: never told again, unless the letter
    failed for good."""

    follower = models.ForeignKey(
        Follower, verbose_name="订阅人", on_delete=models.CASCADE, related_name="told"
    )
    key = models.CharField("事由", max_length=250)
    at = models.DateTimeField("告知时间")
    delivery = models.ForeignKey(
        Delivery, verbose_name="邮件", on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = "已告知"
        verbose_name_plural = "已告知"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="told_once",
                fields=["follower", "key"],
                violation_error_message="这件事已经告诉过了。",
            )
        ]

    def __str__(self) -> str:
        return self.key
