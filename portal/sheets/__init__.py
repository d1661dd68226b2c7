"""Spreadsheets that come in: XLSX and CSV within limits, read by a declaration of their columns."""

from portal.sheets.columns import (
    CellError,
    Field,
    Problem,
    SheetRow,
    read_amount,
    read_day,
    read_one_of,
    read_rows,
    read_text,
)
from portal.sheets.reading import SheetError, cells_of

__all__ = [
    "CellError",
    "Field",
    "Problem",
    "SheetError",
    "SheetRow",
    "cells_of",
    "read_amount",
    "read_day",
    "read_one_of",
    "read_rows",
    "read_text",
]
