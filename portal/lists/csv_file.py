"""Lists as CSV that opens right in Excel: the headers first, what the file says of itself last."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any, BinaryIO

from portal.lists.about import About
from portal.lists.canonical import CHECKSUM, TOTAL, Value, canonical
from portal.lists.declaration import DataList, Tally

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as GBK
# How a formula begins, in East Asian versions also in full width; and the sign that disarms it.
_ARMED = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")
# What Excel would turn into a number or a date: 0356, 911405210123456789, 1-2, 1E5.
_LIKE_A_NUMBER = re.compile(r"[-\d.,:/%¥$()eE年月日 ]*\d[-\d.,:/%¥$()eE年月日 ]*")


def guarded(text: str) -> str:
    """Text that a spreadsheet neither computes nor rounds; `unguarded` takes it back."""
    if text.startswith(_ARMED):
        return f"'{text}"
    return f"{text}\t" if _LIKE_A_NUMBER.fullmatch(text) else text


def unguarded(cell: str) -> str:
    return cell.removesuffix("\t").removeprefix("'")


def _cell(value: Value) -> str:
    return guarded(value) if isinstance(value, str) else canonical(value)


def write_csv(data_list: DataList, rows: Iterable[Any], about: About, file: BinaryIO) -> Tally:
    """Write row by row; returns what was counted."""
    tally = Tally(data_list)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    write = csv.writer(text).writerow
    text.write(BYTE_ORDER_MARK)
    write(data_list.headers)
    for values in tally.lines(rows):
        write([_cell(value) for value in values])
    totals = {0: TOTAL, 1: f"{tally.count} 行"}
    totals.update({place: canonical(total) for place, total in tally.totals.items()})
    write([totals.get(place, "") for place in range(len(data_list.headers))])
    write([])
    write([data_list.title])
    write([guarded(about.made(holds_money=data_list.holds_money))])
    write([guarded(about.chosen)])
    write([CHECKSUM, tally.checksum])
    text.flush()
    text.detach()
    return tally
