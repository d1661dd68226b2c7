"""A CSV as offices keep it: in the encodings of Excel and WPS in China, with commas, tabs, semicolons."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from portal.sheets.cells import Line, filled
from portal.sheets.limits import UNPAIRED, UNREADABLE, SheetError

# Excel's own limit to a cell, which Python's reader of CSV does not know.
LONGEST = 32_767
SEPARATORS = ",\t;"
# Lines that tell what separates the cells.
MOST_LOOKED_AT = 200
# Excel reads this line in place of its settings, and does not show it.
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_delimited(content: bytes) -> list[dict[str, Any]]:
    text = decoded(content)
    separator = separator_of(text)
    if said := _SAID.match(text):
        separator = said[1]
        text = "\n" + text[said.end() :]
    csv.field_size_limit(LONGEST)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return [_sheet(lines, separator)]


def decoded(content: bytes) -> str:
    """The text, in UTF-8, UTF-16 or what Excel writes in China; SheetError where it is none."""
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.removeprefix("\ufeff")
    raise SheetError(UNREADABLE)


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if b"\0" not in content:
        return ("utf-8-sig", "gb18030")
    # Digits and separators have their zero last where the low byte comes first.
    is_low_first = content[1::2].count(0) > content[::2].count(0)
    return ("utf-16-le",) if is_low_first else ("utf-16-be",)


def separator_of(text: str) -> str:
    """What most lines hold equally often; of several that, which makes more cells."""
    lines = [line for line in text[: 2**20].splitlines()[:MOST_LOOKED_AT] if line.strip()]

    def fit(separator: str) -> tuple[int, int]:
        counts = Counter(line.count(separator) for line in lines)
        del counts[0]
        return max(((often, cells) for cells, often in counts.items()), default=(0, 0))

    return max(SEPARATORS, key=fit)


def _sheet(lines: Any, separator: str) -> dict[str, Any]:
    """A quote that is never closed, or closed within a cell, makes one cell of all rows between."""
    begun = 0

    def told() -> Iterator[Line]:
        nonlocal begun
        for line in lines:
            begun = lines.line_num
            yield line, "t" * len(line)

    try:
        sheet = filled("", told())
    except csv.Error as error:
        if str(error).startswith("field larger"):
            raise SheetError(UNREADABLE) from error
        raise SheetError(UNPAIRED.format(line=begun + 1)) from error
    for row in sheet["rows"]:
        row["is_swallowing"] = any("\n" in cell and separator in cell for cell in row["cells"])
    return sheet
