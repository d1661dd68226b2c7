"""A firm fills in its application for a programme: what its profile says, and what is asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q

from applications.cases.models import Application, ApplicationDraft
from applications.cases.models.draft import Content
from applications.enterprises.models import Enterprise, Subject
from applications.enterprises.services.profile import (
    CITY,
    COUNTY,
    KINDS,
    Profile,
    kind_of,
    with_place,
)
from policies.catalogue.calls import in_county, materials_of, state_on
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Call, Edition, Material
from policies.presentation.edition_state import (
    screening_in_words,
    shown_edition,
    state_in_words,
    told_editions,
)
from policies.rules.assessment import assess, plain_values
from policies.rules.edition import DECIDING
from policies.rules.edition import Edition as Rules
from policies.rules.facts import Fact
from policies.rules.years import carry_over
from policies.self_check import questionnaire
from policies.self_check.self_checks import understood

NOT_SCREENED = "怎么办理请看项目介绍。"
FAULTY = "这个项目的规则正在核对，暂不能测算，也暂不能在网上申报；要办的，请问办理的科室。"
# Where the firm is registered its record says.
PLACE = (COUNTY, CITY)


@dataclass(frozen=True)
class KnownAnswer:
    """An answer that the profile has already: since when, and in which section it stands."""

    fact: Fact
    value: str
    year: int | None
    given_at: Any


class NotInForceError(Exception):
    """There is no such programme, or nothing of it was ever published."""


class Filling:
    """One firm, one programme, and one of its subjects where it needs one.

    `closed` says why nobody can apply on `today`; then what was typed can be read, and but for rules
    that do not compile kept, by the last edition that was published. It is empty where an edition
    is in force and, of a programme with calls, one of them runs: `call` (None without calls).
    """

    def __init__(
        self, enterprise: Enterprise, programme: str, today: date, subject: Subject | None = None
    ) -> None:
        """Raise NotInForceError where the programme is unknown."""
        self.enterprise, self.subject, self.today = enterprise, subject, today
        self.known = Catalogue()
        rows = Edition.objects.select_related("programme").prefetch_related("materials", "steps")
        offered = rows.in_force(today).filter(programme=programme, programme__screened=True)
        edition, self.closed = offered.first(), ""
        if edition is None:
            editions = told_editions(programme)
            if not editions:
                raise NotInForceError
            edition = rows.get(pk=shown_edition(editions, today).pk)
            not_offered = screening_in_words(edition.programme)
            not_offered = f"{not_offered}{NOT_SCREENED}" if not_offered else ""
            self.closed = state_in_words(edition, editions, today) or not_offered
        # Of this very row, whatever is published meanwhile.
        self.edition: Edition = edition
        self.rules: Rules = self.known.rules_of(edition)
        if self.is_faulty and not self.closed:
            self.closed = FAULTY
        calls = in_county(self.known.calls.get(programme, ()), enterprise.county_id)
        state = state_on(calls, today)
        self.call: Call | None = state.call if state and state.is_running else None
        self.closed = self.closed or (state.closed if state else "")
        self.profile = Profile(enterprise, subject, self.facts, today)

    @property
    def facts(self) -> dict[str, Fact]:
        return self.known.facts

    @property
    def programme(self) -> str:
        return self.rules.programme

    @property
    def is_faulty(self) -> bool:
        """Whether its rules do not compile, so that nobody can be judged by them."""
        return bool(self.rules.fault)

    @cached_property
    def materials(self) -> list[Material]:
        """What is to be handed in."""
        return materials_of(self.edition, self.call)

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of subject that the programme judges; empty where it judges the firm alone."""
        kinds = {kind_of(key) for key in self.rules.fact_keys}
        return [kind for kind in KINDS if kind in kinds]

    @property
    def needs_subject(self) -> bool:
        return bool(self.kinds) and self.subject is None

    @cached_property
    def draft(self) -> ApplicationDraft | None:
        return draft_of(self.enterprise, self.programme, self.subject)

    @cached_property
    def content(self) -> Content:
        """What was typed so far, with keys as they read this year."""
        return content_of(self.draft, self.today.year, self.facts) if self.draft else {}

    @property
    def standing(self) -> Application | None:
        return standing_application(
            self.enterprise, self.programme, self.subject, self.today.year, self.call
        )

    @property
    def lists(self) -> str:
        """Whose materials a page asks for: the edition's and, with a dash, the call's."""
        return f"{self.edition.pk}-{self.call.pk}" if self.call else str(self.edition.pk)

    @property
    def seen(self) -> str:
        """What a page was made of; another value means that it is out of date."""
        return f"{self.lists}.{self.profile.version}.{self.today.year}"

    @cached_property
    def needed(self) -> list[str]:
        """The facts that the edition reads and that can be kept, as the questionnaire orders."""
        keys = set(self.rules.fact_keys) - set(PLACE)
        return [key for key in self.facts if key in keys and self.profile.place(key)]

    def asked(self, also: Collection[str] = ()) -> list[str]:
        """What the profile lacks, and what is typed (or in `also`) instead of its answer."""
        typed = {*self.content, *also}
        return [key for key in self.needed if key not in self.profile.answers or key in typed]

    def known_answers(self, asked: Collection[str]) -> list[KnownAnswer]:
        """The answers of the profile that count."""
        found = []
        for key in self.needed:
            row = self.profile.newest(key)
            if row and key in self.profile.answers and key not in asked:
                fact = self.facts[key]
                value = fact.show(self.profile.answers[key])
                found.append(KnownAnswer(fact, value, row.year, row.given_at))
        return found

    def answers(self, given: Mapping[str, Any], unfit: Collection[str] = ()) -> dict[str, Any]:
        """All that the application says: the profile's answers with those `given` now.

        What is typed and `unfit` counts as unknown.
        """
        kept = {
            key: self.profile.answers[key] for key in self.needed if key in self.profile.answers
        }
        found = {key: value for key, value in (kept | dict(given)).items() if key not in unfit}
        found = with_place(found, self.enterprise, self.facts)
        return understood(plain_values(found), self.facts, self.today)

    def assess(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The programme's entry of the answer document."""
        return assess([self.rules], answers, self.today, self.facts)["programmes"][0]

    def still_matter(self, answers: Mapping[str, Any]) -> set[str]:
        """The unanswered facts that can still change the verdict or the money."""
        return set(questionnaire.remaining([self.rules], answers, (), self.today, self.facts))


def unmet(assessment: Mapping[str, Any]) -> list[dict[str, str]]:
    """The deciding clauses that are not met, or not known to be: code, text and outcome."""
    return [
        {
            name: str(entry[key])
            for name, key in (("code", "id"), ("text", "text"), ("outcome", "outcome"))
        }
        for entry in assessment["criteria"]
        if entry["kind"] in DECIDING and entry["outcome"] in ("not_met", "unknown")
    ]


def draft_of(
    enterprise: Enterprise, programme: str, subject: Subject | None
) -> ApplicationDraft | None:
    own = ApplicationDraft.objects.filter(enterprise=enterprise, programme=programme)
    return own.filter(subject=subject).select_related("updated_by").first()


def content_of(draft: ApplicationDraft, year: int, facts: Mapping[str, Fact]) -> Content:
    """What the draft holds as it reads in `year`; what has fallen out of the years is gone."""
    content = draft.content
    answers = {key: value for key, value in content.items() if key in facts}
    others = {key: value for key, value in content.items() if key not in answers}
    return carry_over(answers, draft.year, year, facts) | others


def standing_application(
    enterprise: Enterprise,
    programme: str,
    subject: Subject | None,
    year: int,
    call: Call | None,
) -> Application | None:
    """The firm's application of the year, or by the call that runs, that is under way or granted."""
    when = Q(year=year)
    if call is not None and call.is_one_round:
        when |= Q(call=call)
    own = Application.objects.standing_of(enterprise).filter(
        when, edition__programme=programme, subject=subject.name if subject else ""
    )
    return own.select_related("edition__programme").first()
