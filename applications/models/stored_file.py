"""The firm's document library, and which of its files an application handed in."""

import uuid
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from applications.file_types import BY_CONTENT_TYPE, FileType
from applications.models.application import Application, may_read_cases
from applications.models.enterprise import Enterprise
from policies.models import Material

OTHER_MATERIAL = "其他材料"
EXPIRED = "“{title}”的有效期到 {day} 为止，已经过期。请换一份有效的，或在资料库中更正有效期。"


class StoredFileQuerySet(models.QuerySet):
    def in_library(self) -> "StoredFileQuerySet":
        """What a firm can still choose from."""
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: Any) -> "StoredFileQuerySet":
        """Members see their firm's files, who may see a case those handed in with it; the one scope."""
        if not user.is_active:
            return self.none()
        kept = self.in_library()
        if user.is_superuser and not user.jurisdiction_code:
            return kept
        own = kept.filter(enterprise__memberships__user=user)
        if not may_read_cases(user):
            return own
        handed_in = Attachment.objects.filter(
            stored_file=OuterRef("pk"), application__in=Application.objects.visible_to(user)
        )
        return kept.filter(Q(pk__in=own.values("pk")) | Exists(handed_in))


class StoredFile(models.Model):
    """A file of a firm's library; the same one can serve many applications.

    The content lies under `path`, written before the row is. A withdrawn row stays, without it.
    """

    class Scan(models.TextChoices):
        """What the virus scanner said; an infected file never gets a row."""

        NOT_CONFIGURED = "not_configured", "未扫描"
        CLEAN = "clean", "未发现病毒"

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="files"
    )
    title = models.CharField("名称", max_length=100)
    original_name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    scan = models.CharField("病毒扫描", max_length=20, choices=Scan.choices)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="上传人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    withdrawn_at = models.DateTimeField("撤下时间", null=True, editable=False)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="file_is_kept_once",
                fields=["enterprise", "sha256"],
                condition=Q(withdrawn_at=None),
                violation_error_message="资料库里已有这个文件。",
            ),
            models.CheckConstraint(
                name="file_is_not_empty",
                condition=Q(size__gt=0),
                violation_error_message="文件是空的。",
            ),
            models.CheckConstraint(
                name="file_content_type_is_accepted",
                condition=Q(content_type__in=list(BY_CONTENT_TYPE)),
                violation_error_message="没有这种文件类型。",
            ),
            models.CheckConstraint(
                name="file_scan_is_valid",
                condition=Q(scan__in=["not_configured", "clean"]),
                violation_error_message="没有这种扫描结果。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> Path:
        """Where the content lies: two levels, so that no folder grows large."""
        name = self.reference.hex
        return Path(settings.MEDIA_ROOT) / name[:2] / name

    @property
    def kind(self) -> FileType:
        return BY_CONTENT_TYPE[self.content_type]

    def is_expired_on(self, day: date) -> bool:
        return self.valid_until is not None and self.valid_until < day

    @property
    def expiry_in_words(self) -> str:
        """Why an expired file cannot be handed in."""
        return EXPIRED.format(title=self.title, day=self.valid_until)


class AttachmentQuerySet(models.QuerySet):
    def current(self) -> "AttachmentQuerySet":
        return self.filter(replaced_at=None)


class Attachment(models.Model):
    """A file handed in with an application, for a material of its edition or another one."""

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
    stored_file = models.ForeignKey(
        StoredFile, verbose_name="文件", on_delete=models.PROTECT, related_name="attachments"
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
        ordering = ["application", models.F("material__position").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                name="attachment_is_unique",
                fields=["application", "material", "stored_file"],
                condition=Q(replaced_at=None),
                violation_error_message="这个文件已经作为这项材料提交。",
            ),
            # To a database, rows without a material are all different.
            models.UniqueConstraint(
                name="other_attachment_is_unique",
                fields=["application", "stored_file"],
                condition=Q(replaced_at=None, material=None),
                violation_error_message="这个文件已经作为其他材料提交。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_name}：{self.stored_file}"

    @property
    def material_name(self) -> str:
        return self.material.name if self.material else OTHER_MATERIAL
