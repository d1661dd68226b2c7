"""The secret address at which a calendar program reads a firm's calendar."""

from django.db import models

from applications.enterprises.models.membership import Membership


class CalendarAddress(models.Model):
    """One for a member and firm; only who holds the token opens it, and it goes with the member."""

    membership = models.OneToOneField(
        Membership,
        verbose_name="企业成员",
        on_delete=models.CASCADE,
        related_name="calendar_address",
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = "企业日历订阅网址"
        verbose_name_plural = "企业日历订阅网址"

    def __str__(self) -> str:
        return f"{self.membership}"
