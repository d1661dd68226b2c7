"""Who speaks for a firm on this site, who is invited to, and who asks to."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.enterprises.models.enterprise import (
    TELEPHONE,
    Enterprise,
    check_credit_code,
    registry_of,
)
from applications.enterprises.names import check_name
from portal.history import History, KeptQuerySet
from portal.models import Jurisdiction
from portal.scope import in_charge

INVITATION_LASTS = timedelta(days=7)


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
    contact_name = models.CharField("联系人", max_length=50)
    contact_telephone = models.CharField("联系电话", max_length=30, validators=[TELEPHONE])
    joined_at = models.DateTimeField("加入时间", auto_now_add=True)

    objects = KeptQuerySet.as_manager()
    # How to reach somebody goes with them; who could act for a firm, and since when, stays.
    history = History(
        verbose_name="成员变更",
        verbose_name_plural="成员变更",
        excluded_fields=["contact_name", "contact_telephone"],
    )

    class Meta:
        verbose_name = "企业成员"
        verbose_name_plural = "企业成员"
        ordering = ["joined_at", "pk"]
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

    @property
    def is_owner(self) -> bool:
        return self.role == self.Role.OWNER


class InvitationQuerySet(KeptQuerySet):
    def standing(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; some may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def of_token(self, token: str) -> "InvitationQuerySet":
        return self.filter(token_hash=hash_token(token))

    def sent_since(self, moment: datetime) -> "InvitationQuerySet":
        """All that went out, whatever became of them: a letter cannot be taken back."""
        return self.filter(invited_at__gt=moment)


def hash_token(token: str) -> str:
    """What is kept of a token: whoever reads the table cannot use it."""
    return sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """One address may join one firm, until a day; its letter alone holds the token."""

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField("电子邮箱")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="邀请人",
        on_delete=models.PROTECT,
        related_name="invitations_sent",
    )
    invited_at = models.DateTimeField("邀请时间")
    expires_at = models.DateTimeField("到期时间")
    accepted_at = models.DateTimeField("接受时间", null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="接受人",
        null=True,
        on_delete=models.PROTECT,
        related_name="invitations_accepted",
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    objects = InvitationQuerySet.as_manager()
    history = History(
        verbose_name="邀请变更",
        verbose_name_plural="邀请变更",
        excluded_fields=["email", "token_hash"],
    )

    class Meta:
        verbose_name = "邀请"
        verbose_name_plural = "邀请"
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="invitation_stands_once_for_an_address",
                fields=["enterprise", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                violation_error_message="已经邀请过这个邮箱。",
            ),
            models.CheckConstraint(
                name="invitation_is_accepted_or_withdrawn",
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
                violation_error_message="邀请不能既已接受又已撤回。",
            ),
            models.CheckConstraint(
                name="invitation_is_accepted_by_somebody",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                violation_error_message="接受邀请要有接受人和时间。",
            ),
            models.CheckConstraint(
                name="invitation_expires_after_it_is_sent",
                condition=Q(expires_at__gt=F("invited_at")),
                violation_error_message="到期时间要晚于邀请时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.email}"

    def is_open_at(self, now: datetime) -> bool:
        return not (self.accepted_at or self.withdrawn_at) and now < self.expires_at


class ClaimQuerySet(KeptQuerySet):
    def visible_to(self, user: Any) -> "ClaimQuerySet":
        """Claims that concern a member of staff's jurisdiction.

        By the county that the code names, by that of the firm's account and by the claimant's: one
        of them may be a slip or a lie, and the right centre still has to learn of it.
        """
        return self.alias(registry=registry_of()).filter(
            in_charge(user, "registry")
            | in_charge(user, "enterprise__county")
            | in_charge(user, "county")
        )

    def decided_by_centre_of(self, user: Any) -> "ClaimQuerySet":
        """Those that the user's centre decides: where claimants say they are gives nobody rights."""
        return self.alias(registry=registry_of()).filter(
            in_charge(user, "registry") | in_charge(user, "enterprise__county")
        )


class Claim(models.Model):
    """A user says that they act for a firm: what they said, and what became of it.

    The first claim to a code that nobody has used makes its enterprise; the centre decides on
    every other.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "待县中心核实"
        APPROVED = "approved", "已通过"
        REJECTED = "rejected", "未通过"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="用户",
        on_delete=models.PROTECT,
        related_name="claims",
    )
    enterprise = models.ForeignKey(
        Enterprise,
        verbose_name="企业",
        on_delete=models.PROTECT,
        related_name="claims",
    )
    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, validators=[check_credit_code]
    )
    enterprise_name = models.CharField("所填企业名称", max_length=200, validators=[check_name])
    county = models.ForeignKey(Jurisdiction, verbose_name="所填注册地", on_delete=models.PROTECT)
    contact_name = models.CharField("联系人", max_length=50)
    contact_telephone = models.CharField("联系电话", max_length=30, validators=[TELEPHONE])
    message = models.TextField("说明", blank=True)
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.PENDING)
    claimed_at = models.DateTimeField("提出时间")
    decided_at = models.DateTimeField("处理时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="处理人",
        null=True,
        on_delete=models.PROTECT,
        related_name="claims_decided",
        help_text="空表示这个代码此前没有人用过，登记时直接通过。",
    )
    reason = models.TextField("理由", blank=True)

    objects = ClaimQuerySet.as_manager()
    history = History(
        verbose_name="认领变更",
        verbose_name_plural="认领变更",
        excluded_fields=["contact_name", "contact_telephone", "message"],
    )

    class Meta:
        verbose_name = "企业认领"
        verbose_name_plural = "企业认领"
        ordering = ["-claimed_at", "-pk"]
        permissions = [("decide_claim", "可以核实企业认领")]
        constraints = [
            models.CheckConstraint(
                name="claim_status_is_valid",
                condition=Q(status__in=["pending", "approved", "rejected"]),
                violation_error_message="没有这种认领状态。",
            ),
            models.UniqueConstraint(
                name="claim_is_open_once_for_user_and_code",
                fields=["user", "credit_code"],
                condition=Q(status="pending"),
                violation_error_message="您已经认领过这家企业，正等待核实。",
            ),
            models.CheckConstraint(
                name="claim_is_decided_on_a_day",
                condition=Q(status="pending", decided_at=None)
                | Q(status__in=["approved", "rejected"], decided_at__isnull=False),
                violation_error_message="有结论的认领要有处理时间。",
            ),
            models.CheckConstraint(
                name="claim_is_rejected_with_a_reason",
                condition=~Q(status="rejected") | ~Q(reason="") & Q(decided_by__isnull=False),
                violation_error_message="不通过要写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_name} {self.credit_code}"
