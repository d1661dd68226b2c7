"""The filter of a list that a figure leads to: exactly the rows that the figure counts."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q
from django.http import HttpRequest

from applications.centre.figures import addresses
from applications.centre.figures.counted import CASES, LINES, Selection
from applications.centre.figures.period import EARLIEST, LATEST, Period
from applications.centre.figures.steps import (
    DECIDED_CASES,
    LATE,
    WORDS,
    at_step,
    decisions,
    late_cases,
)
from policies.catalogue.models import Programme
from portal.models import Jurisdiction
from portal.typed.days import read_day
from portal.typed.signs import UnreadError

ALL = "全部"


class CountedFilter(admin.ListFilter):
    """Shown only where the address names a figure: the lists offer no choice of their own."""

    title = "统计"
    figures = CASES
    case = ""

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.user = request.user
        for name in addresses.NAMES:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def expected_parameters(self) -> list[str]:
        return list(addresses.NAMES)

    def has_output(self) -> bool:
        return bool(self.used_parameters)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        everything = changelist.get_query_string(remove=self.expected_parameters())
        yield {"selected": False, "query_string": everything, "display": ALL}
        yield {
            "selected": True,
            "query_string": changelist.get_query_string(),
            "display": self.in_words(),
        }

    def in_words(self) -> str:
        figure, step = self._asked(addresses.COUNTED), self._asked(addresses.STEP)
        titles = {each.key: each.title for each in self.figures}
        parts = [titles.get(figure) or WORDS[figure][0], str(self.period)]
        if step:
            parts.insert(0, step.partition(":")[2])
        if place := self._asked(addresses.PLACE):
            parts.append(str(Jurisdiction.objects.get(pk=place)))
        if programme := self._asked(addresses.PROGRAMME):
            parts.append(str(Programme.objects.get(pk=programme).name))
        return "，".join(parts)

    def _asked(self, name: str) -> str:
        return self.used_parameters.get(name, "")

    @property
    def period(self) -> Period:
        try:
            first, last = (
                read_day(self._asked(each)) for each in (addresses.FIRST, addresses.LAST)
            )
        except UnreadError as error:
            raise IncorrectLookupParameters(str(error)) from error
        if not EARLIEST <= first <= last <= LATEST:
            raise IncorrectLookupParameters(f"{first} {last}")
        return Period(first, last)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        self._check()
        chosen = Q()
        if place := self._asked(addresses.PLACE):
            within = Jurisdiction.objects.within(place).order_by().values("pk")
            chosen &= Q(**{f"{self.case}county__in": within})
        if programme := self._asked(addresses.PROGRAMME):
            chosen &= Q(**{f"{self.case}edition__programme": programme})
        return self.counted(queryset.filter(chosen))

    def _check(self) -> None:
        """IncorrectLookupParameters where the address was changed by hand into nonsense."""
        known = {figure.key for figure in self.figures}
        figure, step = self._asked(addresses.COUNTED), self._asked(addresses.STEP)
        place, programme = self._asked(addresses.PLACE), self._asked(addresses.PROGRAMME)
        if (
            figure not in (known | self.at_steps())
            or (figure in self.at_steps()) != bool(step)
            or (place and not Jurisdiction.objects.filter(pk=place).exists())
            or (programme and not Programme.objects.filter(pk=programme).exists())
        ):
            raise IncorrectLookupParameters(figure)

    def at_steps(self) -> set[str]:
        """The figures that count at one step."""
        return set()

    def counted(self, rows: Any) -> Any:
        figure = next(each for each in self.figures if each.key == self._asked(addresses.COUNTED))
        return figure.narrow(rows, self.period)


class CountedCases(CountedFilter):
    def at_steps(self) -> set[str]:
        return {DECIDED_CASES, LATE}

    def counted(self, rows: Any) -> Any:
        figure, step = self._asked(addresses.COUNTED), self._asked(addresses.STEP)
        if figure not in self.at_steps():
            return super().counted(rows)
        selection = Selection(
            self.user, self._asked(addresses.PLACE), self._asked(addresses.PROGRAMME)
        )
        if figure == LATE:
            return rows.filter(pk__in=late_cases(selection, self.period, step))
        made = decisions(selection, self.period).filter(at_step(step))
        return rows.filter(pk__in=made.values("application"))


class CountedLines(CountedFilter):
    figures = LINES
    case = "application__"
