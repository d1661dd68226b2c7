"""Where a firm is paid: what was entered, by whom, and who confirmed it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from applications.enterprises.models.enterprise import Enterprise
from applications.enterprises.models.enterprise_change import EnterpriseChange
from portal.typed.signs import folded

SHORTEST, LONGEST = 8, 32
NOT_DIGITS = "账号只能是数字，可以有空格，如 6222 0200 1234 5678"
WRONG_LENGTH = "账号应有 {shortest} 到 {longest} 位数字，您填了 {found} 位，请对照开户许可证"


def compact_number(text: str) -> str:
    """The digits of an account number, however it was spaced and in whatever width."""
    return folded(text).replace(" ", "")


def check_number(number: str) -> None:
    """Raise ValidationError unless these are as many digits as an account has."""
    if not (number.isascii() and number.isdecimal()):
        raise ValidationError(NOT_DIGITS)
    if not SHORTEST <= len(number) <= LONGEST:
        raise ValidationError(
            WRONG_LENGTH.format(shortest=SHORTEST, longest=LONGEST, found=len(number))
        )


def tail_of(number: str) -> str:
    """What whoever may not see it whole sees of an account number."""
    return f"尾号 {number[-4:]}" if number else ""


class BankAccountQuerySet(models.QuerySet):
    def pending(self) -> "BankAccountQuerySet":
        return self.filter(state=BankAccount.State.PENDING)

    def confirmed(self) -> "BankAccountQuerySet":
        """The newest first: it is the one that counts.

        What was confirmed before the firm had its name, or before it absorbed another, does not.
        """
        since = EnterpriseChange.objects.filter(decided_at__gte=OuterRef("decided_at"))
        renamed = since.renamings().filter(enterprise=OuterRef("enterprise"))
        absorbing = since.mergers().filter(successor=OuterRef("enterprise"))
        own = self.filter(~Exists(renamed), ~Exists(absorbing), state=BankAccount.State.CONFIRMED)
        return own.order_by("-decided_at", "-pk")

    def current(self, enterprise: Enterprise | int) -> "BankAccount | None":
        """The account that a firm is paid on today."""
        return self.confirmed().filter(enterprise=enterprise).first()

    def current_field(self, name: str, case: str) -> Subquery:
        """A field of today's account of the firm that is paid for the case at this path."""
        payee = Coalesce(OuterRef(f"{case}successor"), OuterRef(f"{case}enterprise"))
        return Subquery(self.confirmed().filter(enterprise=payee).values(name)[:1])


class BankAccount(models.Model):
    """An account as it was entered; a new row takes its place, and the database keeps all of them.

    It can be used once a second person has confirmed it; the newest confirmed one counts.
    """

    class State(models.TextChoices):
        PENDING = "pending", "待核对"
        CONFIRMED = "confirmed", "已核对"
        REFUSED = "refused", "核对未通过"
        REPLACED = "replaced", "核对前已另填"

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="bank_accounts"
    )
    holder = models.CharField("开户名", max_length=200)
    bank = models.CharField("开户行", max_length=200)
    number = models.CharField("账号", max_length=LONGEST, validators=[check_number])
    entered_at = models.DateTimeField("填写时间")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="填写人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    by_staff = models.BooleanField("县中心代填", default=False)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.PENDING)
    decided_at = models.DateTimeField("核对时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="核对人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.TextField("未通过的原因", blank=True)

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "收款账户"
        verbose_name_plural = "收款账户"
        ordering = ["-entered_at", "-pk"]
        default_permissions = ["view"]
        permissions = [("handle_bank_account", "可以看到完整的收款账户，并核对")]
        indexes = [
            models.Index(
                name="bank_account_current", fields=["enterprise", "state", "-decided_at", "-id"]
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="bank_account_number_is_digits",
                condition=Q(number__regex=r"^[0-9]{8,32}$"),
                violation_error_message="账号应是 8 到 32 位数字。",
            ),
            models.CheckConstraint(
                name="bank_account_is_named",
                condition=~Q(holder="") & ~Q(bank=""),
                violation_error_message="请填开户名和开户行。",
            ),
            models.UniqueConstraint(
                name="bank_account_waits_once_a_firm",
                fields=["enterprise"],
                condition=Q(state="pending"),
                violation_error_message="这家企业已有一个账户在等核对。",
            ),
            models.CheckConstraint(
                name="bank_account_is_decided_by_somebody",
                condition=Q(state="pending", decided_at=None, decided_by=None, reason="")
                | Q(
                    state__in=["confirmed", "replaced"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    reason="",
                )
                | Q(state="refused", decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(reason=""),
                violation_error_message="核对要记明谁、什么时候；未通过的要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.tail}"

    @property
    def tail(self) -> str:
        return tail_of(self.number)

    @property
    def in_fours(self) -> str:
        """The whole number, in groups that the eye can follow."""
        return " ".join(self.number[place : place + 4] for place in range(0, len(self.number), 4))

    def shown_to(self, user: Any) -> str:
        """The number whole to those who handle accounts, otherwise its end."""
        return self.in_fours if may_see_whole(user) else self.tail


def may_see_whole(user: Any) -> bool:
    """Whether a member of staff sees the numbers of accounts whole; their scope comes beside it."""
    return bool(user.has_perm("enterprises.handle_bank_account"))
