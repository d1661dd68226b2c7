"""Spreadsheets that staff uploaded, and what came of them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.scope import in_charge


class SheetImportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "SheetImportQuerySet":
        """One's own uploads; whoever reads the record sees all of their jurisdiction."""
        own = self.filter(user=user)
        if user.has_perm("centre.view_sheetimport"):
            return own | self.filter(in_charge(user, "jurisdiction_code"))
        return own


class SheetImport(models.Model):
    """The rows of an uploaded file, and what was decided of them; once recorded it does not change.

    `sheets` is what `portal.sheets.reading.as_json` makes of them. `decisions` holds `rows`, "read"
    or "pass" by the key of a table or row, `answers`, choice and reason by the key of a question,
    `found`, what was chosen by the key of what a row says, and `details`, what was typed for the
    whole file. Once recorded, `matches` and `told` say what of these two it was recorded with.
    """

    kind = models.CharField("名单代码", max_length=40)
    title = models.CharField("名单", max_length=100)
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("文件的 SHA-256", max_length=64)
    sheets = models.JSONField("表")
    decisions = models.JSONField("选定和回答", default=dict, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    jurisdiction_code = models.CharField(
        "上传人所管行政区划", max_length=6, blank=True, help_text="空表示不限地区。"
    )
    uploaded_at = models.DateTimeField("上传时间")
    done_at = models.DateTimeField("登记时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=200, blank=True)

    objects = SheetImportQuerySet.as_manager()

    class Meta:
        verbose_name = "导入记录"
        verbose_name_plural = "导入记录"
        ordering = ["-uploaded_at", "-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="sheet_import_has_an_outcome_when_done",
                condition=Q(done_at=None, outcome="") | Q(done_at__isnull=False) & ~Q(outcome=""),
                violation_error_message="登记过的导入要有结果，没有登记的没有。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.file_name}"
