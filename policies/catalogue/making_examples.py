"""Making examples: what comes out filled in, firms beside limits, and a real firm without its names."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition, Example
from policies.catalogue.readiness import ReadEdition
from policies.consistency.examples import OUTCOME_WORDS, expected_of, faults_of
from policies.rules.answers import AnswersError, parse_answers
from policies.rules.assessment import plain_values
from policies.rules.facts import Fact

BESIDE_LIMITS = "界限两边的企业"
# A day is shown whether or not it lies ahead of the example's.
FAR_AHEAD = date(2999, 1, 1)
NOT_A_DRAFT = "只有草稿可以加例子。"


class ExampleError(Exception):
    """An example that cannot be made; the message says why."""


def content_of(example: Example) -> dict[str, Any]:
    """One example in the shape of a pack, saved or not."""
    return {
        "on": example.on.isoformat(),
        "firm": example.firm,
        "criteria": example.criteria,
        "money": example.money,
    }


def fill_expected(example: Example) -> None:
    """Let each row say what comes out now, and add one for whatever has none; saves nothing.

    Raises ExampleError where the edition cannot be computed, AnswersError where the firm cannot.
    """
    known = Catalogue()
    rules = known.pinned_edition(example.edition)
    if rules.fault:
        raise ExampleError(f"这个版本还不能测算：{rules.fault}")
    found = expected_of(content_of(example), rules, known.facts)
    example.criteria, example.money = found["criteria"], found["money"]


@transaction.atomic
def add_missing_sides(draft: Edition) -> list[str]:
    """Add a row for each side of a criterion that has no example; in words what was added.

    They go into the first sound example, or into a new one of a firm that meets everything.
    """
    read = ReadEdition.of(_locked_draft(draft))
    if read.rules.fault:
        raise ExampleError(f"这个版本还不能测算：{read.rules.fault}")
    rows: list[dict[str, Any]] = []
    for lack in read.sides.lacks():
        rows += [row for row in lack.rows if row not in rows]
    if not rows:
        return []
    beside = read.sides.beside
    host = next(
        (row for row, own in zip(read.examples, read.contents, strict=True) if own is beside), None
    )
    if host is None:
        host = Example(
            edition=draft,
            position=next_position(draft),
            title=BESIDE_LIMITS,
            on=date.fromisoformat(beside["on"]),
            firm=beside["firm"],
        )
        host.money = expected_of(beside, read.rules, read.facts)["money"]
    rows = [row for row in rows if row not in host.criteria]
    codes = [entry.code for entry in read.rules.entries]
    host.criteria = sorted(
        [*host.criteria, *rows],
        key=lambda row: codes.index(row["code"]) if row["code"] in codes else len(codes),
    )
    host.save()
    return [f"{host.named}：{row_in_words(row, read.facts)}" for row in rows]


def row_in_words(row: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    """A row of `criteria`, with the answers that it has instead."""
    told = answers_in_words(row.get("with") or {}, facts)
    instead = f"（{told}）" if told else ""
    return f"{row['code']} {OUTCOME_WORDS[row['is']]}{instead}"


def answers_in_words(raw: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    """Answers as a pack writes them, by what their questions are called."""
    return "，".join(
        f"{facts[key].label if key in facts else key}：{_shown(key, value, facts)}"
        for key, value in raw.items()
    )


def _shown(key: str, value: Any, facts: Mapping[str, Fact]) -> str:
    """An answer in words; one that does not fit its question as it is."""
    if value is None:
        return "不填"
    try:
        return facts[key].show(parse_answers({key: value}, facts, FAR_AHEAD)[key])
    except (AnswersError, KeyError):
        return str(value)


@transaction.atomic
def example_of_firm(draft: Edition, answers: Mapping[str, Any], on: date, title: str) -> Example:
    """A new example of a draft from a firm's parsed answers, as far as the draft asks for them.

    Only answers to facts are taken, so that no name, telephone or free text comes along.
    """
    draft = _locked_draft(draft)
    known = Catalogue()
    rules = known.pinned_edition(draft)
    if rules.fault:
        raise ExampleError(f"这份草稿还不能测算：{rules.fault}")
    asked = {key: value for key, value in answers.items() if key in rules.fact_keys}
    example = Example(
        edition=draft,
        position=next_position(draft),
        title=title,
        on=on,
        firm={key: plain_values(value) for key, value in asked.items() if key in known.facts},
    )
    refused = list(faults_of(content_of(example), rules, known.facts))
    if refused:
        raise ExampleError(f"这些填报现在用不了：{refused[0].in_words}")
    found = expected_of(content_of(example), rules, known.facts)
    example.criteria, example.money = found["criteria"], found["money"]
    example.save()
    return example


def next_position(edition: Edition) -> int:
    return (edition.examples.aggregate(last=Max("position"))["last"] or 0) + 1


def _locked_draft(draft: Edition) -> Edition:
    """The draft, kept as one until the example is written."""
    locked = Edition.objects.select_for_update().get(pk=draft.pk)
    if not locked.is_draft:
        raise ExampleError(NOT_A_DRAFT)
    return locked
