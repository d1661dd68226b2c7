"""What a list is: its title, its columns with header and cell side by side, where its rows come from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Count, Sum

from portal.lists.around import Paper
from portal.lists.canonical import CLEAN, NUMBER, Checksum, Value


class ListTooLongError(Exception):
    """More rows than a format holds; the message is Chinese."""


class Kind(StrEnum):
    """What a column holds; `MONEY` is in 万元."""

    TEXT = "text"
    MONEY = "money"
    INTEGER = "integer"
    DATE = "date"

    @property
    def is_number(self) -> bool:
        return self in (Kind.MONEY, Kind.INTEGER)


@dataclass(frozen=True)
class Column:
    """`cell` takes a row; `width` is in Latin characters; a `total` stands under the column."""

    header: str
    cell: Callable[[Any], Any]
    kind: Kind = Kind.TEXT
    width: int = 12
    total: bool = False


@dataclass(frozen=True)
class Summary:
    """How many rows, and the totals by header."""

    count: int
    totals: Mapping[str, Decimal | int]


@dataclass(frozen=True)
class DataList:
    """A list; `rows` makes the rows, one after the other, from a queryset.

    `summarise` gives count and totals of the same queryset without walking its rows. With a `paper`
    it looks as an office hands it on.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Callable[[Any], Iterable[Any]]
    summarise: Callable[[Any], Summary]
    paper: Paper | None = None

    @property
    def headers(self) -> list[str]:
        return [NUMBER, *(column.header for column in self.columns)]

    @property
    def numbered_columns(self) -> list[Column]:
        """All columns as files show them, the running number first."""
        return [Column(NUMBER, lambda row: None, Kind.INTEGER, 6), *self.columns]

    @property
    def holds_money(self) -> bool:
        return any(column.kind is Kind.MONEY for column in self.columns)


def sql_summary(totals: Mapping[str, Any] | None = None) -> Callable[[Any], Summary]:
    """Count and sums where each object is a row; `totals` leads from header to expression."""
    fields = dict(totals or {})

    def summarise(queryset: Any) -> Summary:
        sums = {f"total_{place}": Sum(field) for place, field in enumerate(fields.values())}
        found = queryset.order_by().aggregate(count=Count("pk"), **sums)
        named = {
            header: found[f"total_{place}"] or Decimal(0) for place, header in enumerate(fields)
        }
        return Summary(found["count"], named)

    return summarise


class Tally:
    """The rows on their way into a file: cleaned, numbered, counted, summed and hashed."""

    def __init__(self, data_list: DataList) -> None:
        self._readers = [(column.cell, CLEAN[column.kind]) for column in data_list.columns]
        self._sums: dict[int, Decimal | int] = {
            place: Decimal(0)
            for place, column in enumerate(data_list.columns, start=1)
            if column.total
        }
        self._headers = data_list.headers
        self._checksum = Checksum(self._headers)
        self.count = 0

    def lines(self, rows: Iterable[Any]) -> Iterator[list[Value]]:
        """The values of each row, its running number first."""
        for row in rows:
            self.count += 1
            values: list[Value] = [self.count]
            values += [clean(cell(row)) for cell, clean in self._readers]
            self._checksum.add(values)
            for place in self._sums:
                self._sums[place] += values[place] or 0  # type: ignore[operator]
            yield values

    @property
    def totals(self) -> dict[int, Decimal | int]:
        """By place of the column; the running number has place 0."""
        return self._sums

    @property
    def checksum(self) -> str:
        """Of the rows that passed so far."""
        return self._checksum.hexdigest()

    @property
    def summary(self) -> Summary:
        return Summary(self.count, {self._headers[place]: n for place, n in self._sums.items()})
