"""The assessment: answers and editions in force on a day give verdicts, reasons and money."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from policies.rules.edition import Edition
from policies.rules.explanation import explain
from policies.rules.facts import Fact, Item
from policies.rules.firm import Firm
from policies.rules.judgement import Judgement, judge
from policies.rules.near_miss import near_miss
from policies.rules.questions import next_question
from policies.rules.totals import totals

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
    firm = Firm(answers, on)
    judgements = judge_all(editions, firm)
    programmes = []
    for judgement in judgements:
        entry = explain(judgement, firm)
        entry["near_miss"] = near_miss(judgement, firm, facts)
        programmes.append(entry)
    return {
        "on": on.isoformat(),
        "programmes": programmes,
        "totals": totals(judgements),
        "next_question": next_question(judgements, facts, put_aside),
    }


def judge_all(editions: Iterable[Edition], firm: Firm) -> list[Judgement]:
    return [judge(edition, firm) for edition in editions]


def assess_edition(edition: Edition, firm: Firm) -> dict[str, Any]:
    """One programme's entry of the document, without its near miss."""
    return explain(judge(edition, firm), firm)


def to_json(document: Any) -> str:
    """The document as JSON: Decimals as plain numbers, sets as sorted lists, ISO dates."""
    return orjson.dumps(document, default=_plain).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def plain_values(value: Any) -> Any:
    """The same value in JSON's own types."""
    if isinstance(value, Item):
        value = {"amount": value.amount, "kind": value.kind, "date": value.date}
    if isinstance(value, Mapping):
        return {key: plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    return value if value is None or isinstance(value, str | int | float) else _plain(value)
