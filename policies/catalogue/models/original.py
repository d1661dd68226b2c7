"""The original files of documents, and who compared editions with them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from policies.catalogue.models.edition import Edition
from policies.catalogue.models.source import Document
from portal.models.stored_file import StoredFile


class OriginalQuerySet(models.QuerySet):
    def current(self) -> "OriginalQuerySet":
        """The one of each document that readers get."""
        return self.filter(closed_at=None)


class Original(StoredFile):
    """The file of a document, as staff put it there in their `role`; a later one takes its place.

    A replaced file is kept for staff. One that was taken down lost its content: it should not have
    been here. Both stay on record, with the day and the reason.
    """

    document = models.ForeignKey(
        Document, verbose_name="政策文件", on_delete=models.PROTECT, related_name="originals"
    )
    role = models.CharField("由谁上传（身份）", max_length=100)
    closed_at = models.DateTimeField("换下或撤下的时间", null=True)
    closed_role = models.CharField("由谁换下或撤下（身份）", max_length=100, blank=True)
    closed_because = models.CharField("换下或撤下的原因", max_length=300, blank=True)

    objects = OriginalQuerySet.as_manager()

    class Meta:
        verbose_name = "文件原件"
        verbose_name_plural = "文件原件"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="original_is_one_at_a_time",
                fields=["document"],
                condition=Q(closed_at=None),
                violation_error_message="这份文件已有一个原件。",
            ),
            models.CheckConstraint(
                name="original_is_put_there_by_somebody",
                condition=~Q(role=""),
                violation_error_message="请写明由谁上传。",
            ),
            models.CheckConstraint(
                name="original_is_closed_with_a_reason",
                condition=Q(closed_at=None, closed_role="", closed_because="")
                | Q(closed_at__isnull=False) & ~Q(closed_role="") & ~Q(closed_because=""),
                violation_error_message="换下、撤下原件都要写明由谁和原因。",
            ),
        ]


class SourceCheck(models.Model):
    """Somebody compared all that an edition rests on in one document with it; never changed.

    `clauses` as the edition cites them; `superseded_by` is what was known then to have taken the
    document's place. Readers see the day and the role, not the name.
    """

    class Against(models.TextChoices):
        ORIGINAL = "original", "本站所存的原件"
        PAPER = "paper", "纸质文件"
        ISSUER = "issuer", "发文机关网站上的文件"
        CITING = "citing", "引用它的文件（原文没有取得）"

    edition = models.ForeignKey(
        Edition, verbose_name="版本", on_delete=models.PROTECT, related_name="source_checks"
    )
    document = models.ForeignKey(
        Document, verbose_name="政策文件", on_delete=models.PROTECT, related_name="source_checks"
    )
    clauses = models.JSONField("核对的条款")
    against = models.CharField("对照的是什么", max_length=10, choices=Against.choices)
    original = models.ForeignKey(
        Original,
        verbose_name="对照的原件",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    superseded_by = models.ForeignKey(
        Document,
        verbose_name="核对时已知被哪份文件取代",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.CharField("核对情况", max_length=300, blank=True)
    checked_at = models.DateTimeField("核对时间")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="核对人", on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField("核对人的身份", max_length=100)

    class Meta:
        verbose_name = "出处核对"
        verbose_name_plural = "出处核对"
        ordering = ["-checked_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="source_check_is_against_something",
                condition=Q(against="original", original__isnull=False)
                | Q(against__in=["paper", "issuer", "citing"], original=None),
                violation_error_message="请写明对照的是哪一份原件。",
            ),
            models.CheckConstraint(
                name="source_check_is_made_by_somebody",
                condition=~Q(role=""),
                violation_error_message="请写明核对人的身份。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.document}"
