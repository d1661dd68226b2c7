"""What a firm has typed so far of an application that is not handed in yet."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.enterprises.models.enterprise import Enterprise
from applications.enterprises.models.profile import Subject
from policies.catalogue.models import AsksForProgramme, Programme

MATERIAL = "material:"
CONTACT = ("contact_name", "contact_telephone")
CONTACT_MAX = 200

# Name to what was typed: a fact's key, one of CONTACT, or MATERIAL with the material's name, whose
# values are references of files.
Content = dict[str, list[str]]


class ApplicationDraft(AsksForProgramme):
    """One for a firm, programme and subject, shared by the firm's members.

    What was typed is kept as it was typed, right or wrong. `changes` tells for each name at which
    version, when and by whom it was changed last: {"version": 3, "at": ISO time, "by": "财务"}.
    """

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="drafts"
    )
    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.PROTECT, related_name="drafts"
    )
    subject = models.ForeignKey(
        Subject,
        verbose_name="项目或基地",
        null=True,
        on_delete=models.PROTECT,
        related_name="drafts",
    )
    # The year that `.y0` means in the keys.
    year = models.PositiveSmallIntegerField("申报年度")
    answers = models.JSONField("填报数据", default=dict)
    materials = models.JSONField("选用的文件", default=dict)
    contact_name = models.CharField("联系人", max_length=CONTACT_MAX, blank=True)
    contact_telephone = models.CharField("联系电话", max_length=CONTACT_MAX, blank=True)
    changes = models.JSONField("改动记录", default=dict)
    version = models.PositiveIntegerField("版本", default=0)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("修改时间")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "申报草稿"
        verbose_name_plural = "申报草稿"
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="draft_is_one_for_subject",
                fields=["enterprise", "programme", "subject"],
                condition=Q(subject__isnull=False),
                violation_error_message="这个项目或基地已有一份草稿。",
            ),
            # To a database, rows without a subject are all different.
            models.UniqueConstraint(
                name="draft_is_one_for_programme",
                fields=["enterprise", "programme"],
                condition=Q(subject=None),
                violation_error_message="这个项目已有一份草稿。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.programme}"

    @property
    def content(self) -> Content:
        contact = {name: getattr(self, name) for name in CONTACT}
        return {
            **self.answers,
            **{name: [typed] for name, typed in contact.items() if typed},
            **{f"{MATERIAL}{name}": files for name, files in self.materials.items()},
        }

    @content.setter
    def content(self, content: Content) -> None:
        kept: dict[str, Any] = {name: values for name, values in content.items() if values}
        for name in CONTACT:
            setattr(self, name, "".join(kept.pop(name, [])))
        self.materials = {
            name.removeprefix(MATERIAL): kept.pop(name)
            for name in list(kept)
            if name.startswith(MATERIAL)
        }
        self.answers = kept
