"""Which lists left the portal as files, made by whom and from which rows."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.scope import in_charge


class ExportLogQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ExportLogQuerySet":
        """What a member of staff may see: files made in their jurisdiction and all below it."""
        return self.filter(in_charge(user, "jurisdiction_code"))


class ExportLog(models.Model):
    """One file that was made; the database refuses to change or delete it."""

    at = models.DateTimeField("时间")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="制表人", on_delete=models.PROTECT, related_name="+"
    )
    jurisdiction_code = models.CharField(
        "制表人所管行政区划", max_length=6, blank=True, help_text="空表示不限地区。"
    )
    key = models.CharField("名单代码", max_length=40)
    title = models.CharField("名单", max_length=100)
    ending = models.CharField("格式", max_length=10)
    filtered = models.TextField("筛选条件")
    rows = models.PositiveIntegerField("行数")
    checksum = models.CharField("校验码（SHA-256）", max_length=64, db_index=True)
    # Of the file byte by byte, and the filter as the address has it; empty where it was made before
    # these were kept, and `query` of what is no list of the admin.
    sha256 = models.CharField(
        "整个文件的 SHA-256", max_length=64, blank=True, db_index=True, editable=False
    )
    query = models.TextField("网址里的筛选", blank=True, editable=False)

    objects = ExportLogQuerySet.as_manager()

    class Meta:
        verbose_name = "导出记录"
        verbose_name_plural = "导出记录"
        ordering = ["-at", "-pk"]
        default_permissions = ["view"]
        permissions = [("export_lists", "可以导出名单")]
        constraints = [
            models.CheckConstraint(
                name="export_names_its_list",
                condition=~Q(key="") & ~Q(checksum=""),
                violation_error_message="导出记录要写明名单和校验码。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}.{self.ending}"
