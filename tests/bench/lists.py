"""Lists of 100,000 rows: time against the bare library, memory above the idle process."""

import csv
import io
import subprocess
import sys
import time
from datetime import date
from functools import partial
from tempfile import TemporaryFile
from typing import Any

from tests.bench.measure import ratio

ROWS = 100_000
ROUNDS = 2


def about() -> object:
    from django.utils import timezone

    from portal.lists.about import About

    return About("bench", timezone.now(), "晋城市", "无，全部列出")


def _everything(key: str) -> Any:
    """What the list is made of."""
    from applications.cases.models import Application
    from applications.money.models import AwardLine

    return {"applications": Application, "awards": AwardLine}[key].objects.all()


def write(key: str, ending: str, rows: int | None = None) -> int:
    """Write a list from the database into a file as the site does; how many rows it has."""
    from portal.lists.formats import write_list
    from tests.list_files import LISTS

    queryset = _everything(key)
    if rows is not None:
        queryset = queryset.filter(pk__in=list(queryset.values_list("pk", flat=True)[:rows]))
    with TemporaryFile() as file:
        return write_list(LISTS[key], queryset, about(), ending, file).count


def _cells(key: str) -> list[list[object]]:
    """The cells of the whole list in memory."""
    from portal.lists.declaration import Tally
    from tests.list_files import LISTS

    data_list = LISTS[key]
    return list(Tally(data_list).lines(data_list.rows(_everything(key))))


def _bare_xlsx(cells: list[list[object]]) -> None:
    """The same cells in the same formats with XlsxWriter alone: not read, summed or hashed."""
    import xlsxwriter

    from portal.lists.xlsx_file import NUMBER_FORMATS

    with (
        TemporaryFile() as file,
        xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook,
    ):
        sheet = workbook.add_worksheet()
        text, money, integer, day = (
            workbook.add_format({"num_format": number, "border": 1, "text_wrap": True})
            for number in NUMBER_FORMATS.values()
        )
        for row, values in enumerate(cells):
            for place, value in enumerate(values):
                if value is None or value == "":
                    sheet.write_blank(row, place, None, text)
                elif isinstance(value, str):
                    sheet.write_string(row, place, value, text)
                elif isinstance(value, date):
                    sheet.write_datetime(row, place, value, day)
                elif isinstance(value, int):
                    sheet.write_number(row, place, value, integer)
                else:
                    sheet.write_number(row, place, value, money)


def _bare_csv(cells: list[list[object]]) -> None:
    with TemporaryFile() as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        csv.writer(text).writerows(cells)
        text.flush()


def _memory(key: str, ending: str) -> float:
    """MB that writing the list takes above the idle process, in a process of its own."""
    from django.db import connection

    arguments = [str(connection.settings_dict["NAME"]), key, ending]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.memory", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def print_lists() -> None:
    from tests.many import many_applications, many_award_lines

    many_applications(ROWS - 1)
    many_award_lines(ROWS)
    for key in ("applications", "awards"):
        _print_list(key)


def _print_list(key: str) -> None:
    from django.db import connection

    # SQLite works within the process: its own time tells all, whatever else the machine does.
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    cells = _cells(key)
    print(f"{key}: {len(cells)} rows of {len(cells[0])} cells, read, summed, hashed and written:")
    taken = ratio(partial(write, key, "xlsx"), partial(_bare_xlsx, cells), ROUNDS, clock)
    print(f"xlsx / the cells by XlsxWriter alone {taken:.2f} x  (at most 1.5)")
    taken = ratio(partial(write, key, "csv"), partial(_bare_csv, cells), ROUNDS, clock)
    print(f"csv / the cells by csv alone         {taken:.2f} x  (no limit: reading is most of it)")
    for ending in ("xlsx", "csv"):
        print(
            f"{ending:4} memory above the idle process  {_memory(key, ending):.0f} MB  (at most 64)"
        )
