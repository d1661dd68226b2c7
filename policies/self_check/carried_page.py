"""Answers of an earlier year as the page shows them: each with its year and what becomes of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from policies.rules.facts import Fact
from policies.rules.years import Carried, Said, year_asked
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import understood


def carried_page(
    check: SelfCheck, carried: Carried, facts: Mapping[str, Fact], today: date
) -> dict[str, Any]:
    """What stays is in the order of the questionnaire."""
    parts = {
        "moved": [(facts[key], said) for key, said in _sorted(carried.moved, facts)],
        "gone": [(facts[key], said) for key, said in _sorted(carried.gone, facts)],
    }
    shown = understood(carried.lasting, facts, today)
    return {
        "from": check.on.year,
        "to": today.year,
        "lasting": [
            {"key": key, "label": fact.label, "value": fact.show(shown[key])}
            for key, fact in facts.items()
            if key in shown
        ],
        "anew": [
            {
                "label": _label(facts[key], year_asked(key, today.year)),
                "year": said.year,
                "value": _value(facts[key], said, check.on),
            }
            for key, said in _sorted(carried.anew, facts)
        ],
        **{
            name: [
                {"label": _label(fact, said.year), "value": _value(fact, said, check.on)}
                for fact, said in rows
            ]
            for name, rows in parts.items()
        },
    }


def _sorted(said: Mapping[str, Said], facts: Mapping[str, Fact]) -> list[tuple[str, Said]]:
    return [(key, said[key]) for key in facts if key in said]


def label_in_year(fact: Fact, year: int) -> str:
    """The label as it reads in that application year: a calendar year for 上年度 and the like."""
    return _label(fact, year_asked(fact.key, year))


def _label(fact: Fact, year: int | None) -> str:
    return f"{fact.label.partition('（')[0]}（{year}年）" if year else fact.label


def _value(fact: Fact, said: Said, on: date) -> str:
    known = understood({fact.key: said.value}, {fact.key: fact}, on)
    return fact.show(known[fact.key]) if known else str(said.value)
