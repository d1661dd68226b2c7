"""What the registry changed about a firm: another name, another place."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from applications.enterprises.models.enterprise import Enterprise
from applications.enterprises.names import check_name
from portal.models import ActOfTwo, Jurisdiction
from portal.scope import in_charge


class EnterpriseChangeQuerySet(models.QuerySet):
    def handled_by(self, user: Any) -> "EnterpriseChangeQuerySet":
        """Changes of firms that the user looks after."""
        return self.filter(enterprise__in=Enterprise.objects.looked_after_by(user).values("pk"))

    def visible_to(self, user: Any) -> "EnterpriseChangeQuerySet":
        """Those, and of firms that left the user's jurisdiction."""
        own = Enterprise.objects.looked_after_by(user).values("pk")
        return self.filter(Q(enterprise__in=own) | in_charge(user, "former_county"))

    def pending(self) -> "EnterpriseChangeQuerySet":
        return self.filter(state=EnterpriseChange.State.PENDING)

    def renamings(self) -> "EnterpriseChangeQuerySet":
        """Those that took effect; the former names of a firm."""
        return self.filter(
            kind=EnterpriseChange.Kind.RENAMED, state=EnterpriseChange.State.CONFIRMED
        )


class EnterpriseChange(ActOfTwo):
    """A document of the registry by which a firm has another name, or lies in another county.

    A slip in the record is put right elsewhere: nothing follows from it.
    """

    class Kind(models.TextChoices):
        RENAMED = "renamed", "更名"
        MOVED = "moved", "迁移"

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="changes"
    )
    kind = models.CharField("变更", max_length=7, choices=Kind.choices)
    document_number = models.CharField("变更通知文号", max_length=60)
    on = models.DateField("变更日期")
    former_name = models.CharField("原名称", max_length=200, blank=True)
    name = models.CharField("新名称", max_length=200, blank=True, validators=[check_name])
    former_county = models.ForeignKey(
        Jurisdiction,
        verbose_name="原注册地",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    county = models.ForeignKey(
        Jurisdiction,
        verbose_name="新注册地",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.TextField("说明", blank=True)

    objects = EnterpriseChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "企业登记变更"
        verbose_name_plural = "企业登记变更"
        ordering = ["-proposed_at", "-pk"]
        default_permissions = ["view"]
        constraints = [
            *ActOfTwo.Meta.constraints,
            models.CheckConstraint(
                name="enterprise_change_says_from_what_to_what",
                condition=Q(kind="renamed", county=None, former_county=None)
                & ~Q(name="")
                & ~Q(former_name="")
                & ~Q(name=F("former_name"))
                | Q(kind="moved", name="", former_name="")
                & Q(county__isnull=False, former_county__isnull=False)
                & ~Q(county=F("former_county")),
                violation_error_message="更名要有新旧名称，迁移要有新旧注册地。",
            ),
            models.CheckConstraint(
                name="enterprise_change_names_its_document",
                condition=~Q(document_number=""),
                violation_error_message="请填变更通知的文号。",
            ),
            models.UniqueConstraint(
                name="enterprise_change_waits_once_a_firm",
                fields=["enterprise"],
                condition=Q(state="pending"),
                violation_error_message="这家企业已有一项变更在等复核。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.get_kind_display()} {self.document_number}"

    @property
    def in_words(self) -> str:
        """From what to what."""
        if self.kind == self.Kind.RENAMED:
            return f"“{self.former_name}”改为“{self.name}”"
        return f"{self.former_county}迁到{self.county}"
