"""The questionnaire: what a firm is asked, in which steps, and what its answers have settled."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from math import ceil
from typing import Any

from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.follow_ups import held_back
from policies.rules.inquiry import Inquiry
from policies.rules.judgement import UNDECIDED, Judgement, judge
from policies.rules.questions import open_facts

# Where and what: nearly every programme turns on these.
FIRST_QUESTIONS = ("enterprise.county", "enterprise.subject_type", "industry.section")
# A step has one question more than FEWEST only where one programme asks them together.
FEWEST, MOST = 2, 5
# What invented firms were asked, the shortest and the longest of their ways (the list of topics is
# one question), and what one question took whoever walked them: 59 to 69 in 10 to 13 minutes.
QUESTIONS_ASKED = (20, 33)
SECONDS_PER_QUESTION = 11


def minutes() -> tuple[int, int]:
    """What a self-check takes, as its first page promises it."""
    shortest, longest = (ceil(number * SECONDS_PER_QUESTION / 60) for number in QUESTIONS_ASKED)
    return shortest, longest


def chosen(editions: Iterable[Edition], families: Sequence[str]) -> tuple[Edition, ...]:
    """The editions of the families a firm asked for; all where it named none."""
    return tuple(edition for edition in editions if not families or edition.family in families)


def remaining(
    editions: Iterable[Edition],
    answers: Mapping[str, Any],
    asked: Iterable[str],
    on: date,
    facts: Mapping[str, Fact],
) -> list[str]:
    """Facts that can still change a verdict or an amount and were not put aside as unclear."""
    put_aside = set(asked)
    return [key for key in open_facts(editions, answers, on, facts) if key not in put_aside]


def settled(inquiry: Inquiry) -> list[Judgement]:
    """Programmes with money that the answers decided, beyond where and what the firm is."""
    first = tuple((key, inquiry.answers.get(key)) for key in FIRST_QUESTIONS)
    return [
        now
        for now in inquiry.judgements
        if now.verdict != UNDECIDED and _is_open_with_money(now.edition, first, inquiry.on)
    ]


# Asked for at every step, of the few places and kinds that firms have.
@lru_cache(maxsize=20_000)
def _is_open_with_money(edition: Edition, answers: tuple[tuple[str, Any], ...], on: date) -> bool:
    known = {key: value for key, value in answers if value is not None}
    then = judge(edition, Firm(known, on))
    return then.verdict == UNDECIDED and bool(then.most)


def in_steps(answered: Collection[str], facts: Mapping[str, Fact]) -> list[list[str]]:
    """Answers in steps to go over: section after section, no follow-up beside its gate."""
    rest = [key for key in facts if key in answered]
    steps: list[list[str]] = []
    while rest:
        held = held_back(rest)
        free = [key for key in rest if key not in held]
        steps.append([key for key in free if facts[key].section == facts[free[0]].section][:MOST])
        rest = [key for key in rest if key not in steps[-1]]
    return steps
