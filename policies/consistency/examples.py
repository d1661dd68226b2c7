"""The examples that a catalogue carries: firms beside the limits of an edition, and what comes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from policies.rules.answers import AnswersError, parse_answers
from policies.rules.assessment import assess_edition
from policies.rules.edition import Edition
from policies.rules.explanation import level_fields
from policies.rules.facts import Fact
from policies.rules.firm import Firm

PAIRS = ("now", "later", "total", "amount")
NUMBERS = ("headline", "fee_cap", "price_cut")


@dataclass(frozen=True)
class Fault:
    """`place` is the name of the list and the number of its row; None for the firm itself."""

    place: tuple[str, int] | None
    message: str


def faults_of(
    example: Mapping[str, Any], edition: Edition, facts: Mapping[str, Fact]
) -> Iterator[Fault]:
    """Where the edition says otherwise than `example`: {on, firm, criteria, money}.

    A row of `criteria` says what `code` is for the firm with the answers of `with` instead, a row
    of `money` what `level` pays it: pairs of 万元 or one figure; null takes an answer away.
    """
    on = date.fromisoformat(example["on"])
    try:
        parse_answers(example["firm"], facts, on)
    except AnswersError as error:
        yield Fault(None, str(error))
        return
    for name, told in (("criteria", _outcome), ("money", _money)):
        for index, row in enumerate(example.get(name) or ()):
            try:
                firm = Firm(parse_answers(_answers(example["firm"], row), facts, on), on)
            except AnswersError as error:
                yield Fault((name, index), str(error))
                continue
            if message := told(row, edition, firm):
                yield Fault((name, index), message)


def _answers(firm: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    answers = {**firm, **(row.get("with") or {})}
    return {key: value for key, value in answers.items() if value is not None}


def _outcome(row: Mapping[str, Any], edition: Edition, firm: Firm) -> str:
    entries = {entry["id"]: entry for entry in assess_edition(edition, firm)["criteria"]}
    entry = entries.get(row["code"])
    if entry is None:
        return f"没有条件 {row['code']}"
    is_now = str(entry["outcome"])
    return "" if is_now == row["is"] else f"例子写 {row['code']} 为 {row['is']}，算出来是 {is_now}"


def _money(row: Mapping[str, Any], edition: Edition, firm: Firm) -> str:
    fields = level_fields(edition.levels[row["level"]].pay(firm), firm)
    expected: dict[str, Any] = {name: _pair(row[name]) for name in PAIRS if name in row}
    expected |= {name: Decimal(str(row[name])) for name in NUMBERS if name in row}
    expected |= {"undecided": row.get("undecided", False), "status": row.get("status", "published")}
    found = {name: fields.get(name, False) for name in expected}
    if "amount" in row:
        expected["status"] = row.get("status", "to_verify")
    wrong = [name for name, value in expected.items() if found[name] != value]
    return "；".join(
        f"例子写 {row['level']} {name} 为 {_shown(expected[name])}，算出来是 {_shown(found[name])}"
        for name in wrong
    )


def _pair(value: Any) -> list[Decimal | None]:
    ends = value if isinstance(value, list) else [value, value]
    return [None if end is None else Decimal(str(end)) for end in ends]


def _shown(value: Any) -> str:
    return "、".join(str(end) for end in value) if isinstance(value, list) else str(value)
