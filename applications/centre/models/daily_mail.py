"""Who of the staff does not want the daily letter."""

from django.conf import settings
from django.db import models


class NoDailyMail(models.Model):
    """Somebody turned it off, and when; without a row the letter comes."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="谁",
        on_delete=models.PROTECT,
        related_name="no_daily_mail",
    )
    since = models.DateTimeField("从何时起")

    class Meta:
        verbose_name = "不收每天的邮件"
        verbose_name_plural = "不收每天的邮件"
        ordering = ["pk"]
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.user}"
