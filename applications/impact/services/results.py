"""What a run says to a reader: the figures of their counties, and these against the budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

from django.db.models import Q

from applications.enterprises.models import Enterprise
from applications.impact.models import Affected, CountyTally, Run
from applications.impact.services.judging import WHOLE
from applications.impact.services.tallies import merged
from applications.money.models import AwardLine, Budget, Fund
from applications.money.models.money_field import FEN
from applications.money.services.figures import figures_by
from policies.catalogue.models.award import Level
from policies.rules.awards import LEVELS
from portal.models import Jurisdiction

NO_MONEY = [0, 0, 0, 0, 0]


@dataclass(frozen=True)
class Money:
    """万元: of who is eligible the least and the most, beside `open` whose most is open; `perhaps` is
    what would come at most where it is unknown, beside `perhaps_open`."""

    least: Decimal
    most: Decimal
    open: int
    perhaps: Decimal
    perhaps_open: int

    @classmethod
    def of(cls, sums: Sequence[int]) -> "Money":
        least, most, is_open, perhaps, perhaps_open = sums
        return cls(least * FEN, most * FEN, is_open, perhaps * FEN, perhaps_open)

    @property
    def is_nothing(self) -> bool:
        return not (self.least or self.most or self.open or self.perhaps or self.perhaps_open)

    @property
    def upper(self) -> Decimal:
        """All that may come, as far as it has an end."""
        return self.most + self.perhaps


@dataclass(frozen=True)
class PlanResult:
    """What one plan does: rows by verdict, by how they change beside the first plan, and what is paid by
    level and time."""

    number: int
    title: str
    verdicts: Mapping[int, int]
    changes: Mapping[str, int]
    money: Mapping[str, Mapping[str, Money]]

    @property
    def levels(self) -> list[str]:
        return [level for level in LEVELS if level in self.money]

    def paid(self, level: str, when: str) -> Money:
        return self.money.get(level, {}).get(when, Money.of(NO_MONEY))

    @property
    def now(self) -> Money:
        return self.paid(WHOLE, "now")

    @property
    def later(self) -> Money:
        return self.paid(WHOLE, "later")

    def changed(self, change: Affected.Change) -> int:
        return self.changes.get(change.value, 0)


@dataclass(frozen=True)
class Result:
    """What was counted in some counties; `plans` in the order of the run, the predecessor first."""

    rows: int
    firms: int
    old: int
    plans: Sequence[PlanResult]

    @property
    def levels(self) -> list[str]:
        found = {level for plan in self.plans for level in plan.levels}
        return [level for level in LEVELS if level in found]


def result_of(run: Run, tallies: Sequence[CountyTally]) -> Result:
    empty = {"rows": 0, "firms": 0, "old": 0}
    figures: dict[str, Any] = reduce(merged, (row.figures for row in tallies), {}) or empty
    plans = figures.get("plans") or [{} for _ in run.plans]
    return Result(
        figures["rows"],
        figures["firms"],
        figures["old"],
        [
            PlanResult(
                number=number,
                title=run.titles[number],
                verdicts=dict(zip((-1, 0, 1), own.get("verdicts", [0, 0, 0]), strict=True)),
                changes=own.get("changes", {}),
                money={
                    level: {when: Money.of(sums) for when, sums in parts.items()}
                    for level, parts in own.get("money", {}).items()
                },
            )
            for number, own in enumerate(plans)
        ],
    )


def tallies_for(run: Run, user: Any) -> tuple[list[CountyTally], list[CountyTally]]:
    """Of the firms and of the cases, by county; nothing outside the reader's jurisdiction."""
    rows = CountyTally.objects.visible_to(user).filter(run=run).select_related("county")
    found = list(rows.order_by("county"))
    return (
        [row for row in found if not row.is_of_cases],
        [row for row in found if row.is_of_cases],
    )


def firms_without_profile(user: Any, firms: int) -> int:
    """How many of the reader's firms were not judged: they have none, or are absorbed."""
    return max(Enterprise.objects.registered_with(user).count() - firms, 0)


# --- budgets ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """What a plan needs of a fund now, and what is left of the budget; None without one."""

    title: str
    money: Money
    budget: Decimal | None

    @property
    def left(self) -> tuple[Decimal, Decimal] | None:
        """At least and at most, by what is sure and by all who may be eligible."""
        if self.budget is None:
            return None
        return self.budget - self.money.upper, self.budget - self.money.least

    @property
    def is_beyond(self) -> bool:
        return self.left is not None and self.left[1] < 0

    @property
    def may_be_beyond(self) -> bool:
        has_open_end = bool(self.money.open or self.money.perhaps_open)
        return self.left is not None and (self.left[0] < 0 or has_open_end)


@dataclass(frozen=True)
class BudgetRow:
    """A fund, or a part of it, that pays awards of the programme; `others` counts what else it pays."""

    name: str
    place: str
    level: str
    year: int
    budget: Decimal | None
    committed: Decimal
    others: int
    needs: Sequence[Need]


def budgets_for(run: Run, user: Any, tallies: Sequence[CountyTally]) -> list[BudgetRow]:
    """The funds of the reader's places that pay for the programme, in the year of the run."""
    programme, year = run.edition.programme_id, run.on.year
    funds = list(
        Fund.objects.visible_to(user)
        .filter(Q(programmes=programme) | Q(parts__programmes=programme))
        .distinct()
        .select_related("jurisdiction")
        .prefetch_related("programmes", "parts__programmes")
    )
    budgets = {
        (row.fund_id, row.part_id): row.amount
        for row in Budget.objects.filter(fund__in=funds, year=year)
    }
    committed = figures_by(AwardLine.objects.filter(fund__in=funds, year=year), "fund", "part")
    parents = dict(Jurisdiction.objects.values_list("pk", "parent")) if funds else {}
    found = []
    for fund in funds:
        inside = [row for row in tallies if _lies_in(row.county_id, fund.jurisdiction_id, parents)]
        result = result_of(run, inside)
        parts = [part for part in fund.parts.all() if programme in _keys(part)]
        for part in parts or [None]:
            budget = budgets.get((fund.pk, part.pk if part else None))
            promised = [
                own.committed
                for (of_fund, of_part), own in committed.items()
                if of_fund == fund.pk and (part is None or of_part == part.pk)
            ]
            found.append(
                BudgetRow(
                    name=f"{fund.name} · {part.name}" if part else fund.name,
                    place=fund.jurisdiction.name,
                    level=Level(fund.level).label,
                    year=year,
                    budget=budget,
                    committed=sum(promised, Decimal(0)),
                    others=len(_keys(part or fund) - {programme}),
                    needs=[
                        Need(plan.title, plan.paid(fund.level, "now"), budget)
                        for plan in result.plans
                    ],
                )
            )
    return found


def _keys(owner: Any) -> set[str]:
    return {programme.pk for programme in owner.programmes.all()}


def _lies_in(county: str, place: str, parents: Mapping[str, str | None]) -> bool:
    at: str | None = county
    while at is not None and at != place:
        at = parents.get(at)
    return at == place
