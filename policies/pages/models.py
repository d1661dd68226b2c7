"""What a reader says is wrong with a clause or a figure, and what nobody found."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from policies.catalogue.models.award import Award
from policies.catalogue.models.criterion import Criterion
from policies.catalogue.models.edition import Edition
from policies.catalogue.models.programme import Programme


class ErrorReport(models.Model):
    """It keeps what the reader saw, also when the edition is gone."""

    programme = models.ForeignKey(
        Programme, verbose_name="项目", null=True, blank=True, on_delete=models.SET_NULL
    )
    edition = models.ForeignKey(
        Edition, verbose_name="版本", null=True, blank=True, on_delete=models.SET_NULL
    )
    criterion = models.ForeignKey(
        Criterion, verbose_name="条件", null=True, blank=True, on_delete=models.SET_NULL
    )
    award = models.ForeignKey(
        Award, verbose_name="奖补", null=True, blank=True, on_delete=models.SET_NULL
    )
    subject = models.CharField("报错对象", max_length=300)
    seen_text = models.TextField("当时的文字和依据")
    problem = models.TextField("哪里不对")
    contact = models.CharField("联系方式", max_length=100, blank=True)
    created_at = models.DateTimeField("报错时间", auto_now_add=True)
    handled = models.BooleanField("已处理", default=False)
    note = models.TextField("处理说明", blank=True)

    class Meta:
        verbose_name = "报错"
        verbose_name_plural = "报错"
        ordering = ["handled", "-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="error_report_is_handled_with_a_note",
                condition=Q(handled=False) | ~Q(note=""),
                violation_error_message="处理完要写明处理说明。",
            )
        ]

    def __str__(self) -> str:
        return self.subject

    def clean(self) -> None:
        if self.handled and not self.note.strip():
            raise ValidationError({"note": "请写明怎样处理的，例如改了什么，或为什么不改。"})


class FruitlessSearch(models.Model):
    """Words that found nothing on a day: neither who searched nor how often, only that it was so."""

    day = models.DateField("日期")
    words = models.CharField("查找的词", max_length=20)

    class Meta:
        verbose_name = "没有结果的查找"
        verbose_name_plural = "没有结果的查找"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="fruitless_search_is_one_a_day",
                fields=["day", "words"],
                violation_error_message="这一天已经记过这个词。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.words}"
