"""What a run says, as spreadsheets: the firms that it concerns, and all totals by county."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from applications.impact.models import Affected, CountyTally, Run
from applications.impact.services.judging import WHEN, WHOLE
from applications.impact.services.results import Money, result_of
from policies.catalogue.models.award import Level
from portal.lists.declaration import Column, DataList, Kind, Summary, sql_summary

VERDICTS = {**dict(Affected.VERDICTS), None: "以前没有"}
CHANGES = dict(Affected.Change.choices)
FIELDS = (
    "run", "plan", "enterprise__credit_code", "enterprise__name", "subject__name", "application__number",
    "county__name", "change", "before", "after", "now_least_before", "now_most_before", "later_least_before",
    "later_most_before", "now_least", "now_most", "later_least", "later_most",
)  # fmt: skip


def _rows(affected: Any) -> Iterator[Any]:
    titles: dict[int, list[str]] = {}
    rows = affected.order_by("plan", "county", "enterprise__name", "pk").values_list(
        *FIELDS, named=True
    )
    for row in rows.iterator(chunk_size=2000):
        if row.run not in titles:
            titles[row.run] = Run.objects.get(pk=row.run).titles
        yield Line(row, titles[row.run][row.plan])


class Line(NamedTuple):
    row: Any
    plan: str


def _money(header: str, name: str) -> Column:
    return Column(header, lambda line: getattr(line.row, name), Kind.MONEY, 10)


AFFECTED = DataList(
    key="affected",
    title="影响测算涉及的企业",
    columns=(
        Column("方案", lambda line: line.plan, width=18),
        Column("企业名称", lambda line: line.row.enterprise__name, width=24),
        Column("统一社会信用代码", lambda line: line.row.enterprise__credit_code, width=21),
        Column("项目或基地", lambda line: line.row.subject__name or "", width=14),
        Column("申报编号", lambda line: line.row.application__number or "", width=19),
        Column("县（市、区）", lambda line: line.row.county__name, width=9),
        Column("变化", lambda line: CHANGES[line.row.change], width=14),
        Column("原来", lambda line: VERDICTS[line.row.before], width=9),
        Column("以后", lambda line: VERDICTS[line.row.after], width=9),
        _money("原来本期至少（万元）", "now_least_before"),
        _money("原来本期最多（万元）", "now_most_before"),
        _money("原来以后至少（万元）", "later_least_before"),
        _money("原来以后最多（万元）", "later_most_before"),
        _money("本期至少（万元）", "now_least"),
        _money("本期最多（万元）", "now_most"),
        _money("以后至少（万元）", "later_least"),
        _money("以后最多（万元）", "later_most"),
    ),
    rows=_rows,
    summarise=sql_summary(),
)


class Total(NamedTuple):
    """One line of the totals."""

    plan: str
    county: str
    what: str
    level: str
    when: str
    verdicts: dict[int, int]
    money: Money


def total_rows(run: Run, tallies: Iterable[CountyTally]) -> list[Total]:
    """Each plan in each county, by level and time; the whole first."""
    names = {WHOLE: "各级合计", **dict(Level.choices)}
    times = {"now": f"{run.on.year} 年", "later": "以后各期"}
    found = []
    for row in tallies:
        result = result_of(run, [row])
        for plan in result.plans:
            for level in (WHOLE, *plan.levels):
                for when in WHEN:
                    found.append(
                        Total(
                            plan.title,
                            row.county.name,
                            "申报" if row.is_of_cases else "企业",
                            names[level],
                            times[when],
                            dict(plan.verdicts),
                            plan.paid(level, when),
                        )
                    )
    return found


def _end(read: Any) -> Any:
    return lambda total: read(total.money)


TOTALS = DataList(
    key="impact-totals",
    title="影响测算各县合计",
    columns=(
        Column("方案", lambda total: total.plan, width=18),
        Column("算的是", lambda total: total.what, width=8),
        Column("县（市、区）", lambda total: total.county, width=10),
        Column("级别", lambda total: total.level, width=10),
        Column("什么时候给", lambda total: total.when, width=10),
        Column("符合", lambda total: total.verdicts[1], Kind.INTEGER, 8),
        Column("资料不足", lambda total: total.verdicts[0], Kind.INTEGER, 8),
        Column("不符合", lambda total: total.verdicts[-1], Kind.INTEGER, 8),
        Column("符合的至少（万元）", _end(lambda money: money.least), Kind.MONEY, 12),
        Column("符合的最多（万元）", _end(lambda money: money.most), Kind.MONEY, 12),
        Column("其中上限未定的", _end(lambda money: money.open), Kind.INTEGER, 8),
        Column("资料不足的最多再加（万元）", _end(lambda money: money.perhaps), Kind.MONEY, 14),
    ),
    rows=lambda rows: rows,
    summarise=lambda rows: Summary(len(rows), {}),
)
