"""What a new year asks of a profile: lasting answers to confirm, and what has to be said anew."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from applications.enterprises.services.profile import Profile, record_answers
from policies.rules.years import Said, carry


@dataclass(frozen=True)
class NewYear:
    """By key, the lasting answers that nobody has given or confirmed this year, and the last that was
    said of what this year lacks; `since` is the year that it was said in."""

    since: int
    lasting: Mapping[str, Any]
    anew: Mapping[str, Said]

    def __bool__(self) -> bool:
        return bool(self.lasting or self.anew)


def new_year_of(profile: Profile) -> NewYear | None:
    """None for a profile of this year alone; no further query."""
    year = profile.today.year
    given = {
        timezone.localdate(row.given_at).year
        for key in profile.asked
        for row in profile.history.get(profile.place(key), ())
    } | {
        place[2]
        for place in profile.history
        if place[2] is not None
    }  # fmt: skip
    former = [each for each in given if each < year]
    if not former:
        return None
    since = max(former)
    before = Profile(profile.enterprise, profile.subject, profile.facts, date(since, 12, 31))
    before.history = profile.history
    answers = {key: value for key, value in before.answers.items() if key in profile.asked}
    carried = carry(answers, since, year, profile.facts)
    lasting = {
        key: value
        for key, value in carried.lasting.items()
        if (newest := profile.newest(key)) and timezone.localdate(newest.given_at).year < year
    }
    # What somebody could not say this year was asked already.
    anew = {key: said for key, said in carried.anew.items() if profile.newest(key) is None}
    return NewYear(since, lasting, anew)


def earlier_in_words(profile: Profile) -> dict[str, str]:
    """By fact to be said anew, what was said of another year, such as 2026年填的是 85 人."""
    found = new_year_of(profile)
    anew = found.anew if found else {}
    facts = profile.facts
    return {key: f"{said.year}年填的是 {facts[key].show(said.value)}" for key, said in anew.items()}


def confirm_lasting(
    profile: Profile, changed: Collection[str], shown: Collection[str], now: datetime, given_by: Any
) -> int:
    """Record that what was shown still holds, but for what has changed: that is unknown again.

    How many were recorded. What was not shown, or was answered meanwhile, stays as it is.
    """
    found = new_year_of(profile)
    lasting = found.lasting if found else {}
    kept = {key: lasting[key] for key in shown if key in lasting and key not in changed}
    return record_answers(
        enterprise=profile.enterprise,
        subject=profile.subject,
        answers=kept,
        unclear=[key for key in changed if key in lasting and key in shown],
        facts=profile.facts,
        now=now,
        given_by=given_by,
        confirmed=kept,
    )
