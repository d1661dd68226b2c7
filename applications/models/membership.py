"""Who acts for which enterprise."""

from django.conf import settings
from django.db import models

from applications.models.enterprise import Enterprise


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", "管理员"
        MEMBER = "member", "成员"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="用户",
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField("身份", max_length=10, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        verbose_name = "企业成员"
        verbose_name_plural = "企业成员"
        constraints = [
            models.UniqueConstraint(
                name="membership_is_unique",
                fields=["user", "enterprise"],
                violation_error_message="这个用户已是企业的成员。",
            ),
            models.CheckConstraint(
                name="membership_role_is_valid",
                condition=models.Q(role__in=["owner", "member"]),
                violation_error_message="没有这种身份。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.user}"
