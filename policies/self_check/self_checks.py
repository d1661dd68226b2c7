"""Finding a self-check by its token, reading what it holds, and keeping what is said."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone

from policies.rules.answers import AnswersError, parse_answers
from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.follow_ups import with_implied
from policies.rules.inquiry import Inquiry, inquire, no_longer_asked
from policies.rules.topics import TOPICS, gates_of, is_yes
from policies.rules.years import Carried, Said, carry, carry_over
from policies.self_check.models import CODE_ALPHABET, CODE_LENGTH, SelfCheck
from policies.self_check.questionnaire import FEWEST, FIRST_QUESTIONS, MOST

KEPT = timedelta(days=90)


def find_self_check(token: str) -> SelfCheck:
    """The self-check of a token that has not expired; a stranger gets 404."""
    found = SelfCheck.objects.filter(token=token, expires_at__gt=timezone.now()).first()
    if found is None:
        raise Http404("没有这份测算，或已过期、已删除")
    return found


def read_code(text: str) -> str | None:
    """The code that was typed, in whatever case, width and grouping; None if it cannot be one."""
    code = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else None


def self_check_of_code(code: str) -> SelfCheck | None:
    """The self-check of a short code, unless it has expired."""
    return SelfCheck.objects.filter(code=code, expires_at__gt=timezone.now()).first()


def known_answers(check: SelfCheck, facts: Mapping[str, Fact], on: date) -> dict[str, Any]:
    """The answers as they read on a day: carried over the turn of the year, with what they imply."""
    carried = carry_over(check.answers, check.on.year, on.year, facts)
    return with_implied(understood(carried, facts, on))


def understood(raw: Mapping[str, Any], facts: Mapping[str, Fact], on: date) -> dict[str, Any]:
    """The answers parsed; what the catalogue's facts no longer understand is unknown again."""
    while True:
        try:
            return parse_answers(raw, facts, on)
        except AnswersError as error:
            unfit = {problem.key for problem in error.problems}
            raw = {key: value for key, value in raw.items() if key not in unfit}


def recompute_on(check: SelfCheck, facts: Mapping[str, Fact], now: datetime) -> SelfCheck:
    """A new self-check with the same answers as of today; the old one keeps its day."""
    today = timezone.localdate(now)
    return SelfCheck.objects.create(
        answers=carry_over(check.answers, check.on.year, today.year, facts),
        families=check.families,
        topics=check.topics,
        unclear=check.unclear if check.on.year == today.year else [],
        steps=check.steps,
        on=today,
        expires_at=now + KEPT,
    )


def carried_of(check: SelfCheck, facts: Mapping[str, Fact], today: date) -> Carried:
    """What becomes of its answers today; what the catalogue's facts no longer understand, or what
    contradicts another answer by now, is to be said anew."""
    year = check.on.year
    carried = carry(check.answers, year, today.year, facts)
    known = understood(carried.answers, facts, today)
    lost = {
        **{key: Said(year, key, value) for key, value in carried.lasting.items()},
        **carried.moved,
    }
    return replace(
        carried,
        lasting={key: value for key, value in carried.lasting.items() if key in known},
        moved={key: said for key, said in carried.moved.items() if key in known},
        anew={**carried.anew, **{key: said for key, said in lost.items() if key not in known}},
    )


def begin_from(
    check: SelfCheck, carried: Carried, changed: Collection[str], now: datetime
) -> SelfCheck:
    """This year's self-check from an earlier one: what `changed` since is asked anew like the rest,
    which is shown beside the question with its year."""
    lasting = {key: value for key, value in carried.lasting.items() if key not in changed}
    anew = {
        **carried.anew,
        **{
            key: Said(check.on.year, key, carried.lasting[key])
            for key in changed
            if key in carried.lasting
        },
    }
    answers = replace(carried, lasting=lasting).answers
    return SelfCheck.objects.create(
        answers=answers,
        families=check.families,
        topics=check.topics,
        steps=[
            keys
            for step in check.steps
            if (keys := [key for key in step if key in answers or key in FIRST_QUESTIONS])
        ],
        earlier={key: [said.year, said.value] for key, said in anew.items()},
        on=timezone.localdate(now),
        expires_at=now + KEPT,
    )


def earlier_in_words(check: SelfCheck, facts: Mapping[str, Fact]) -> dict[str, str]:
    """By fact, what an earlier year's self-check said, such as 2026年填的是 1900 万元."""
    found = {}
    for key, (year, value) in check.earlier.items():
        known = understood({key: value}, facts, check.on) if key in facts else {}
        if key in known:
            found[key] = f"{year}年填的是 {facts[key].show(known[key])}"
    return found


def keep_for_next_year(check: SelfCheck) -> None:
    """Keep it until the middle of the next year, to be carried into that year's."""
    last = datetime.combine(date(check.on.year + 1, 6, 30), time.max)
    check.expires_at = max(check.expires_at, timezone.make_aware(last))
    check.save(update_fields=["expires_at"])


def inquiry_of(
    check: SelfCheck,
    editions: Sequence[Edition],
    answers: Mapping[str, Any],
    facts: Mapping[str, Fact],
) -> Inquiry:
    """What to ask for this self-check, with these of its answers."""
    return inquire(editions, answers, check.on, facts, check.topics, check.unclear)


def questions_of(check: SelfCheck, step: int, inquiry: Inquiry) -> list[str]:
    """The questions of a step: of one shown before, those that were answered or still matter."""
    if step > len(check.steps):
        return inquiry.page(FEWEST, MOST)
    keys = [key for key in check.steps[step - 1] if key in inquiry.facts]
    standing = {*check.answers, *check.unclear, *inquiry.left}
    return keys if step == 1 else [key for key in keys if key in standing]


def record_answers(
    check: SelfCheck,
    *,
    keys: Collection[str],
    answers: Mapping[str, Any],
    unclear: Iterable[str],
    contradicted: Collection[str],
    editions: Sequence[Edition],
    facts: Mapping[str, Fact],
    step: int | None = None,
) -> None:
    """Keep what was said of these facts; what it contradicts or makes needless is set aside."""
    changed = {
        key for key in keys if key in check.answers and check.answers[key] != answers.get(key)
    }
    rest = {
        key: value
        for key, value in check.answers.items()
        if key not in keys and key not in contradicted
    }
    needless = _needless(check, changed, rest | dict(answers), editions, facts) - set(keys)
    check.record(keys, answers, unclear, step=step, gone=needless.union(contradicted))


def record_topics(
    check: SelfCheck,
    *,
    offered: Collection[str],
    ticked: Collection[str],
    editions: Sequence[Edition],
    facts: Mapping[str, Fact],
) -> None:
    """Keep which of the offered topics concern the firm: what it said of the others is set aside.

    What it could not say of one that is ticked is asked again.
    """
    check.topics = [
        topic.code
        for topic in TOPICS
        if topic.code in (ticked if topic.code in offered else check.topics)
    ]
    opened = gates_of(check.topics)
    check.unclear = [key for key in check.unclear if key not in opened]
    shut = gates_of(set(offered) - set(ticked)) - opened
    denied = {key for key in shut if is_yes(check.answers.get(key))}
    rest = {key: value for key, value in check.answers.items() if key not in denied}
    check.record((), {}, gone=denied | _needless(check, denied, rest, editions, facts))


def _needless(
    check: SelfCheck,
    changed: Collection[str],
    answers: Mapping[str, Any],
    editions: Sequence[Edition],
    facts: Mapping[str, Fact],
) -> set[str]:
    """The follow-ups of changed answers that would not be asked any more."""
    if not changed:
        return set()
    understandable = understood(answers, facts, check.on)
    return no_longer_asked(
        changed, editions, understandable, check.on, facts, check.topics, check.unclear
    )
