"""All figures of one question: what the page shows, the files hold and the report prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.centre.figures.addresses import step_address
from applications.centre.figures.counted import Selection
from applications.centre.figures.period import Period
from applications.centre.figures.steps import DECIDED_CASES, LATE, StepFigures, step_figures
from applications.centre.figures.tables import (
    BREAKDOWNS,
    NONE_BEFORE,
    TENTH,
    Table,
    case_table,
    line_table,
)
from policies.rules.facts import plain

NO_LIMIT = "没有印"


@dataclass(frozen=True)
class StepRow:
    """A step in the period and, where anything was decided at it, in the year before."""

    now: StepFigures
    before: StepFigures | None
    cases_address: str
    late_address: str

    @property
    def limits(self) -> str:
        return "、".join(map(str, sorted(self.now.limits))) or NO_LIMIT

    @property
    def median(self) -> str:
        return _days(self.now)

    @property
    def median_before(self) -> str:
        return _days(self.before) if self.before else NONE_BEFORE

    @property
    def late_share(self) -> str:
        return _share(self.now.late_share)

    @property
    def late_share_before(self) -> str:
        return _share(self.before.late_share) if self.before else NONE_BEFORE


def _days(step: StepFigures) -> str:
    return "算不出" if step.median is None else plain(step.median)


def _share(share: Decimal | None) -> str:
    return "没有时限" if share is None else f"{plain((share * 100).quantize(TENTH))}%"


@dataclass(frozen=True)
class Answer:
    cases: Table
    lines: Table
    steps: Sequence[StepRow]


def answer(selection: Selection, period: Period, by: str) -> Answer:
    """The tables of a breakdown and the steps; a fixed number of queries."""
    breakdown = BREAKDOWNS[by]
    return Answer(
        case_table(selection, period, breakdown),
        line_table(selection, period, breakdown),
        step_rows(selection, period),
    )


def step_rows(selection: Selection, period: Period) -> list[StepRow]:
    before = {step.key: step for step in step_figures(selection, period.year_before)}
    return [
        StepRow(
            step,
            before.get(step.key),
            step_address(DECIDED_CASES, step.key, period, selection),
            step_address(LATE, step.key, period, selection),
        )
        for step in step_figures(selection, period)
    ]
