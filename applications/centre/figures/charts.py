"""Bars beside the tables: widths in per cent of the longest; each figure stands beside its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.centre.figures.steps import StepFigures
from applications.centre.figures.tables import Table
from policies.rules.facts import plain

# More cannot be taken in at a glance, and stands in the table.
MOST_ROWS = 15


@dataclass(frozen=True)
class Bar:
    """`kind` is its pattern: solid, striped or hollow."""

    kind: str
    label: str
    text: str
    width: str


@dataclass(frozen=True)
class Chart:
    """`rows` are names with their bars; `left_out` counts those that have none here."""

    key: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, Sequence[Bar]]]
    left_out: int = 0


def drawn(
    key: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, Sequence[tuple[str, str, Decimal | int | None, str]]]],
    *,
    in_order: bool,
) -> Chart:
    """Bars on one scale; of too many rows the longest, unless they follow each other in time."""
    chosen = list(rows)
    if len(chosen) > MOST_ROWS:
        if in_order:
            chosen = chosen[-MOST_ROWS:]
        else:
            chosen = sorted(rows, key=lambda row: -(row[1][0][2] or 0))[:MOST_ROWS]
    most = max((value or 0 for _, bars in chosen for _, _, value, _ in bars), default=0)
    drawn = [
        (
            name,
            [
                Bar(kind, label, text, f"{100 * (value or 0) / most:.1f}" if most else "0")
                for kind, label, value, text in bars
            ],
        )
        for name, bars in chosen
    ]
    return Chart(key, drawn, len(rows) - len(chosen))


def case_chart(table: Table) -> Chart:
    """What was handed in and passed, beside the year before."""
    places = {column.figure.key: place for place, column in enumerate(table.columns)}
    rows = []
    for row in table.rows:
        bars = []
        for figure, kind in (("submitted", "solid"), ("passed", "striped")):
            cell = row.cells[places[figure]]
            title = cell.figure.title
            bars.append((kind, title, cell.count, f"{cell.count}"))
            bars.append(("hollow", f"上年{title}", cell.count_before, f"{cell.count_before}"))
        rows.append((row.name, bars))
    key = [("solid", "提交"), ("striped", "审核通过"), ("hollow", "上年同期")]
    return drawn(key, rows, in_order=table.breakdown.is_of_time)


def line_chart(table: Table) -> Chart:
    """What was granted and what was paid out in the period, in 万元; nothing where no amount is known."""
    places = {column.figure.key: place for place, column in enumerate(table.columns)}
    rows = []
    for row in table.rows:
        bars = []
        for figure, kind in (("granted", "solid"), ("paid", "striped")):
            cell = row.cells[places[figure]]
            text = "没有已定的金额" if cell.amount is None else f"{plain(cell.amount)} 万元"
            bars.append((kind, cell.figure.title, cell.amount, text))
        rows.append((row.name, bars))
    key = [("solid", "核定奖补"), ("striped", "本期拨付")]
    return drawn(key, rows, in_order=table.breakdown.is_of_time)


def step_chart(steps: Sequence[StepFigures]) -> Chart:
    """The median beside the printed limit, in working days."""
    rows = []
    for step in steps:
        middle = step.median
        text = "算不出" if middle is None else f"{plain(middle)} 个工作日"
        bars = [("solid", "用时的中位数", middle, text)]
        bars += [
            ("hollow", "文件印的时限", limit, f"{limit} 个工作日") for limit in sorted(step.limits)
        ]
        rows.append((step.name, bars))
    key = [("solid", "用时的中位数"), ("hollow", "文件印的时限")]
    return drawn(key, rows, in_order=False)
