"""Facts: what may be asked of a firm, with type, unit and choices."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

TYPES = ("bool", "int", "decimal", "ratio", "date", "enum", "enum_set", "money_list", "item_list")
# What is written down item by item.
LISTS = ("money_list", "item_list")
NUMERIC_TYPES = ("int", "decimal", "ratio")


@dataclass(frozen=True)
class Item:
    """One of several things that a firm lists: 万元, one of the fact's choices where it has any, and
    its day where that was said."""

    amount: Decimal
    kind: str | None = None
    date: datetime.date | None = None


@dataclass(frozen=True)
class Fact:
    """One thing asked; money in 万元, ratios 0–1, `minimum` and `maximum` inclusive.

    The choices of an `item_list` are the kinds of its items.
    """

    key: str
    section: str
    label: str
    type: str
    unit: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int | None = None
    changeable: bool = False
    question: str = ""
    help: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Fact":
        """Build a fact from its pack row; numbers become Decimal, choice codes strings."""

        def number(value: Any) -> Decimal | None:
            return None if value is None else Decimal(str(value))

        return cls(
            key=data["key"],
            section=data["section"],
            label=data["label"],
            type=data["type"],
            unit=data.get("unit"),
            choices={str(code): text for code, text in (data.get("choices") or {}).items()},
            minimum=number(data.get("minimum")),
            maximum=number(data.get("maximum")),
            decimals=data.get("decimals"),
            changeable=bool(data.get("changeable", False)),
            question=data.get("question") or "",
            help=data.get("help") or "",
        )

    @property
    def is_numeric(self) -> bool:
        return self.type in NUMERIC_TYPES

    def show(self, value: Any) -> str:
        """The value in words a firm reads: labels for codes, 是/否, units for numbers."""
        if value is None:
            return "未填"
        if self.type == "bool":
            return "是" if value else "否"
        if self.type == "enum":
            return self.choices.get(value, str(value))
        if self.type == "enum_set":
            return "、".join(self.choices.get(code, code) for code in sorted(value)) or "没有"
        if self.type == "ratio":
            return f"{plain(value * 100)}%"
        if self.type == "money_list":
            return "、".join(plain(item) for item in value) + " 万元" if value else "没有"
        if self.type == "item_list":
            return "、".join(self._item(item) for item in value) or "没有"
        if self.is_numeric:
            unit = f" {self.unit}" if self.unit else ""
            return f"{value}{unit}" if self.unit == "年" else f"{plain(value)}{unit}"
        return str(value)

    def _item(self, item: Item) -> str:
        kind = self.choices.get(item.kind, item.kind) if item.kind else ""
        more = "，".join(filter(None, (kind, item.date.isoformat() if item.date else "")))
        return f"{plain(item.amount)} 万元{f'（{more}）' if more else ''}"


def plain(number: Decimal | int) -> str:
    """A number without exponent or trailing zeros."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
