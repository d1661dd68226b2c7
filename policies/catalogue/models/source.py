"""Policy documents that figures cite, and the points where they disagree."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from portal.history import History, KeptQuerySet

# Official numbers have these brackets, keyboards have the others.
BRACKETS = str.maketrans("[]()［］（）【】", "〔〕〔〕〔〕〔〕〔〕")


# One line, as printed: words of any script with single spaces between.
DOCUMENT_NUMBER = r"^\S+( \S+)*$"
DOCUMENT_NUMBER_SAYS = "文号写成一行，照文件印的写，首尾不留空格。"
CONFLICT_CODE = r"^[A-Z]+[0-9]+$"
CONFLICT_CODE_SAYS = "编号由大写英文字母和数字组成，如 C07。"


class DocumentQuerySet(KeptQuerySet):
    def matching(self, words: str) -> "DocumentQuerySet":
        """Documents that hold every word in number, title or issuer; LIKE finds short Chinese."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(number__icontains=word.translate(BRACKETS))
                | Q(title__icontains=word)
                | Q(issuer__icontains=word)
            )
        return found


class Document(models.Model):
    number = models.CharField(
        "文号",
        max_length=100,
        unique=True,
        validators=[RegexValidator(DOCUMENT_NUMBER, DOCUMENT_NUMBER_SAYS)],
        error_messages={"unique": "已有这个文号。"},
    )
    title = models.CharField("标题", max_length=200)
    issuer = models.CharField("发文机关", max_length=200)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    superseded_by = models.ForeignKey(
        "self",
        verbose_name="被哪份文件取代",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="supersedes",
    )
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = DocumentQuerySet.as_manager()
    history = History(
        verbose_name="文件变更", verbose_name_plural="文件变更", excluded_fields=["updated_at"]
    )

    class Meta:
        verbose_name = "政策文件"
        verbose_name_plural = "政策文件"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                name="document_number_is_one_line",
                condition=Q(number__regex=DOCUMENT_NUMBER),
                violation_error_message=DOCUMENT_NUMBER_SAYS,
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("pages:document", args=[self.pk])

    def clean(self) -> None:
        seen, newer = {self.pk}, self.superseded_by
        while newer is not None:
            if newer.pk in seen:
                raise ValidationError({"superseded_by": "文件不能循环取代。"})
            seen.add(newer.pk)
            newer = newer.superseded_by


def _keep_named(conflicts: Any) -> None:
    """Django deletes what names them first, so that the database would see nothing left."""
    if programmes := {row for each in conflicts for row in each.programmes.all()}:
        raise models.ProtectedError("已有项目用到这条口径说明，不能删除。", programmes)


class ConflictQuerySet(KeptQuerySet):
    def delete(self) -> tuple[int, dict[str, int]]:
        _keep_named(self.prefetch_related("programmes"))
        return super().delete()

    delete.alters_data = True
    delete.queryset_only = True


class Conflict(models.Model):
    """A point where sources disagree or stay silent, and how it is read here."""

    code = models.CharField(
        "编号",
        max_length=10,
        primary_key=True,
        validators=[RegexValidator(CONFLICT_CODE, CONFLICT_CODE_SAYS)],
        error_messages={"unique": "已有这个编号。"},
    )
    text = models.CharField("说明", max_length=500)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = ConflictQuerySet.as_manager()
    history = History(
        verbose_name="口径变更", verbose_name_plural="口径变更", excluded_fields=["updated_at"]
    )

    class Meta:
        verbose_name = "口径说明"
        verbose_name_plural = "口径说明"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="conflict_code_is_an_identifier",
                condition=Q(code__regex=CONFLICT_CODE),
                violation_error_message=CONFLICT_CODE_SAYS,
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _keep_named([self])
        return super().delete(*args, **kwargs)
