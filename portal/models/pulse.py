"""When each command that runs beside the site was last seen at work."""

from django.db import models


class Pulse(models.Model):
    name = models.CharField("程序", max_length=40, primary_key=True)
    at = models.DateTimeField("最近一次")

    class Meta:
        verbose_name = "后台程序"
        verbose_name_plural = "后台程序"

    def __str__(self) -> str:
        return self.name
