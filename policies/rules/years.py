"""Answers carried from one application year to a later one."""

import re
from collections.abc import Mapping
from typing import Any

_YEARS_AGO = re.compile(r"\.y(\d)$")
_SINCE = re.compile(r"(_\dy|_this_year)$")


def dated(key: str, year: int) -> tuple[str, int | None]:
    """The key without its place in time, and the absolute year it speaks of in `year`.

    In 2026 `net_profit.y1` is ("net_profit", 2025). What counts the years up to now belongs to
    the year it was said in; a lasting fact has no year.
    """
    if found := _YEARS_AGO.search(key):
        return key[: found.start()], year - int(found.group(1))
    return key, year if _SINCE.search(key) else None


def carry_over(
    answers: Mapping[str, Any], from_year: int, to_year: int, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers as they read in `to_year`: last year's `.y0` is now `.y1`.

    What falls out of the facts' years, or counts the years up to now, is unknown again.
    """
    years = to_year - from_year
    if years == 0:
        return dict(answers)
    carried: dict[str, Any] = {}
    for key, value in answers.items():
        if _SINCE.search(key):
            continue
        found = _YEARS_AGO.search(key)
        if found:
            key = f"{key[: found.start()]}.y{int(found.group(1)) + years}"
        if key in facts:
            carried[key] = value
    return carried
