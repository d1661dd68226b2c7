"""Cells that a spreadsheet would compute, round or break stay as they were typed."""

import csv
import io
from decimal import Decimal

import pytest

from portal.spreadsheets import Column, csv_lines, safe_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" \t=1+1", "'=1+1"),
        ("a\r\nb", "a b"),
        ("911405210123456789", "911405210123456789\t"),
        ("0356", "0356\t"),
        ("91140521MA0K000019", "91140521MA0K000019"),
        (30, "30"),
        (Decimal("0.5"), "0.5"),
        (Decimal("1E+2"), "100"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_cell_is_text_or_a_number_and_never_a_formula(value, cell):
    assert safe_cell(value) == cell


def test_the_file_opens_in_excel_and_quotes_what_needs_it():
    columns = [Column("名称", lambda row: row)]
    text = "".join(csv_lines(columns, ['甲,"乙"', "丙"]))
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:]))) == [["名称"], ['甲,"乙"'], ["丙"]]
