"""Policy documents that figures cite, and the points where they disagree."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

# Official numbers have these brackets, keyboards have the others.
BRACKETS = str.maketrans("[]()［］（）【】", "〔〕〔〕〔〕〔〕〔〕")


class DocumentQuerySet(models.QuerySet):
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
        "文号", max_length=100, unique=True, error_messages={"unique": "已有这个文号。"}
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

    class Meta:
        verbose_name = "政策文件"
        verbose_name_plural = "政策文件"
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("pages:document", args=[self.pk])


class Conflict(models.Model):
    """A point where sources disagree or stay silent, and how it is read here."""

    code = models.CharField("编号", max_length=10, primary_key=True)
    text = models.CharField("说明", max_length=500)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = "口径说明"
        verbose_name_plural = "口径说明"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"
