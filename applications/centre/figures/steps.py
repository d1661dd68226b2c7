"""How long cases were at the steps of their review, in working days, and which were late.

A case counts once a step, with the longest of its stays there that ended in the period by a decision
of the step. A stay begins on the day on which the case arrived, which does not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from statistics import median
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from applications.cases.models import ApplicationEvent, CalendarDay
from applications.cases.models.application import review_chain
from applications.cases.workflow import WITH_STAFF, Action
from applications.cases.working_days import CalendarUnknownError, WorkingCalendar
from applications.centre.figures.counted import DONE, Selection
from applications.centre.figures.period import Period
from policies.catalogue.models import Edition, Step

# What begins a stay at a step, and what ends it.
ARRIVALS = (Action.SUBMIT, Action.ACCEPT, Action.RECOMMEND, Action.RESUBMIT, Action.REOPEN)
DECIDED = Q(action__in=[Action.RECOMMEND, Action.RETURN, Action.REJECT], source__in=WITH_STAFF)
LATE, DECIDED_CASES = "late", "decided"
WORDS = {
    DECIDED_CASES: (
        "办结（件）",
        "期间内在这个环节作出结论（通过、退回补正、不予通过）的申报，按作出结论的日期；一件算一次。",
    ),
    "median": (
        "用时的中位数",
        "从到达本环节的第二天（受理、上一环节通过、补正后提交、撤回结论之后）到作出结论的那一天，有几个"
        "工作日；在企业补正的日子不算。一件在同一环节办过几次的，按最长的一次。",
    ),
    LATE: (
        "超期",
        "用时多于文件印的工作日时限的；占比的分母是文件印了时限、算得出用时的申报。",
    ),
}


@dataclass
class StepFigures:
    """One step by its level and title. `days` are those of its cases, longest stay each.

    `unknown` cases reach into a year whose days off are not entered, and are in no other figure
    than `cases`; `limits` are the working days that the editions print.
    """

    level: str
    title: str
    limits: set[int] = field(default_factory=set)
    days: dict[int, int] = field(default_factory=dict)
    timed: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)

    @property
    def key(self) -> str:
        return key_of(self.level, self.title)

    @property
    def name(self) -> str:
        return f"{Step.Level(self.level).label} · {self.title}"

    @property
    def cases(self) -> int:
        return len(self.days.keys() | self.unknown)

    @property
    def median(self) -> Decimal | None:
        """None where no case has a number of days."""
        known = [days for case, days in self.days.items() if case not in self.unknown]
        return Decimal(str(median(known))) if known else None

    @property
    def late_share(self) -> Decimal | None:
        """Of the cases with a limit; None where there is none."""
        return Decimal(len(self.late)) / len(self.timed) if self.timed else None

    def add(self, case: int, days: int, limit: int | None) -> None:
        self.days[case] = max(days, self.days.get(case, 0))
        if limit is not None:
            self.limits.add(limit)
            self.timed.add(case)
            if days > limit:
                self.late.add(case)


def key_of(level: str, title: str) -> str:
    return f"{level}:{title}"


def decisions(selection: Selection, period: Period) -> QuerySet:
    """The decisions of steps that were made in the period."""
    return DONE.of(selection).filter(DECIDED, DONE.within(period))


def at_step(step: str) -> Q:
    level, _, title = step.partition(":")
    return Q(step_level=level, step=title)


def step_figures(selection: Selection, period: Period, step: str = "") -> list[StepFigures]:
    """The steps at which something was decided, in the order of the chain; four queries."""
    made = decisions(selection, period)
    if step:
        made = made.filter(at_step(step))
    return _figures(made, CalendarDay.objects.calendar())


def _figures(made: QuerySet, calendar: WorkingCalendar) -> list[StepFigures]:
    arrived = ApplicationEvent.objects.filter(
        application=OuterRef("application"), pk__lt=OuterRef("pk"), action__in=ARRIVALS
    ).order_by("-pk")
    came = Coalesce(Subquery(arrived.values("at")[:1]), "application__submitted_at")
    rows = list(
        made.annotate(arrived_on=TruncDate(came), decided_on=TruncDate("at")).values_list(
            "application", "application__edition", "step_level", "step", "step_place",
            "arrived_on", "decided_on",
        )
    )  # fmt: skip
    limits = _limits({edition for _, edition, *_ in rows})

    @cache
    def days_between(start: date, end: date) -> int | None:
        try:
            return calendar.working_days_between(start, end)
        except CalendarUnknownError:
            return None

    found: dict[str, StepFigures] = {}
    places: dict[str, int] = defaultdict(int)
    for case, edition, level, step, place, arrived_on, decided_on in rows:
        key = key_of(level, step)
        figures = found.get(key)
        if figures is None:
            figures = found[key] = StepFigures(level, step)
        places[key] = max(places[key], place)
        days = days_between(arrived_on, decided_on)
        if days is None:
            figures.unknown.add(case)
            continue
        figures.add(case, days, limits.get((edition, place)))
    for figures in found.values():
        _leave_out_unknown(figures)
    levels = list(Step.Level)
    return sorted(
        found.values(),
        key=lambda each: (places[each.key], levels.index(each.level), each.title),
    )


def _leave_out_unknown(figures: StepFigures) -> None:
    """A case with a stay of unknown length has no longest stay."""
    for case in figures.unknown:
        figures.days.pop(case, None)
    figures.timed -= figures.unknown
    figures.late -= figures.unknown


def _limits(editions: Iterable[int]) -> Mapping[tuple[int, int], int | None]:
    """The printed working days by edition and place in its chain."""
    chains: dict[int, Any] = {
        edition.pk: review_chain(edition)
        for edition in Edition.objects.filter(pk__in=editions).prefetch_related("steps")
    }
    return {
        (edition, place): step.working_days
        for edition, chain in chains.items()
        for place, step in enumerate(chain)
    }


def late_cases(selection: Selection, period: Period, step: str) -> set[int]:
    """The cases that were late at a step."""
    return {case for each in step_figures(selection, period, step) for case in each.late}
