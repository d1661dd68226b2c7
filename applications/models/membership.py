"""Who speaks for a firm on this site."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.enterprise import Enterprise


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", "管理员"
        MEMBER = "member", "成员"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="用户",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField("角色", max_length=10, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        verbose_name = "企业成员"
        verbose_name_plural = "企业成员"
        constraints = [
            models.UniqueConstraint(
                name="membership_is_one_for_user_and_enterprise",
                fields=["user", "enterprise"],
                violation_error_message="这个用户已是该企业的成员。",
            ),
            models.CheckConstraint(
                name="membership_role_is_valid",
                condition=Q(role__in=["owner", "member"]),
                violation_error_message="没有这种角色。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.user}"
