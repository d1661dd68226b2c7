"""The figures of a period side by side, row by row, beside those of the same days a year before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import DateField, F, Q
from django.db.models.functions import TruncMonth, TruncYear
from django.utils import timezone

from applications.centre.figures.addresses import address_of
from applications.centre.figures.counted import CASES, FIGURES, LINES, Figure, Selection, Source
from applications.centre.figures.period import Period
from policies.catalogue.models import Programme
from policies.rules.facts import plain
from portal.models import Jurisdiction

TOTAL = "全部"
NONE_BEFORE = "上年没有"
SAME, NEARLY_SAME = "持平", "几乎持平"
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Breakdown:
    """What a row stands for; `path` makes of a source where its rows tell the key of theirs."""

    key: str
    title: str
    path: Callable[[Source], Any]
    names: Callable[[Iterable[Any]], Mapping[Any, str]]
    parts: Callable[[Period], Sequence[Period]] | None = None

    @property
    def is_of_time(self) -> bool:
        return self.parts is not None


def _trunc(kind: Any) -> Callable[[Source], Any]:
    return lambda source: kind(
        source.when, output_field=DateField(), **({} if source.is_day else {"tzinfo": _zone()})
    )


def _zone() -> Any:
    return timezone.get_default_timezone()


def _places(codes: Iterable[Any]) -> Mapping[Any, str]:
    found = Jurisdiction.objects.filter(pk__in=list(codes)).order_by("pk")
    return {place.pk: place.name for place in found}


def _programmes(keys: Iterable[Any]) -> Mapping[Any, str]:
    found = Programme.objects.filter(pk__in=list(keys)).order_by("family", "name", "pk")
    return {programme.pk: programme.name for programme in found}


BREAKDOWNS = {
    each.key: each
    for each in (
        Breakdown("county", "县（市、区）", lambda source: F(f"{source.case}county"), _places),
        Breakdown("city", "市", lambda source: F(f"{source.case}county__parent"), _places),
        Breakdown(
            "programme",
            "项目",
            lambda source: F(f"{source.case}edition__programme"),
            _programmes,
        ),
        Breakdown(
            "month",
            "月份",
            _trunc(TruncMonth),
            lambda days: {day: f"{day:%Y} 年 {day.month} 月" for day in sorted(days)},
            Period.months,
        ),
        Breakdown(
            "year",
            "年份",
            _trunc(TruncYear),
            lambda days: {day: f"{day:%Y} 年" for day in sorted(days)},
            Period.years,
        ),
    )
}


def against(now: Decimal | int | None, before: Decimal | int | None) -> str:
    """The change in words; never a share of nothing."""
    if not before:
        return NONE_BEFORE
    change = (Decimal(now or 0) - before) * 100 / before
    if not change:
        return SAME
    rounded = change.quantize(TENTH, ROUND_HALF_UP)
    if not rounded:
        return NEARLY_SAME
    return f"{'+' if rounded > 0 else '−'}{plain(abs(rounded))}%"


@dataclass(frozen=True)
class Cell:
    """What one figure is in one row: how many, the sums over them, and both a year before."""

    figure: Figure
    count: int
    sums: Mapping[str, Any]
    count_before: int
    sums_before: Mapping[str, Any]
    address: str

    @property
    def is_money(self) -> bool:
        return "amount" in self.figure.sums

    @property
    def amount(self) -> Decimal | None:
        """万元; None where there is nothing to add up."""
        return self.sums.get("amount")

    @property
    def amount_before(self) -> Decimal | None:
        return self.sums_before.get("amount")

    @property
    def value(self) -> Decimal | int | None:
        return self.amount if self.is_money else self.count

    @property
    def value_before(self) -> Decimal | int | None:
        return self.amount_before if self.is_money else self.count_before

    @property
    def change(self) -> str:
        return against(self.value, self.value_before)

    @property
    def printed(self) -> str:
        """What the documents print of lines without an amount, added up; empty where they are none."""
        if not self.count or "low" not in self.sums:
            return ""
        low, high = self.sums["low"] or Decimal(0), self.sums["high"]
        if self.sums["endless"] or high is None:
            return f"文件印 {plain(low)} 万元以上"
        return f"文件印 {plain(low)}–{plain(high)} 万元"


@dataclass(frozen=True)
class Column:
    """A figure as a table shows it; what is as of now is not compared with a year before."""

    figure: Figure
    is_compared: bool = True


@dataclass(frozen=True)
class Row:
    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """`total` is no sum of `rows` where a case may be in several, as in months."""

    key: str
    title: str
    breakdown: Breakdown
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row
    notes: Sequence[str] = field(default_factory=tuple)


CASE_COLUMNS = tuple(Column(figure) for figure in CASES)
# As of now, or not to be compared: whatever was recognised a year before had a year more to be paid.
AS_OF_NOW = {"paid_of_granted", "left", "range", "unpublished", "to_set", "void"}
LINE_COLUMNS = tuple(
    Column(figure, figure.key not in AS_OF_NOW) for figure in LINES if figure.key != "void"
)
OFTEN = "按{of}分的各行相加可能多于“全部”：一件申报几个{of}都有的，每个{of}各算一次。"


def case_table(selection: Selection, period: Period, breakdown: Breakdown) -> Table:
    found = _Counted(selection, period, breakdown, CASES)
    notes = [OFTEN.format(of=breakdown.title[0])] if breakdown.is_of_time else []
    return found.table("cases", "申报的办理", CASE_COLUMNS, notes)


def line_table(selection: Selection, period: Period, breakdown: Breakdown) -> Table:
    found = _Counted(selection, period, breakdown, LINES)
    table = found.table("lines", "奖补（万元）", LINE_COLUMNS, [])
    return replace(table, notes=[left_out(found.total)])


def left_out(total: Mapping[str, Cell]) -> str:
    """What the sum of what is granted leaves out, in words."""
    parts = []
    for key in ("range", "unpublished", "to_set", "void"):
        cell = total[key]
        if cell.count:
            told = f"（{cell.printed}）" if cell.printed else ""
            parts.append(f"{cell.figure.title} {cell.count} 项{told}")
    if not parts:
        return "核定奖补的合计没有漏下的：期间内认定的各项金额都已定。"
    return f"核定奖补的合计没有算进：{'，'.join(parts)}。"


class _Counted:
    """The figures by row and in all, however many rows and figures: one query a source, and a second
    where a case may be in several rows.
    """

    def __init__(
        self,
        selection: Selection,
        period: Period,
        breakdown: Breakdown,
        figures: Sequence[Figure],
    ) -> None:
        self.selection, self.period, self.breakdown = selection, period, breakdown
        self.before = period.year_before
        self.by_key: dict[Any, dict[str, Any]] = {}
        self.sums: dict[str, Any] = {}
        sources = {figure.source.when + figure.source.case: figure.source for figure in figures}
        for name, source in sources.items():
            own = [each for each in figures if each.source.when + each.source.case == name]
            self._count(source, own)
        self.figures = figures
        self.total = {
            figure.key: self._cell(figure, self.sums, self.sums, period, selection)
            for figure in figures
        }

    def _count(self, source: Source, figures: Sequence[Figure]) -> None:
        now, before = source.within(self.period), source.within(self.before)
        asked: dict[str, Any] = {}
        for figure in figures:
            asked |= figure.aggregates(now, f"{figure.key}_now")
            asked |= figure.aggregates(before, f"{figure.key}_before")
        which = Q()
        for figure in figures:
            which |= figure.which
        rows = source.of(self.selection).filter(now | before)
        if all(figure.which for figure in figures):
            rows = rows.filter(which)
        grouped = list(rows.values(group=self.breakdown.path(source)).annotate(**asked))
        # A case has one place and one programme, and all of it is in one row.
        self.sums |= (
            rows.aggregate(**asked) if self.breakdown.is_of_time else _added(grouped, asked)
        )
        for row in grouped:
            self.by_key.setdefault(row.pop("group"), {}).update(row)

    def table(self, key: str, title: str, columns: Sequence[Column], notes: Sequence[str]) -> Table:
        """Rows in the order of their names' keys; only those in which there is anything."""
        shown = [column.figure for column in columns]
        rows = []
        for group, name, period in self._groups():
            selection = self._selection_of(group)
            cells = [
                self._cell(
                    figure, self.by_key.get(group, {}), self._before(group), period, selection
                )
                for figure in shown
            ]
            if self.breakdown.is_of_time or any(cell.count or cell.count_before for cell in cells):
                rows.append(Row(name, cells))
        total = Row(TOTAL, [self.total[figure.key] for figure in shown])
        return Table(key, title, self.breakdown, columns, rows, total, notes)

    def _groups(self) -> list[tuple[Any, str, Period]]:
        """Key, name and period of each row."""
        if self.breakdown.parts is None:
            names = self.breakdown.names(key for key in self.by_key if key is not None)
            return [(key, name, self.period) for key, name in names.items()]
        unit = "month" if self.breakdown.key == "month" else "year"
        starts = {_start_of(unit, part.first): part for part in self.breakdown.parts(self.period)}
        names = self.breakdown.names(starts)
        return [(start, names[start], part) for start, part in starts.items()]

    def _before(self, group: Any) -> Mapping[str, Any]:
        """What the row is compared with: itself, or the row of the same days a year before."""
        if not self.breakdown.is_of_time:
            return self.by_key.get(group, {})
        return self.by_key.get(group.replace(year=group.year - 1), {})

    def _selection_of(self, group: Any) -> Selection:
        if self.breakdown.key in ("county", "city"):
            return replace(self.selection, place=group)
        if self.breakdown.key == "programme":
            return replace(self.selection, programme=group)
        return self.selection

    def _cell(
        self,
        figure: Figure,
        now: Mapping[str, Any],
        before: Mapping[str, Any],
        period: Period,
        selection: Selection,
    ) -> Cell:
        def values(row: Mapping[str, Any], name: str) -> dict[str, Any]:
            return {key: row.get(f"{figure.key}_{name}_{key}") for key in figure.sums}

        return Cell(
            figure=figure,
            count=now.get(f"{figure.key}_now_count") or 0,
            sums=values(now, "now"),
            count_before=before.get(f"{figure.key}_before_count") or 0,
            sums_before=values(before, "before"),
            address=address_of(figure, period, selection),
        )


def _added(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> dict[str, Any]:
    """The rows in all, as the database adds up: None where there is nothing to add."""
    found: dict[str, Any] = dict.fromkeys(names)
    for row in rows:
        for name in found:
            if row[name] is not None:
                found[name] = (found[name] or 0) + row[name]
    return found


def _start_of(unit: str, day: date) -> date:
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


__all__ = ["BREAKDOWNS", "FIGURES", "Cell", "Table", "case_table", "line_table"]
