"""The windows of a programme in a pack: when it takes applications, as printed."""

from typing import Any

from policies.catalogue.packs import schema
from policies.catalogue.packs.edition_pack import Checks
from policies.catalogue.packs.reader import Mapping


def windows_of(programme: Mapping, checks: Checks) -> list[dict[str, Any]]:
    """The fields of each window, its document still by number."""
    rows = schema.sound_rows(programme, "windows", schema.WINDOW, checks.problems)
    titles: set[str] = set()
    for row in rows:
        checks.known(row, "document", row["document"], "document")
        if row["title"] in titles:
            checks.problems.add(row, "title", f"{row['title']} 不应重复出现")
        if row.get("year") and not (row.get("starts") or row.get("ends")):
            checks.problems.add(row, "year", "写了年份就要写 starts 或 ends")
        titles.add(row["title"])
    return [_fields(row, position) for position, row in enumerate(rows, 1)]


def _fields(row: Mapping, position: int) -> dict[str, Any]:
    starts_month, starts_day = _month_and_day(row.get("starts"))
    ends_month, ends_day = _month_and_day(row.get("ends"))
    return {
        "position": position,
        **{name: row[name] for name in ("kind", "title", "wording", "document", "clause")},
        "year": row.get("year"),
        "starts_month": starts_month,
        "starts_day": starts_day,
        "ends_month": ends_month,
        "ends_day": ends_day,
        "note": row.get("note") or "",
    }


def _month_and_day(text: str | None) -> tuple[int | None, int | None]:
    month, _, day = (text or "").partition("-")
    return int(month) if month else None, int(day) if day else None
