"""Which figures are asked for: the days, whose, and what a row stands for."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from applications.centre.figures.period import EARLIEST, Period, year_to
from applications.centre.figures.tables import BREAKDOWNS
from policies.catalogue.models import Programme
from portal.models import Jurisdiction
from portal.scope import in_charge
from portal.typed.fields import DayField

MOST_YEARS = 10
IN_FUTURE = "截止日不能晚于今天：没有过完的日子没有数。"
TOO_EARLY = f"请填 {EARLIEST.year} 年以后的日期。"
BACKWARDS = "起始日不能晚于截止日。"
TOO_LONG = f"一次最多看 {MOST_YEARS} 年，请缩短期间。"
DAY = {"type": "date"}


class FiguresForm(forms.Form):
    """Read from the address; what is left empty is the year up to today, of all that one sees."""

    first = DayField(label="从", required=False, widget=forms.DateInput(attrs=DAY))
    last = DayField(label="到（含当天）", required=False, widget=forms.DateInput(attrs=DAY))
    by = forms.ChoiceField(
        label="按什么分",
        required=False,
        choices=[(each.key, each.title) for each in BREAKDOWNS.values()],
    )
    place = forms.ChoiceField(label="哪里", required=False)
    programme = forms.ChoiceField(label="哪个项目", required=False)

    def __init__(self, data: Any, *, user: Any, today: date) -> None:
        usual = year_to(today)
        self.today = today
        known = {"first": usual.first.isoformat(), "last": usual.last.isoformat(), "by": "county"}
        super().__init__({**known, **{name: text for name, text in data.items() if text}})
        self.fields["place"].choices = [("", "所管的全部"), *places_of(user)]
        self.fields["programme"].choices = [("", "全部项目"), *programmes_of(user)]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        first, last = given.get("first"), given.get("last")
        if first is None or last is None:
            return given
        if first < EARLIEST:
            self.add_error("first", TOO_EARLY)
        elif first > last:
            self.add_error("first", BACKWARDS)
        elif last > self.today:
            self.add_error("last", IN_FUTURE)
        elif last.year - first.year >= MOST_YEARS:
            self.add_error("first", TOO_LONG)
        return given

    @property
    def period(self) -> Period:
        return Period(self.cleaned_data["first"], self.cleaned_data["last"])


def places_of(user: Any) -> list[tuple[str, str]]:
    """The cities and counties that the user is in charge of."""
    levels = Q(level__in=[Jurisdiction.Level.CITY, Jurisdiction.Level.COUNTY])
    found = Jurisdiction.objects.filter(levels, in_charge(user, "code"))
    return list(found.values_list("code", "name"))


def programmes_of(user: Any) -> list[tuple[str, str]]:
    """Those that firms of the user's place can ask for."""
    if user.jurisdiction_code:
        above = Jurisdiction.objects.above(user.jurisdiction_code)
        asked = in_charge(user, "area") | Q(area__in=above)
    else:
        asked = in_charge(user, "area")
    return list(Programme.objects.filter(asked).values_list("pk", "name"))
