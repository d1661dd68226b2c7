"""The sheets of a file as clean texts, read in a process of its own."""

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Context, Decimal
from typing import Any

from portal.bounded_reading import ReadersBusyError, ReadingStoppedError, read_bounded
from portal.lists.canonical import canonical, clean_text
from portal.lists.csv_file import unguarded
from portal.sheets.limits import BUSY, EMPTY, MOST_BYTES, STOPPED, TOO_LARGE, SheetError

READER = "portal.sheets.reader"
# A spreadsheet keeps fifteen digits of a number: 0.30000000000000004 is the 0.3 that people see.
_KEPT = Context(prec=15)
NOT_COMPUTED = "（没有算出的公式）"


@dataclass(frozen=True)
class Row:
    """A row that holds anything; `number` is the one that Excel shows.

    `kinds` has a letter for each cell: t a text, n a number, d a day or time, e an error, f a formula
    that was never computed, v a cell that one above it is merged over, m one that another is merged
    over otherwise. `is_swallowing` is a row of a CSV of which one cell holds what may be other rows.
    """

    number: int
    cells: list[str]
    kinds: str
    is_hidden: bool = False
    is_struck: bool = False
    is_swallowing: bool = False

    @property
    def text(self) -> str:
        return "　".join(cell for cell in self.cells if cell)


@dataclass(frozen=True)
class Sheet:
    """A sheet by its name, empty for a CSV; `hidden_columns` are counted from 1."""

    name: str
    rows: list[Row]
    is_hidden: bool = False
    hidden_columns: list[int] = field(default_factory=list)


def read_sheets(content: bytes) -> list[Sheet]:
    """All sheets, hidden ones too; SheetError where they are not read."""
    if not content:
        raise SheetError(EMPTY)
    if len(content) > MOST_BYTES:
        raise SheetError(TOO_LARGE)
    try:
        found = read_bounded(READER, io.BytesIO(content))
    except ReadingStoppedError as error:
        raise SheetError(STOPPED) from error
    except ReadersBusyError as error:
        raise SheetError(BUSY) from error
    if "refused" in found:
        raise SheetError(found["refused"])
    sheets = [_clean(sheet) for sheet in found["sheets"]]
    return [sheet for sheet in sheets if sheet.rows]


def as_json(sheets: list[Sheet]) -> list[dict[str, Any]]:
    return [asdict(sheet) for sheet in sheets]


def from_json(sheets: list[dict[str, Any]]) -> list[Sheet]:
    return [Sheet(**{**sheet, "rows": [Row(**row) for row in sheet["rows"]]}) for sheet in sheets]


def _clean(sheet: Mapping[str, Any]) -> Sheet:
    is_csv = not sheet["name"]
    rows = []
    for row in sheet["rows"]:
        cells = [
            NOT_COMPUTED if kind == "f" else _text(cell, is_csv)
            for cell, kind in zip(row["cells"], row["kinds"], strict=True)
        ]
        if any(cells):
            rows.append(Row(**{**row, "cells": cells}))
    return Sheet(**{**sheet, "name": clean_text(sheet["name"]), "rows": rows})


def _text(cell: str | int | Decimal, is_csv: bool) -> str:
    if isinstance(cell, Decimal):
        return canonical(_KEPT.create_decimal(cell))
    if not isinstance(cell, str):
        return canonical(Decimal(cell))
    return clean_text(unguarded(cell) if is_csv else cell)
