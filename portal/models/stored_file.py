"""Files of the store: what each holds, and who put it there."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.file_types import BY_CONTENT_TYPE, FileType


class StoredFileQuerySet(models.QuerySet):
    def kept(self) -> "StoredFileQuerySet":
        """Those whose content is there."""
        return self.filter(withdrawn_at=None)


class StoredFile(models.Model):
    """One file of the store; a room gives it its own meaning by a model that extends this one.

    The content lies under `path`, written before the row is. A withdrawn row stays, without it.
    """

    class Scan(models.TextChoices):
        """What the virus scanner said; an infected file never gets a row."""

        NOT_CONFIGURED = "not_configured", "未扫描"
        CLEAN = "clean", "未发现病毒"

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    original_name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    scan = models.CharField("病毒扫描", max_length=20, choices=Scan.choices)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="上传人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_at = models.DateTimeField("撤下时间", null=True, editable=False)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
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
        return self.original_name

    @property
    def path(self) -> Path:
        """Where the content lies: two levels, so that no folder grows large."""
        name = self.reference.hex
        return Path(settings.MEDIA_ROOT) / name[:2] / name

    @property
    def kind(self) -> FileType:
        return BY_CONTENT_TYPE[self.content_type]
