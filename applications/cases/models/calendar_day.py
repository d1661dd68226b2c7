"""Days off and days worked that staff enter when the State Council publishes or changes them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from applications.cases.working_days import WorkingCalendar

FIRST_YEAR, LAST_YEAR = 2020, 2100


class CalendarDayManager(models.Manager):
    def calendar(self) -> WorkingCalendar:
        """The calendar as it is known now."""
        return WorkingCalendar(
            exceptions=dict(self.values_list("date", "is_working_day")),
            years=frozenset(PublishedYear.objects.values_list("year", flat=True)),
        )


class CalendarDay(models.Model):
    """One day that differs from the ordinary week; it overrides every other source."""

    date = models.DateField("日期", unique=True, error_messages={"unique": "这一天已经登记过。"})
    is_working_day = models.BooleanField("上班", help_text="不打钩就是放假。")
    note = models.CharField("说明", max_length=200, help_text="依据的文件，如通知的文号。")

    objects = CalendarDayManager()

    class Meta:
        verbose_name = "工作日调整"
        verbose_name_plural = "工作日调整"
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {'上班' if self.is_working_day else '放假'}"


class PublishedYear(models.Model):
    """A year whose days off are published and entered whole; without it the year is unknown."""

    year = models.PositiveSmallIntegerField(
        "年份",
        unique=True,
        validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)],
        error_messages={"unique": "这一年已经登记过，请打开它修改。"},
    )
    document_number = models.CharField(
        "通知文号", max_length=60, help_text="国务院办公厅当年放假安排通知的文号。"
    )

    class Meta:
        verbose_name = "放假安排"
        verbose_name_plural = "放假安排"
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                name="published_year_names_its_document",
                condition=~Q(document_number=""),
                violation_error_message="请填通知文号。",
            ),
            models.CheckConstraint(
                name="published_year_is_sensible",
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                violation_error_message="请核对年份。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年放假安排"
