"""Policy documents that figures cite, what their clauses say, and the points where they disagree."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property

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
    superseded_on = models.DateField(
        "从哪一天起被取代",
        null=True,
        blank=True,
        help_text="新文件写明的起用日；没有写明就空着。",
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
            ),
            models.CheckConstraint(
                name="document_superseded_on_a_day_by_another",
                condition=Q(superseded_on=None) | Q(superseded_by__isnull=False),
                violation_error_message="填了从哪一天起被取代，也要填被哪份文件取代。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return self._page

    @cached_property
    def _page(self) -> str:
        """Pages cite a document dozens of times, and processes keep its row."""
        return reverse("pages:document", args=[self.pk])

    def address_of(self, clause: str) -> str:
        """The place of a clause, as it is cited, on the document's page."""
        page = self.get_absolute_url()
        return f"{page}#{_fragment(clause)}" if clause else page

    def clean(self) -> None:
        seen, newer = {self.pk}, self.superseded_by
        while newer is not None:
            if newer.pk in seen:
                raise ValidationError({"superseded_by": "文件不能循环取代。"})
            seen.add(newer.pk)
            newer = newer.superseded_by


def clause_id(clause: str) -> str:
    """What the place of a clause is called within the page of its document."""
    return f"clause-{'-'.join(clause.split())}"


@lru_cache(maxsize=10_000)
def _fragment(clause: str) -> str:
    return quote(clause_id(clause))


class Clause(models.Model):
    """What a clause of a document says, in our own words; rows of editions name it by its `name`.

    `cited_as` are further names that take in several clauses, such as 二（一）至（三）. `parts` are
    pairs of a programme and of what tells the clause there without citing it; `reason` says why
    nothing rests on it.
    """

    document = models.ForeignKey(
        Document, verbose_name="政策文件", on_delete=models.CASCADE, related_name="clauses"
    )
    position = models.PositiveIntegerField(
        "次序", default=0, help_text="照文件里的先后，从小到大。"
    )
    name = models.CharField(
        "条款", max_length=200, help_text="与条件、奖补的依据写法一样，如 三（四）。"
    )
    gist = models.CharField(
        "说的是什么", max_length=200, help_text="用自己的话写一句，公开显示；不抄原文。"
    )
    cited_as = models.JSONField("和别的条款合在一起引用的写法", default=list, blank=True)
    parts = models.JSONField("列在项目的哪一部分", default=list, blank=True, editable=False)
    reason = models.CharField(
        "没有项目依据它的原因",
        max_length=300,
        blank=True,
        help_text="有条件、奖补或材料依据它，就空着。",
    )

    objects = KeptQuerySet.as_manager()
    history = History(verbose_name="条款变更", verbose_name_plural="条款变更")

    class Meta:
        verbose_name = "条款"
        verbose_name_plural = "条款"
        ordering = ["document", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="clause_is_told_once",
                fields=["document", "name"],
                violation_error_message="这份文件的这一条已经写过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.name}"


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
