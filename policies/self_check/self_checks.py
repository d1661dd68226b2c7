"""Finding a self-check by its token, and reading what it holds."""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone

from policies.rules.answers import AnswersError, parse_answers
from policies.rules.facts import Fact
from policies.rules.years import carry_over
from policies.self_check.models import CODE_ALPHABET, CODE_LENGTH, SelfCheck

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
    """The answers as they read on a day: carried over the turn of the year."""
    return understood(carry_over(check.answers, check.on.year, on.year, facts), facts, on)


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
        unclear=check.unclear if check.on.year == today.year else [],
        steps=check.steps,
        on=today,
        expires_at=now + KEPT,
    )
