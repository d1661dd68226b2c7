"""The assessment: answers and editions in force on a day give verdicts, reasons and money."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from policies.rules.awards import LevelResult, Part
from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.money import NOTHING
from policies.rules.near_miss import near_miss
from policies.rules.questions import next_question
from policies.rules.verdict import assess_edition

Facts = Mapping[str, Fact]


def assess(
    editions: Iterable[Edition],
    answers: Mapping[str, Any],
    on: date,
    facts: Facts,
    put_aside: Collection[str] = (),
) -> dict[str, Any]:
    """The answer document: amounts are pairs of Decimal 万元, an open maximum is None.

    `put_aside` are facts the firm could not answer; they are not the next question.
    """
    editions = tuple(editions)
    firm = Firm(answers, on)
    results, totals = [], _Totals()
    for edition in editions:
        result = assess_edition(edition, firm)
        levels = result.pop("levels")
        if result["verdict"] == "eligible":
            totals.add(edition.programme, levels)
        result["near_miss"] = near_miss(edition, firm, facts, result)
        results.append(result)
    return {
        "on": on.isoformat(),
        "programmes": results,
        "totals": totals.document(),
        "next_question": next_question(results, facts, put_aside),
    }


class _Totals:
    """Sums over eligible programmes, with the levels that stay open.

    Awards that the sources pay on the same money are kept apart and count once.
    """

    def __init__(self) -> None:
        self.same_money: dict[str, Part] = {}
        self.now = self.later = self.all = NOTHING
        self.unpublished: list[dict[str, str]] = []
        self.unknown: list[dict[str, str]] = []

    def add(self, programme: str, levels: Mapping[str, LevelResult]) -> None:
        for level, result in levels.items():
            status = result.fields["status"]
            if status == "published":
                for part in result.parts:
                    self._add_part(part)
            elif status in ("unpublished", "unknown"):
                open_levels = self.unpublished if status == "unpublished" else self.unknown
                open_levels.append({"programme": programme, "level": level})

    def _add_part(self, part: Part) -> None:
        if part.same_money:
            before = self.same_money.get(part.same_money, part)
            self.same_money[part.same_money] = before.larger(part)
        else:
            self.now += part.now
            self.later += part.later
            self.all += part.total

    def document(self) -> dict[str, Any]:
        once = self.same_money.values()
        return {
            "now": sum((part.now for part in once), self.now).pair,
            "later": sum((part.later for part in once), self.later).pair,
            "all": sum((part.total for part in once), self.all).pair,
            "unpublished": self.unpublished,
            "unknown": self.unknown,
        }


def to_json(document: Any, **options: Any) -> str:
    """The document as JSON: Decimals as plain numbers, sets as sorted lists, ISO dates."""
    return json.dumps(plain_values(document), ensure_ascii=False, **options)


def plain_values(value: Any) -> Any:
    """The same value in JSON's own types."""
    if isinstance(value, Mapping):
        return {key: plain_values(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
