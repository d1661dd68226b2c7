"""Cells and rows as a reader hands them over, in whatever kind of file they stand."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.sheets.limits import FAR_OFF, LAST_COLUMN, LAST_ROW, SheetError

Line = tuple[Sequence[Any], str]


def filled(name: str, lines: Iterable[Line]) -> dict[str, Any]:
    """The rows that hold anything: number, cells, and a letter for the kind of each cell."""
    rows = []
    for number, (cells, kinds) in enumerate(lines, start=1):
        if number > LAST_ROW or len(cells) > LAST_COLUMN:
            raise SheetError(FAR_OFF)
        if any(cell != "" or kind == "f" for cell, kind in zip(cells, kinds, strict=True)):
            rows.append({"number": number, "cells": cells, "kinds": kinds})
    return {"name": name, "rows": rows}


def line_of(row: Sequence[Any], marks: Mapping[int, str]) -> Line:
    """The values of a row as JSON holds them, and their kinds; see `portal.sheets.reading.Row`.

    `marks` are by the number of the column, as `portal.sheets.package_marks.SheetMarks` has them.
    """
    cells, kinds = [], []
    beside = [""] * (max(marks, default=0) - len(row))
    for column, value in enumerate([*row, *beside], start=1):
        cell, kind = _cell(value)
        mark = marks.get(column, "")
        if mark.startswith("e"):
            cell, kind = mark[1:], "e"
        elif mark == "f" and cell == "":
            kind = "f"
        elif mark in ("m", "v"):
            # What stands under another cell nobody sees.
            kind = mark if cell == "" else "m"
        elif mark.startswith("0") and kind == "n" and value == int(value) >= 0:
            # Shown as 0012 by a format of zeros: what people see is what they meant.
            cell = f"{int(value):0{len(mark)}d}"
        cells.append(cell)
        kinds.append(kind)
    return cells, "".join(kinds)


def _cell(value: Any) -> tuple[Any, str]:
    if isinstance(value, bool):
        return str(value), "t"
    if isinstance(value, int | float):
        # What is no number is not for JSON.
        is_finite = value - value == 0
        return (value, "n") if is_finite else (str(value), "e")
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return (value.date().isoformat() if is_day else str(value)), "d"
    if isinstance(value, date):
        return value.isoformat(), "d"
    if isinstance(value, time | timedelta):
        return str(value), "d"
    return str(value), "t"


class MarkedSheet:
    """What a walk through a file finds of a sheet: values and marks by row and column, counted from 1."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[int, dict[int, Any]] = {}
        self.marks: dict[int, dict[int, str]] = {}
        self.hidden: set[int] = set()
        self.struck: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.is_hidden = False

    def told(self) -> dict[str, Any]:
        """The sheet as readers of it take it."""
        last = max([*self.values, *self.marks], default=0)
        lines = []
        for number in range(1, last + 1):
            own = self.values.get(number, {})
            row = [own.get(column, "") for column in range(1, max(own, default=0) + 1)]
            lines.append(line_of(row, self.marks.get(number, {})))
        sheet = filled(self.name, lines)
        for row in sheet["rows"]:
            row["is_hidden"] = row["number"] in self.hidden
            row["is_struck"] = row["number"] in self.struck
        columns = sorted(self.hidden_columns)
        return sheet | {"is_hidden": self.is_hidden, "hidden_columns": columns}
