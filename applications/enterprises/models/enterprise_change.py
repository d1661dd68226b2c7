"""What the registry changed about a firm: another name, another place, or its end in another firm."""

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
        """Those, of firms that left the user's jurisdiction, and of those that went over to one in it."""
        own = Enterprise.objects.looked_after_by(user).values("pk")
        return self.filter(
            Q(enterprise__in=own) | Q(successor__in=own) | in_charge(user, "former_county")
        )

    def pending(self) -> "EnterpriseChangeQuerySet":
        return self.filter(state=EnterpriseChange.State.PENDING)

    def renamings(self) -> "EnterpriseChangeQuerySet":
        """Those that took effect; the former names of a firm."""
        return self.filter(
            kind=EnterpriseChange.Kind.RENAMED, state=EnterpriseChange.State.CONFIRMED
        )

    def mergers(self) -> "EnterpriseChangeQuerySet":
        """Those that took effect: the firm is no more, its successor goes on."""
        return self.filter(
            kind=EnterpriseChange.Kind.MERGED, state=EnterpriseChange.State.CONFIRMED
        )


class EnterpriseChange(ActOfTwo):
    """A document of the registry by which a firm has another name, lies in another county, or has been
    absorbed by its `successor`.

    A slip in the record is put right elsewhere: nothing follows from it.
    """

    class Kind(models.TextChoices):
        RENAMED = "renamed", "更名"
        MOVED = "moved", "迁移"
        MERGED = "merged", "被合并"

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
    successor = models.ForeignKey(
        Enterprise,
        verbose_name="承继企业",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="absorbed",
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
                condition=Q(kind="renamed", county=None, former_county=None, successor=None)
                & ~Q(name="")
                & ~Q(former_name="")
                & ~Q(name=F("former_name"))
                | Q(kind="moved", name="", former_name="", successor=None)
                & Q(county__isnull=False, former_county__isnull=False)
                & ~Q(county=F("former_county"))
                | Q(kind="merged", name="", former_name="", county=None, former_county=None)
                & Q(successor__isnull=False)
                & ~Q(successor=F("enterprise")),
                violation_error_message="更名要有新旧名称，迁移要有新旧注册地，合并要有承继企业。",
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
        if self.kind == self.Kind.MERGED:
            return f"被“{self.successor}”合并"
        return f"{self.former_county}迁到{self.county}"
