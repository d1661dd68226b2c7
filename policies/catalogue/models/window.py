"""When a programme takes applications, as far as a document prints it."""

import calendar
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from policies.catalogue.models.programme import Programme
from policies.catalogue.models.source import Document
from portal.history import History, KeptQuerySet

COMMON_YEAR = 2025  # a yearly day must exist in every year


class Span(NamedTuple):
    first: date
    last: date


def _month_field(name: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        name, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )


def _day_field(name: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        name, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )


class Window(models.Model):
    """A window without month is a rule such as “达标当月即可申请”: said, but in no month."""

    class Kind(models.TextChoices):
        APPLY = "apply", "申报"
        DUTY = "duty", "报送"
        TERM = "term", "享受期限"

    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.CASCADE, related_name="windows"
    )
    position = models.PositiveIntegerField("次序", default=0)
    kind = models.CharField("性质", max_length=10, choices=Kind.choices, default=Kind.APPLY)
    title = models.CharField("事项", max_length=60)
    wording = models.CharField("文件原话", max_length=200)
    year = models.PositiveSmallIntegerField(
        "年份",
        null=True,
        blank=True,
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
        help_text="只有这一年才填；每年都有就空着。",
    )
    starts_month = _month_field("起始月")
    starts_day = _day_field("起始日")
    ends_month = _month_field("截止月")
    ends_day = _day_field("截止日")
    note = models.CharField("说明", max_length=300, blank=True)
    document = models.ForeignKey(
        Document, verbose_name="政策文件", on_delete=models.PROTECT, related_name="windows"
    )
    clause = models.CharField("条款", max_length=200)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = KeptQuerySet.as_manager()
    history = History(
        verbose_name="申报时间变更",
        verbose_name_plural="申报时间变更",
        excluded_fields=["updated_at"],
    )

    class Meta:
        verbose_name = "申报时间"
        verbose_name_plural = "申报时间"
        ordering = ["programme", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="window_title_is_unique",
                fields=["programme", "title"],
                violation_error_message="同一项目中事项不能重名。",
            ),
            models.CheckConstraint(
                name="window_kind_is_valid",
                condition=Q(kind__in=["apply", "duty", "term"]),
                violation_error_message="没有这种时间性质。",
            ),
            models.CheckConstraint(
                name="window_months_and_days_exist",
                condition=(Q(starts_month=None) | Q(starts_month__range=(1, 12)))
                & (Q(ends_month=None) | Q(ends_month__range=(1, 12)))
                & (Q(starts_day=None) | Q(starts_day__range=(1, 31)))
                & (Q(ends_day=None) | Q(ends_day__range=(1, 31))),
                violation_error_message="月应为1至12，日应为1至31。",
            ),
            models.CheckConstraint(
                name="window_day_has_its_month",
                condition=(Q(starts_day=None) | ~Q(starts_month=None))
                & (Q(ends_day=None) | ~Q(ends_month=None)),
                violation_error_message="填了日就要填月。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        for end in ("starts", "ends"):
            month, day = getattr(self, f"{end}_month"), getattr(self, f"{end}_day")
            if not is_day(month, day, self.year or COMMON_YEAR):
                raise ValidationError({f"{end}_day": f"{month}月没有{day}日。"})

    @property
    def source_page(self) -> str:
        """The address of the clause that says so."""
        return self.document.address_of(self.clause)

    @property
    def is_yearly(self) -> bool:
        return self.year is None

    @property
    def is_dated(self) -> bool:
        return bool(self.starts_month or self.ends_month)

    @property
    def when(self) -> str:
        """Such as 每年10月 or 2026年3月1日至4月30日; empty when no month is printed."""
        if not self.is_dated:
            return ""
        starts = _in_words(self.starts_month, self.starts_day)
        ends = _in_words(self.ends_month, self.ends_day)
        if not ends:
            text = f"{starts}起"
        elif not starts:
            text = f"{ends}截止"
        else:
            text = starts if starts == ends else f"{starts}至{ends}"
        return f"{'每年' if self.is_yearly else f'{self.year}年'}{text}"

    def span_in(self, year: int) -> Span | None:
        """Its first and last day when it begins in this year; one known end stands for both."""
        if not self.is_dated or (self.year and self.year != year):
            return None
        first = self.starts_month and _day_of(year, self.starts_month, self.starts_day or 1)
        last = self.ends_month and _day_of(year, self.ends_month, self.ends_day or 31)
        if first and last and last < first:
            last = _day_of(year + 1, self.ends_month, self.ends_day or 31)
        return Span(first or last, last or first)


def is_day(month: int | None, day: int | None, year: int = COMMON_YEAR) -> bool:
    """Whether the month has this day; a missing one is for other checks to tell."""
    if month is None or day is None or not 1 <= month <= 12:
        return True
    return 1 <= day <= calendar.monthrange(year, month)[1]


def _day_of(year: int, month: int, day: int) -> date:
    """That day, or the last of the month where it is shorter."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _in_words(month: int | None, day: int | None) -> str:
    if month is None:
        return ""
    return f"{month}月{day}日" if day else f"{month}月"
