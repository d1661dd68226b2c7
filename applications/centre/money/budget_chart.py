"""Bars of a chart: planned, committed and paid of each row on one scale."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from applications.money.services.figures import Row

WIDTH = 1000


def bars(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Widths in units of a drawing that is WIDTH wide; exact figures stand beside each bar."""
    most = max(
        (max(row.figures.planned, row.budget or Decimal(0)) for row in rows), default=Decimal(0)
    )

    def width(amount: Decimal) -> int:
        return round(WIDTH * max(amount, Decimal(0)) / most) if most else 0

    return [
        {
            "row": row,
            "budget": None if row.budget is None else width(row.budget),
            "planned": width(row.figures.planned),
            "committed": width(row.figures.committed),
            "paid": width(row.figures.paid),
        }
        for row in rows
    ]
