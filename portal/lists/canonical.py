"""The one form of a cell that all files share, and the checksum over it.

The checksum is SHA-256 over UTF-8 text: one line for the headers and one for each row of data, in
order, each ended by a line feed; cells are separated by a tab. The line of totals is not in it,
for it follows from the rows. A cell is

- text: control characters and runs of white space become one space, none at either end;
- a number: plain decimal digits without trailing zeros, such as `30`, `0.5`, `-2`;
- a date: `2026-11-20`;
- nothing: empty.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.utils import timezone

Value = str | int | Decimal | date | None

NUMBER = "序号"
TOTAL = "合计"
CHECKSUM = "校验码（SHA-256）"
# Excel keeps 32767 characters in a cell, and drops a text that is longer.
LONGEST = 32_000
CUT = "……（以下截去）"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean_text(value: Any) -> str:
    """One line of text that every format can hold."""
    if value is None:
        return ""
    text = " ".join(str(value).split())
    if not text.isprintable():
        text = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def clean_number(value: Any) -> int | Decimal | None:
    """An exact number; TypeError for anything else, such as a float or a text."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"not an exact number: {value!r}")
    return value


def clean_date(value: Any) -> date | None:
    """A day; of a moment, the day it falls on in the site's time zone."""
    if isinstance(value, datetime):
        return timezone.localdate(value)
    if value is None or isinstance(value, date):
        return value
    raise TypeError(f"not a date: {value!r}")


def canonical(value: Value) -> str:
    """The text of a cleaned value as it is hashed."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


class Checksum:
    """SHA-256 over headers and rows, fed one line at a time."""

    def __init__(self, headers: Iterable[str]) -> None:
        self._digest = sha256()
        self.add(headers)

    def add(self, values: Iterable[Value]) -> None:
        self._digest.update(("\t".join(map(canonical, values)) + "\n").encode())

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


CLEAN: dict[str, Callable[[Any], Value]] = {
    "text": clean_text,
    "money": clean_number,
    "integer": clean_number,
    "date": clean_date,
}
