"""The tables of the page as spreadsheets."""

from collections.abc import Callable
from typing import Any

from applications.centre.figures.answer import StepRow
from applications.centre.figures.tables import Cell, Row, Table
from portal.lists.declaration import Column, DataList, Kind, Summary

YEAR_BEFORE = "上年同期"


def _cell(place: int, read: Callable[[Cell], Any]) -> Callable[[Row], Any]:
    return lambda row: read(row.cells[place])


def list_of_table(table: Table) -> DataList:
    """A row for each of the page, the whole last; figures of the year before beside those compared."""
    columns = [Column(table.breakdown.title, lambda row: row.name, width=20)]
    for place, column in enumerate(table.columns):
        title = column.figure.title
        if "amount" in column.figure.sums:
            columns.append(
                Column(f"{title}（万元）", _cell(place, lambda cell: cell.amount), Kind.MONEY, 12)
            )
            columns.append(
                Column(f"{title}（项）", _cell(place, lambda cell: cell.count), Kind.INTEGER, 9)
            )
        else:
            unit = "件" if table.key == "cases" else "项"
            columns.append(
                Column(f"{title}（{unit}）", _cell(place, lambda cell: cell.count), Kind.INTEGER, 9)
            )
        if "low" in column.figure.sums:
            columns.append(
                Column(f"{title}：文件印的", _cell(place, lambda cell: cell.printed), width=20)
            )
        if column.is_compared:
            kind = Kind.MONEY if "amount" in column.figure.sums else Kind.INTEGER
            columns.append(
                Column(
                    f"{title}{YEAR_BEFORE}",
                    _cell(place, lambda cell: cell.value_before),
                    kind,
                    10,
                )
            )
    return _list(table.key, f"统计：{table.title}", columns)


def list_of_steps() -> DataList:
    columns = [
        Column("环节", lambda row: row.now.name, width=24),
        Column("文件印的时限（工作日）", lambda row: row.limits, width=12),
        Column("办结（件）", lambda row: row.now.cases, Kind.INTEGER, 9),
        Column("用时的中位数（工作日）", lambda row: row.median, width=12),
        Column("有时限的（件）", lambda row: len(row.now.timed), Kind.INTEGER, 9),
        Column("超期（件）", lambda row: len(row.now.late), Kind.INTEGER, 9),
        Column("算不出用时的（件）", lambda row: len(row.now.unknown), Kind.INTEGER, 9),
        Column("上年同期中位数", lambda row: row.median_before, width=12),
        Column("上年同期超期（件）", _late_before, Kind.INTEGER, 9),
    ]
    return _list("steps", "统计：各环节用时", columns)


def _late_before(row: StepRow) -> int | None:
    return len(row.before.late) if row.before else None


def _list(key: str, title: str, columns: list[Column]) -> DataList:
    return DataList(
        key=f"figures-{key}",
        title=title,
        columns=columns,
        rows=lambda rows: rows,
        summarise=lambda rows: Summary(len(rows), {}),
    )
