"""The conversation on a case between the firm and staff."""

from django.conf import settings
from django.db import models

from applications.cases.models.application import Application


class CaseNote(models.Model):
    """What one side wrote to the other; the database refuses to change or delete it."""

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="notes"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="作者", on_delete=models.PROTECT, related_name="+"
    )
    from_staff = models.BooleanField("来自受理部门")
    text = models.TextField("内容", max_length=2000)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "留言"
        verbose_name_plural = "留言"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application} {self.at:%Y-%m-%d %H:%M}"
