"""The form in which staff enter a year's days off, copied from the published notice."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db import transaction

from applications.cases.models import CalendarDay, PublishedYear
from applications.cases.working_days import LIBRARY_YEARS

DAY = r"(?:(\d{4})[-年./])?(\d{1,2})[-月./](\d{1,2})日?"
LINE = re.compile(rf"{DAY}(?:\s*(?:至|到|~|～|—+|–)\s*{DAY})?")
NOT_UNDERSTOOD = "看不懂“{line}”，请写成 10-01 至 10-07，或单独一天 10-01。"
# The holidays whose date is the same every year; a list without them is not whole.
EVERY_YEAR = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节"}


def read_days(text: str, year: int) -> list[date]:
    """The days of lines such as “10-01 至 10-07”; ValidationError names the line that is wrong."""
    days: list[date] = []
    for line in re.split(r"[\n;；,，、]+", text):
        if not line.strip():
            continue
        found = LINE.fullmatch(line.strip())
        try:
            start, end = _ends(found, year) if found else (None, None)
        except ValueError:
            start = end = None
        if start is None or end is None or end < start or {start.year, end.year} != {year}:
            raise forms.ValidationError(NOT_UNDERSTOOD.format(line=line.strip()))
        days += [start + timedelta(days=number) for number in range((end - start).days + 1)]
    return sorted(set(days))


def _ends(found: re.Match[str], year: int) -> tuple[date, date]:
    own, month, day, last_own, last_month, last_day = found.groups()
    start = date(int(own or year), int(month), int(day))
    if not last_month:
        return start, start
    return start, date(int(last_own or year), int(last_month), int(last_day))


def in_lines(days: Iterable[date]) -> str:
    """Days in the words of `read_days`, following days as one line."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "\n".join(
        f"{run[0]:%m-%d} 至 {run[-1]:%m-%d}" if len(run) > 1 else f"{run[0]:%m-%d}" for run in runs
    )


def days_of(year: PublishedYear, *, worked: bool) -> str:
    """The days off, or those worked, that were entered for a year, in lines."""
    days = CalendarDay.objects.filter(date__year=year.year, is_working_day=worked)
    return in_lines(days.values_list("date", flat=True))


class PublishedYearForm(forms.ModelForm):
    """A year with all its exceptions; saving replaces the days entered for it before."""

    days_off = forms.CharField(
        label="放假的日子",
        help_text="一行一段，照通知抄写，周末放假的也写上，如 10-01 至 10-07。",
        widget=forms.Textarea(attrs={"rows": 8, "cols": 40}),
    )
    days_worked = forms.CharField(
        label="调休上班的周末",
        required=False,
        help_text="一行一天，如 10-10；没有就空着。",
        widget=forms.Textarea(attrs={"rows": 5, "cols": 40}),
    )

    class Meta:
        model = PublishedYear
        fields = ["year", "document_number", "days_off", "days_worked"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["days_off"] = days_of(self.instance, worked=False)
            self.initial["days_worked"] = days_of(self.instance, worked=True)
            # Whoever may only look gets a form without fields.
            if year := self.fields.get("year"):
                year.disabled = True

    def clean_year(self) -> int:
        year = self.cleaned_data["year"]
        if not self.instance.pk and year in LIBRARY_YEARS:
            raise forms.ValidationError(
                f"{year} 年的安排系统里已有；个别日子有变动的，请到“工作日调整”里登记。"
            )
        return year

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        year = cleaned.get("year")
        if year is None:
            return cleaned
        for name in ("days_off", "days_worked"):
            try:
                cleaned[name] = read_days(cleaned.get(name, ""), year)
            except forms.ValidationError as error:
                self.add_error(name, error)
        if not self.errors:
            self._check_the_whole(cleaned)
        return cleaned

    def _check_the_whole(self, cleaned: dict[str, Any]) -> None:
        off, worked = cleaned["days_off"], cleaned["days_worked"]
        missing = [
            name
            for (month, day), name in EVERY_YEAR.items()
            if date(cleaned["year"], month, day) not in off
        ]
        if missing:
            self.add_error("days_off", f"没有{'、'.join(missing)}，请把全年的放假都写上。")
        weekdays = [day for day in worked if day.weekday() < 5]
        if weekdays:
            self.add_error("days_worked", f"{weekdays[0]:%m-%d} 不是周末，请核对。")
        both = sorted(set(off) & set(worked))
        if both:
            self.add_error("days_worked", f"{both[0]:%m-%d} 同时写在了放假里，请核对。")

    def save_days(self) -> None:
        """Replace the days of the year by those of the form."""
        year, note = self.cleaned_data["year"], self.cleaned_data["document_number"]
        with transaction.atomic():
            CalendarDay.objects.filter(date__year=year).delete()
            CalendarDay.objects.bulk_create(
                CalendarDay(date=day, is_working_day=worked, note=note)
                for name, worked in (("days_off", False), ("days_worked", True))
                for day in self.cleaned_data[name]
            )
