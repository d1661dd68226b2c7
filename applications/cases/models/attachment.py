"""Which files of its library a firm handed in with an application, and who sees them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.cases.models.application import Application, may_read_cases
from applications.enterprises.models import LibraryFile
from policies.catalogue.models import Material
from policies.catalogue.models.service_guide import OTHER_MATERIAL


def files_visible_to(user: Any) -> QuerySet[LibraryFile]:
    """Members see their firm's files, who may see a case those handed in with it; the one scope."""
    if not user.is_active:
        return LibraryFile.objects.none()
    kept = LibraryFile.objects.in_library()
    if user.is_superuser and not user.jurisdiction_code:
        return kept
    own = LibraryFile.objects.of_firms_of(user)
    if not may_read_cases(user):
        return own
    handed_in = Attachment.objects.filter(
        library_file=OuterRef("pk"), application__in=Application.objects.visible_to(user)
    )
    return kept.filter(Q(pk__in=own.values("pk")) | Exists(handed_in))


class AttachmentQuerySet(models.QuerySet):
    def current(self) -> "AttachmentQuerySet":
        return self.filter(replaced_at=None)


class Attachment(models.Model):
    """A file handed in with an application, for a material of its edition or its call, or another one."""

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="attachments"
    )
    material = models.ForeignKey(
        Material,
        verbose_name="材料",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attachments",
        help_text="空表示清单以外的材料。",
    )
    library_file = models.ForeignKey(
        LibraryFile, verbose_name="文件", on_delete=models.PROTECT, related_name="attachments"
    )
    added_at = models.DateTimeField("提交时间")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提交人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    replaced_at = models.DateTimeField("被替换时间", null=True, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "申报附件"
        verbose_name_plural = "申报附件"
        # The list of the edition, what the list does not name, then what the call adds.
        ordering = [
            "application",
            models.F("material__call").asc(nulls_first=True),
            models.F("material__position").asc(nulls_last=True),
            "pk",
        ]
        constraints = [
            models.UniqueConstraint(
                name="attachment_is_unique",
                fields=["application", "material", "library_file"],
                condition=Q(replaced_at=None),
                violation_error_message="这个文件已经作为这项材料提交。",
            ),
            # To a database, rows without a material are all different.
            models.UniqueConstraint(
                name="other_attachment_is_unique",
                fields=["application", "library_file"],
                condition=Q(replaced_at=None, material=None),
                violation_error_message="这个文件已经作为其他材料提交。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_name}：{self.library_file}"

    @property
    def material_name(self) -> str:
        return self.material.name if self.material else OTHER_MATERIAL
