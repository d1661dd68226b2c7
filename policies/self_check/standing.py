"""A self-check as it stands on its day: its answers, what the programmes say of them, what to ask."""

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from policies.catalogue.calls import CallState, told_of
from policies.catalogue.current import Catalogue
from policies.rules.edition import Edition
from policies.rules.firm import Firm
from policies.rules.judgement import ELIGIBLE, UNDECIDED, Judgement
from policies.rules.totals import sums
from policies.self_check import questionnaire
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import inquiry_of, known_answers

PAYING_KINDS = ("cash", "rebate")


# Groups of programmes that are asked for and have no verdict yet.
UNDECIDED_GROUPS = ("one_away", "open", "up_to_office")


class MayCome(NamedTuple):
    """万元 on top at the most, whether no maximum is printed, and what decides it: answers that
    can be given yet, those that the firm could not give, and whether some of it waits for neither.
    """

    money: Decimal
    is_open: bool
    answers: int
    unclear: int
    is_up_to_office: bool


class Standing:
    """Judgements come first; words are made of what a page shows only.

    The answer is that of the check's day; whether a programme takes applications, that of `today`
    where it is given.
    """

    def __init__(self, check: SelfCheck, today: date | None = None) -> None:
        self.check, self.today = check, today or check.on
        self.known = Catalogue()
        self.facts = self.known.facts
        self.answers = known_answers(check, self.facts, check.on)
        self.firm = Firm(self.answers, check.on)
        in_force = self.known.editions_in_force(check.on)
        self.editions: tuple[Edition, ...] = questionnaire.chosen(in_force, check.families)
        self.inquiry = inquiry_of(check, self.editions, self.answers, self.facts)

    @property
    def county(self) -> str | None:
        return self.answers.get("enterprise.county")

    @property
    def city(self) -> str | None:
        return f"{self.county[:4]}00" if self.county else self.answers.get("enterprise.city")

    @property
    def place(self) -> str:
        """Where the firm is, in words; empty where it did not say."""
        for key in ("enterprise.county", "enterprise.city"):
            if key in self.answers:
                return self.facts[key].show(self.answers[key])
        return ""

    @cached_property
    def calls(self) -> dict[str, CallState]:
        """By programme, the call that decides today for firms of the place."""
        programmes = [edition.programme for edition in self.editions]
        return told_of(self.known.calls, programmes, self.today, self.county)

    @cached_property
    def local(self) -> list[Judgement]:
        """The programmes of the firm's place: what another city or county gives is no matter of
        its own, even where its conditions speak of more than the place."""
        return [
            judgement
            for judgement in self.inquiry.judgements
            if judgement.readings is not None
            and may_apply(judgement.edition.area, self.city, self.county)
        ]

    def find(self, programme: str) -> Judgement | None:
        return next((each for each in self.local if each.edition.programme == programme), None)

    @cached_property
    def eligible(self) -> list[Judgement]:
        return [each for each in self.local if each.verdict == ELIGIBLE]

    @cached_property
    def groups(self) -> dict[str, list[Judgement]]:
        """By group, what pays most first."""
        waiting = {each.edition.programme for each in self.inquiry.not_asked}
        found: dict[str, list[Judgement]] = {}
        for judgement in sorted(self.local, key=lambda each: -each.most):
            found.setdefault(_group(judgement, waiting), []).append(judgement)
        return found

    @cached_property
    def may_come(self) -> MayCome:
        """What may come on top of what is certain, of the programmes that are asked for."""
        undecided = [each for name in UNDECIDED_GROUPS for each in self.groups.get(name, ())]
        possible = [*self.eligible, *undecided]
        most = sums(possible)[2]
        # Of an open maximum only what is printed at the least can be said.
        parts = [each.most for each in possible]
        highest = sum(parts, Decimal(0)) if most.high is None else most.high
        more = max(highest - self.certain, Decimal(0))
        paying = [each for each in possible if _may_pay_more(each)]
        is_open = most.high is None
        if not (self.certain or more or is_open):
            # What no figure is known of may still be money.
            paying = [
                each
                for each in possible
                if each.edition.kind in PAYING_KINDS and _may_still_pay(each)
            ]
            is_open = bool(paying)
        facts = {key for each in paying for key in each.lacking}
        return MayCome(
            more,
            is_open,
            answers=len(facts & self.inquiry.left),
            unclear=len(facts.intersection(self.inquiry.unclear)),
            is_up_to_office=any(not each.lacking for each in paying),
        )

    @cached_property
    def certain(self) -> Decimal:
        """What the eligible programmes pay at the least, 万元."""
        return sums(self.eligible)[2].low


def may_apply(area: str, city: str | None, county: str | None) -> bool:
    """Programmes of elsewhere are left out; of a city alone, those of its counties stay."""
    if city is None:
        return True
    return area in (city, county) or (county is None and area[:4] == city[:4])


def _group(judgement: Judgement, waiting: set[str]) -> str:
    if judgement.edition.fault:
        return "faulty"
    if judgement.verdict == ELIGIBLE:
        if judgement.edition.kind not in PAYING_KINDS:
            return "service"
        return "money" if _may_still_pay(judgement) else "spent"
    if judgement.edition.programme in waiting:
        return "not_asked"
    if judgement.verdict == UNDECIDED:
        if not judgement.missing:
            return "up_to_office"
        return "one_away" if len(judgement.missing) == 1 else "open"
    return "failed"


def _may_pay_more(judgement: Judgement) -> bool:
    """Whether more than what is certain may come of it: nothing is while there is no verdict."""
    least = judgement.payable.low if judgement.verdict == ELIGIBLE else Decimal(0)
    is_unknown = any(level.status == "unknown" for level in judgement.levels.values())
    return judgement.most > least or judgement.payable.high is None or is_unknown


def _may_still_pay(judgement: Judgement) -> bool:
    """Whether anything may come of it: a level whose money is not known may pay."""
    return not judgement.levels or any(
        level.total.high != 0 if level.counts else level.status != "none_listed"
        for level in judgement.levels.values()
    )
