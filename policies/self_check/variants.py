"""Two variants of one self-check: other answers, or another day, each judged by the rules of its day.

Answers are carried to the day: what nobody can know of another year stays unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from policies.catalogue.current import Catalogue
from policies.presentation.programme import judged_amount
from policies.presentation.words import OUTCOMES, VERDICTS, money
from policies.rules.facts import Fact
from policies.rules.follow_ups import with_implied
from policies.rules.inquiry import Inquiry, inquire
from policies.rules.judgement import ELIGIBLE, UNDECIDED, Judgement
from policies.rules.readings import Reading, all_of
from policies.rules.totals import sums, totals
from policies.rules.years import Carried, carry
from policies.self_check import questionnaire
from policies.self_check.carried_page import label_in_year
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import understood
from policies.self_check.standing import may_apply

MISSING_SHOWN = 4


@dataclass(frozen=True)
class Variant:
    """A name, a day, and the answers that differ from the self-check's (None: unknown)."""

    name: str
    on: date
    changes: Mapping[str, Any]


class Judged:
    """A self-check as a variant has it."""

    def __init__(self, check: SelfCheck, variant: Variant, known: Catalogue) -> None:
        self.check, self.variant, self.facts = check, variant, known.facts
        self.carried: Carried = carry(check.answers, check.on.year, variant.on.year, known.facts)
        said = understood(self.carried.answers, known.facts, variant.on)
        rest = {key: value for key, value in said.items() if key not in variant.changes}
        changed = {key: value for key, value in variant.changes.items() if value is not None}
        self.answers = with_implied(rest | changed)
        in_force = known.editions_in_force(variant.on)
        self.inquiry: Inquiry = inquire(
            questionnaire.chosen(in_force, check.families),
            self.answers, variant.on, known.facts, check.topics, check.unclear,
        )  # fmt: skip

    @cached_property
    def judgements(self) -> dict[str, Judgement]:
        """Of the programmes of its place, by programme."""
        county = self.answers.get("enterprise.county")
        city = f"{county[:4]}00" if county else self.answers.get("enterprise.city")
        return {
            each.edition.programme: each
            for each in self.inquiry.judgements
            if each.readings is not None
            and not each.edition.fault
            and may_apply(each.edition.area, city, county)
        }

    @cached_property
    def totals(self) -> dict[str, str]:
        """Of what is certain; what may come on top of it is told apart, and what is open as open."""
        found = totals(self.judgements.values())
        # As on the result: what waits for a topic to be ticked is not counted on.
        asked = {each.edition.programme for each in self.inquiry.asked}
        possible = [
            each
            for key, each in self.judgements.items()
            if each.verdict == ELIGIBLE or (each.verdict == UNDECIDED and key in asked)
        ]
        most = sums(possible)[2]
        more = most.high is None or most.high > found["all"][0]
        return {
            **{name: money(found[name]) for name in ("now", "later", "all")},
            "open": len(found["unpublished"]) + len(found["unknown"]),
            "may_come": money((found["all"][0], most.high)) if more else "",
        }

    @property
    def unknown_of_its_year(self) -> list[str]:
        """What would have to be said anew for the variant's year and was not."""
        return [
            label_in_year(self.facts[key], self.variant.on.year)
            for key in self.carried.anew
            if key not in self.answers
        ]

    @property
    def changes_in_words(self) -> list[str]:
        return [
            f"{label_in_year(self.facts[key], self.variant.on.year)}："
            f"{'不清楚' if value is None else self.facts[key].show(value)}"
            for key, value in self.variant.changes.items()
        ]


def side_by_side(one: Judged, other: Judged) -> dict[str, Any]:
    """Rows of the programmes that come out differently, the most money first, and of those that both
    find alike and somebody can ask for."""
    different, alike = [], []
    for programme in dict.fromkeys((*one.judgements, *other.judgements)):
        pair = [side.judgements.get(programme) for side in (one, other)]
        states = [_state(judgement, one.facts) for judgement in pair]
        edition = next(each for each in pair if each is not None).edition
        row = {"id": programme, "name": edition.name, "sides": states}
        if states[0] != states[1]:
            row["first"] = _first_difference(*pair)
            most = max((each.most for each in pair if each), default=0)
            different.append((most, row))
        elif any(each and each.verdict == ELIGIBLE for each in pair):
            alike.append(row)
    different.sort(key=lambda found: -found[0])
    return {"different": [row for _, row in different], "alike": alike}


def _state(judgement: Judgement | None, facts: Mapping[str, Fact]) -> dict[str, str]:
    if judgement is None:
        return {"verdict": "", "word": "没有这个项目", "amount": "", "parts": "", "missing": ""}
    now, later, _ = (money.pair for money in judgement.paid)
    parts = [
        f"{word} {money(pair)}" for word, pair in (("那天", now), ("以后", later)) if pair[1] != 0
    ]
    missing = [facts[key].label for key in judgement.missing if key in facts]
    more = f"等 {len(missing)} 项" if len(missing) > MISSING_SHOWN else ""
    return {
        "verdict": judgement.verdict,
        "word": VERDICTS[judgement.verdict],
        "amount": judged_amount(judgement),
        "parts": "，".join(parts) if len(parts) > 1 else "",
        "missing": f"{'、'.join(missing[:MISSING_SHOWN])}{more}",
    }


def _first_difference(one: Judgement | None, other: Judgement | None) -> str:
    """The first condition that is decided otherwise, with both outcomes; empty where only the money
    or the rules differ."""
    if one is None or other is None:
        return ""
    before, after = _outcomes(one), _outcomes(other)
    for code, (text, outcome) in before.items():
        if code in after and after[code][1] != outcome:
            return f"{text}：{OUTCOMES[outcome]} → {OUTCOMES[after[code][1]]}"
    return ""


def _outcomes(judgement: Judgement) -> dict[str, tuple[str, str]]:
    """By code, what a deciding condition asks and how it came out; rows of one code are one."""
    found: dict[str, tuple[str, list[Reading]]] = {}
    for entry, reading in zip(judgement.edition.entries, judgement.readings or (), strict=True):
        if entry.is_deciding:
            found.setdefault(entry.code, (entry.criterion.text, []))[1].append(reading)
    return {code: (text, all_of(own).outcome.value) for code, (text, own) in found.items()}
