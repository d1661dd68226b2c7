"""The figures of a period on paper: by county and by programme, with the year so far and what they count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string

from applications.centre.figures.answer import step_rows
from applications.centre.figures.counted import Selection
from applications.centre.figures.definitions import definitions
from applications.centre.figures.period import Period, year_to
from applications.centre.figures.tables import BREAKDOWNS, Table, case_table, line_table


@dataclass(frozen=True)
class Section:
    title: str
    tables: Sequence[Table]
    # Of a longer period than the report's its whole only.
    is_whole_only: bool = False


def title_of(period: Period) -> str:
    """A monthly report where the period is a month."""
    if period.is_month:
        return f"{period.first.year} 年 {period.first.month} 月统计月报"
    return "统计报告"


def report_paper(selection: Selection, period: Period, scope: str, made_on: date) -> str:
    """The document as HTML; the same on the same day as long as nothing is done with the cases."""
    breakdowns = ["county", "programme"] + ([] if period.is_month else ["month"])
    sections = [
        Section(
            f"按{BREAKDOWNS[by].title}",
            [make(selection, period, BREAKDOWNS[by]) for make in (case_table, line_table)],
        )
        for by in breakdowns
    ]
    so_far = year_to(period.last)
    if so_far != period:
        whole = [make(selection, so_far, BREAKDOWNS["county"]) for make in (case_table, line_table)]
        sections.append(Section(f"本年累计（{so_far}）", whole, is_whole_only=True))
    context = {
        "title": title_of(period),
        "scope": scope,
        "period": period,
        "before": period.year_before,
        "made_on": made_on,
        "sections": sections,
        "steps": step_rows(selection, period),
        "definitions": definitions(),
    }
    return render_to_string("admin/centre/figures/report.html", context)
