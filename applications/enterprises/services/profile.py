"""The profile of a firm: what it said, as it reads today, and how it got there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.enterprises.models import Enterprise, Membership, ProfileAnswer, Subject
from policies.rules.assessment import plain_values
from policies.rules.facts import Fact
from policies.rules.years import dated
from policies.self_check import questionnaire
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import KEPT, understood

# A fact is of the kind of subject that its key begins with, otherwise of the firm.
KINDS = tuple(Subject.Kind.values)
BY_STAFF = "县中心代填"
COUNTY = "enterprise.county"
CITY = "enterprise.city"
Place = tuple[int | None, str, int | None]


def kind_of(key: str) -> str | None:
    """The kind of subject that a fact is asked of; None for the firm itself."""
    kind = key.split(".", 1)[0]
    return kind if kind in KINDS else None


def current_answers(
    enterprise: Enterprise, subject: Subject | None, facts: Mapping[str, Fact], today: date
) -> dict[str, Any]:
    """The newest answers of the firm, and of the subject if any, as the rules take them.

    An answer of 2026 for its own year reads as last year's in 2027.
    """
    return Profile(enterprise, subject, facts, today).answers


def with_place(
    answers: Mapping[str, Any], enterprise: Enterprise, facts: Mapping[str, Fact]
) -> dict[str, Any]:
    """The answers with the county where the firm is registered: its record says so."""
    county = facts.get(COUNTY)
    is_known = county is not None and enterprise.county_id in county.choices
    return dict(answers) | ({COUNTY: enterprise.county_id} if is_known else {})


@dataclass(frozen=True)
class Row:
    """One fact on the page: what counts today, and what was said before."""

    label: str
    value: str
    year: int | None = None
    given_at: datetime | None = None
    given_by: str = ""
    earlier: list["Row"] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    name: str
    rows: list[Row]
    past_years: list[Row]

    @property
    def number_answered(self) -> int:
        return sum(row.given_at is not None for row in self.rows)


class Profile:
    """A firm's answers on a day; with a subject, also those of one project or base.

    Two queries at most: the answers, and who gave them.
    """

    def __init__(
        self,
        enterprise: Enterprise,
        subject: Subject | None,
        facts: Mapping[str, Fact],
        today: date,
    ) -> None:
        self.enterprise, self.subject = enterprise, subject
        self.facts, self.today = facts, today
        self.asked = {key: fact for key, fact in facts.items() if kind_of(key) == self.kind}

    @property
    def kind(self) -> str | None:
        return self.subject.kind if self.subject else None

    @cached_property
    def history(self) -> dict[Place, list[ProfileAnswer]]:
        """Every answer of the firm and all its subjects, the newest last, by what it is about."""
        found: dict[Place, list[ProfileAnswer]] = {}
        for row in self.enterprise.profile_answers.order_by("pk"):
            found.setdefault((row.subject_id, row.fact_key, row.year), []).append(row)
        return found

    @property
    def version(self) -> int:
        """Grows with every answer; a page that saw another one is out of date."""
        return max((rows[-1].pk for rows in self.history.values()), default=0)

    def place(self, key: str) -> Place | None:
        """Where the answer to a fact is kept today; None for a kind of subject not at hand."""
        kind = kind_of(key)
        if kind and kind != self.kind:
            return None
        stem, year = dated(key, self.today.year)
        return (self.subject.pk if kind else None, stem, year)

    def newest(self, key: str) -> ProfileAnswer | None:
        """The row that counts; it may say that the answer is unknown again."""
        place = self.place(key)
        return self.history[place][-1] if place in self.history else None

    @cached_property
    def answers(self) -> dict[str, Any]:
        found = {key: self.newest(key) for key in self.facts}
        raw = {key: row.value for key, row in found.items() if row and row.value is not None}
        return understood(raw, self.facts, self.today)

    def section_keys(self, name: str) -> list[str]:
        """The facts of a section that are asked here; none for an unknown section."""
        return [key for key, fact in self.asked.items() if fact.section == name]

    @cached_property
    def sections(self) -> list[Section]:
        names = dict.fromkeys(fact.section for fact in self.asked.values())
        return [
            Section(name, [self._row(key) for key in self.section_keys(name)], self._past(name))
            for name in names
        ]

    @cached_property
    def _names(self) -> dict[int, str]:
        """What members are called here, by user."""
        members = Membership.objects.filter(enterprise=self.enterprise)
        return dict(members.values_list("user_id", "contact_name"))

    def _giver(self, answer: ProfileAnswer) -> str:
        return BY_STAFF if answer.by_staff else self._names.get(answer.given_by_id, "原成员")

    def _row(self, key: str) -> Row:
        fact = self.facts[key]
        place = self.place(key)
        rows = self.history.get(place, []) if place else []
        if not rows:
            return Row(fact.label, self._registered(fact) or "未填", dated(key, self.today.year)[1])
        said = [self._said(fact, row) for row in rows]
        newest = said[-1]
        unread = key not in self.answers and rows[-1].value is not None
        return Row(
            label=newest.label,
            value="与其他数据矛盾或已不适用，请重新填写" if unread else newest.value,
            year=newest.year,
            given_at=newest.given_at if key in self.answers else None,
            given_by=newest.given_by,
            earlier=said[-2::-1],
        )

    def _registered(self, fact: Fact) -> str:
        """Where the firm is registered, of the facts that ask for it: nobody need say it again."""
        county = self.enterprise.county_id
        code = {COUNTY: county, CITY: f"{county[:4]}00"}.get(fact.key, "")
        return f"{fact.choices[code]}（按企业登记）" if code in fact.choices else ""

    def _said(self, fact: Fact, answer: ProfileAnswer, label: str = "") -> Row:
        return Row(
            label=label or fact.label,
            value=in_words(fact, answer.value, answer.given_at),
            year=answer.year,
            given_at=answer.given_at,
            given_by=self._giver(answer),
        )

    def _past(self, section: str) -> list[Row]:
        """What was said of years that nothing asks about any more, the latest year first."""
        facts = {dated(key, 0)[0]: self.facts[key] for key in self.section_keys(section)}
        asked = {self.place(key) for key in self.section_keys(section)}
        subject = self.subject.pk if self.subject else None
        past = [
            self._said(facts[stem], rows[-1], facts[stem].label.partition("（")[0])
            for (owner, stem, year), rows in self.history.items()
            if owner == subject and stem in facts and (owner, stem, year) not in asked
        ]
        return sorted(past, key=lambda row: (-(row.year or 0), row.label))


def in_words(fact: Fact, value: Any, given_at: datetime) -> str:
    """A kept value as a firm reads it; what its fact no longer understands as it stands."""
    if value is None:
        return "不清楚"
    known = understood({fact.key: value}, {fact.key: fact}, timezone.localdate(given_at))
    return fact.show(known[fact.key]) if known else str(value)


@transaction.atomic
def record_answers(
    *,
    enterprise: Enterprise,
    subject: Subject | None,
    answers: Mapping[str, Any],
    unclear: Collection[str] = (),
    facts: Mapping[str, Fact],
    now: datetime,
    given_by: Any,
    by_staff: bool = False,
    confirmed: Collection[str] = (),
) -> int:
    """Write what changed, and say how many; `answers` as the rules take them.

    What is `unclear` now and had an answer is unknown again. What is `confirmed` is written though it
    is the same. Answers of a kind of subject that is not at hand are left out.
    """
    Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    profile = Profile(enterprise, subject, facts, timezone.localdate(now))
    said = plain_values(answers) | dict.fromkeys(unclear)
    changed = []
    for key, value in said.items():
        place, before = profile.place(key), profile.newest(key)
        is_same = plain_values(before.value if before else None) == value
        if place is None or (is_same and key not in confirmed):
            continue
        owner, stem, year = place
        row = ProfileAnswer(
            enterprise=enterprise,
            subject_id=owner,
            fact_key=stem,
            year=year,
            value=value,
            given_at=now,
            given_by=given_by,
            by_staff=by_staff,
        )
        changed.append(row)
    ProfileAnswer.objects.bulk_create(changed)
    return len(changed)


@dataclass(frozen=True)
class Difference:
    """A fact of which the profile and a self-check say different things."""

    key: str
    label: str
    kept: str
    new: str


def differences(profile: Profile, answers: Mapping[str, Any]) -> list[Difference]:
    """What taking over the answers would overwrite; what the profile lacks is none of it."""
    return [
        Difference(
            key, profile.facts[key].label, fact.show(profile.answers[key]), fact.show(answers[key])
        )
        for key, fact in profile.facts.items()
        if key in answers and key in profile.answers and answers[key] != profile.answers[key]
    ]


def lacking(profile: Profile, answers: Mapping[str, Any]) -> list[str]:
    """The answers that the profile does not have and has a place for."""
    return [key for key in answers if key not in profile.answers and profile.place(key)]


def start_self_check(profile: Profile, now: datetime) -> SelfCheck:
    """A self-check of all programmes with what the profile holds; each answer can be gone over."""
    answers = with_place(profile.answers, profile.enterprise, profile.facts)
    return SelfCheck.objects.create(
        answers=plain_values(answers),
        steps=_steps(answers, profile.facts),
        on=profile.today,
        expires_at=now + KEPT,
    )


def _steps(answered: Collection[str], facts: Mapping[str, Fact]) -> list[list[str]]:
    """The first questions, then what is answered, in steps of the questionnaire's size."""
    first = list(questionnaire.FIRST_QUESTIONS)
    rest = {key for key in answered if key not in first}
    return [first, *questionnaire.in_steps(rest, facts)]
