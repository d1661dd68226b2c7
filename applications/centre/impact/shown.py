"""The result of a run in rows of tables, as its page shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from applications.centre.impact.charts import span
from applications.impact.models import Affected, CountyTally, Run
from applications.impact.services.judging import WHEN, WHOLE
from applications.impact.services.results import Money, PlanResult, Result, result_of
from policies.catalogue.models.award import Level

# From what figure to the address of its list; None where the reader may not see firms.
Address = Callable[[int, str, str], str] | None
FIRMS, CASES = "firms", "cases"


@dataclass(frozen=True)
class Changed:
    """How many are treated otherwise in one way, and the list of them."""

    count: int
    address: str = ""


@dataclass(frozen=True)
class PlanRow:
    title: str
    verdicts: Sequence[int]
    changes: Sequence[Changed | None]


@dataclass(frozen=True)
class MoneyCell:
    """`sure` is of the eligible; `perhaps` what the unknown may add, empty where nothing."""

    sure: str
    perhaps: str


@dataclass(frozen=True)
class MoneyRow:
    name: str
    when: str
    cells: Sequence[MoneyCell]


def _plans(run: Run, result: Result) -> Sequence[PlanResult]:
    """Without a predecessor there is nothing to show of it."""
    return result.plans[0 if run.has_predecessor else 1 :]


def plan_rows(run: Run, result: Result, address: Address, of: str = FIRMS) -> list[PlanRow]:
    return [
        PlanRow(
            plan.title,
            [plan.verdicts[verdict] for verdict in (1, 0, -1)],
            [_changed(plan, change, address, of) for change in Affected.Change]
            if plan.number
            else [None] * len(Affected.Change),
        )
        for plan in _plans(run, result)
    ]


def _changed(plan: PlanResult, change: Affected.Change, address: Address, of: str) -> Changed:
    count = plan.changed(change)
    return Changed(count, address(plan.number, change.value, of) if address and count else "")


def case_rows(run: Run, result: Result, address: Address) -> list[PlanRow]:
    return plan_rows(run, result, address, CASES) if result.rows else []


def money_rows(run: Run, result: Result) -> list[MoneyRow]:
    """By level, the whole last; a row for this year and one for later."""
    names = {**dict(Level.choices), WHOLE: "各级合计"}
    times = {"now": f"{run.on.year} 年", "later": "以后各期"}
    rows = []
    for level in (*result.levels, WHOLE):
        for when in WHEN:
            paid = [plan.paid(level, when) for plan in _plans(run, result)]
            if any(not money.is_nothing for money in paid):
                rows.append(MoneyRow(names[level], times[when], [_cell(each) for each in paid]))
    return rows


def _cell(money: Money) -> MoneyCell:
    perhaps = f"{money.perhaps.normalize():f} 万元" if money.perhaps else ""
    if money.perhaps_open:
        perhaps = "，".join(filter(None, (perhaps, f"{money.perhaps_open} 家上限未定")))
    return MoneyCell(span(money), perhaps)


def county_rows(
    run: Run, tallies: Sequence[CountyTally]
) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """A county, and of each plan how many are eligible or unknown, and what is paid this year."""
    rows = []
    for row in tallies:
        plans = _plans(run, result_of(run, [row]))
        rows.append(
            (
                row.county.name,
                [(plan.verdicts[1], plan.verdicts[0], span(plan.now)) for plan in plans],
            )
        )
    return rows
