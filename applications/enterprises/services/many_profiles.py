"""Stored profiles of many firms: read in blocks, as the rules take them.

What `Profile` gives of one firm with four queries, this gives of thousands with as many: whoever
judges all firms, be it by a draft or by what is in force, walks through them so:

    reader = ProfileReader(facts, keys, on)   # keys: the facts that the judgement turns on
    after = 0
    while block := reader.block(after):
        results = columns.read_answers(block.answers)    # policies.rules.columns
        after = block.last

Only rows of the facts that are asked for are read. The answers are those of
`with_place(Profile(…).answers, …)`, but for the facts that nobody asked for.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q

from applications.enterprises.models import (
    Enterprise,
    EnterpriseChange,
    ProfileAnswer,
    Subject,
)
from applications.enterprises.services.profile import COUNTY, kind_of
from policies.rules.answers import AnswersError, parse_answers
from policies.rules.facts import Fact
from policies.rules.industry import INDUSTRY_FACTS
from policies.rules.years import dated
from policies.self_check.self_checks import understood

FIRMS_OF_BLOCK = 2000
# Answers that may contradict one another: who reads one of them reads them all.
TOGETHER = (
    {"enterprise.city", COUNTY},
    set(INDUSTRY_FACTS),
    {"base.tenants", "base.small_micro_tenants"},
)


@dataclass(frozen=True)
class Block:
    """A row for each firm; where the facts are of projects or bases, for each of these, or for the firm
    alone where it has none. `enterprises`, `subjects`, `counties`, `answers` and `said_at` (when the
    firm last answered anything) are as long as one another. `last` is where the next block goes on.
    """

    enterprises: list[int]
    subjects: list[int | None]
    counties: list[str]
    answers: list[dict[str, Any]]
    said_at: list[datetime]
    last: int


class ProfileReader:
    """Reads what firms with a profile answered to `keys`, as it reads on a day.

    Firms that were absorbed by another one are left out: nobody applies for them any more.
    """

    def __init__(
        self,
        facts: Mapping[str, Fact],
        keys: Collection[str],
        on: date,
        size: int = FIRMS_OF_BLOCK,
    ) -> None:
        self.size = size
        wanted = {key for key in keys if key in facts}
        for group in TOGETHER:
            if group & wanted:
                wanted |= group & facts.keys()
        self.facts, self.on = facts, on
        self.kinds = sorted({kind for key in wanted if (kind := kind_of(key))})
        self._keys: dict[tuple[str, int | None], list[str]] = {}
        for key in wanted:
            self._keys.setdefault(dated(key, on.year), []).append(key)
        self._with_place = COUNTY in facts

    def count(self, after: int = 0) -> int:
        """How many firms there are to read, behind a key."""
        left = self._said().filter(enterprise__gt=after)
        return left.aggregate(count=Count("enterprise", distinct=True))["count"]

    def block(self, after: int) -> Block | None:
        """The firms with the next keys; None when there are no more."""
        newest = self.firms(after)
        if not newest:
            return None
        last = max(newest)
        within = {"pk__gt": after, "pk__lte": last}
        counties = dict(Enterprise.objects.filter(**within).values_list("pk", "county"))
        subjects: dict[int, list[tuple[int, str]]] = {}
        if self.kinds:
            found = Subject.objects.filter(
                enterprise__gt=after, enterprise__lte=last, kind__in=self.kinds
            )
            for pk, owner, kind in found.order_by("pk").values_list("pk", "enterprise", "kind"):
                subjects.setdefault(owner, []).append((pk, kind))
        said = self._raw(after, last)
        block = Block([], [], [], [], [], last)
        for firm, said_at in newest.items():
            own = said.get((firm, None), {})
            for subject, kind in subjects.get(firm) or [(None, "")]:
                of_subject = said.get((firm, subject), {}) if subject else {}
                fitting = {key: v for key, v in of_subject.items() if kind_of(key) == kind}
                block.enterprises.append(firm)
                block.subjects.append(subject)
                block.counties.append(counties[firm])
                block.answers.append(self._understood({**own, **fitting}, counties[firm]))
                block.said_at.append(said_at)
        return block

    def firms(self, after: int) -> dict[int, datetime]:
        """The keys of the firms of a block, and when each said something last."""
        rows = self._said().filter(enterprise__gt=after).order_by("enterprise")
        return dict(rows.values_list("enterprise").annotate(said_at=Max("given_at"))[: self.size])

    def rows(self, after: int, last: int) -> Iterator[tuple[Any, ...]]:
        """What was said of the facts: firm, subject, fact, year and value, the newest last."""
        years = {year for _, year in self._keys if year is not None}
        rows = ProfileAnswer.objects.filter(
            Q(year=None) | Q(year__in=years),
            enterprise__gt=after,
            enterprise__lte=last,
            fact_key__in={stem for stem, _ in self._keys},
        )
        names = ("enterprise_id", "subject_id", "fact_key", "year", "value")
        return rows.order_by("pk").values_list(*names).iterator(chunk_size=10_000)

    def _said(self) -> Any:
        absorbed = EnterpriseChange.objects.mergers().values("enterprise")
        return ProfileAnswer.objects.exclude(enterprise__in=absorbed)

    def _raw(self, after: int, last: int) -> dict[tuple[int, int | None], dict[str, Any]]:
        """By firm and subject, the newest that was said; what was taken back is not there."""
        said: dict[tuple[int, int | None], dict[str, Any]] = {}
        for firm, subject, stem, year, value in self.rows(after, last):
            own = said.setdefault((firm, subject), {})
            for key in self._keys.get((stem, year), ()):
                # Of a subject what is asked of it, of the firm the rest.
                if bool(kind_of(key)) == bool(subject):
                    own[key] = value
        return said

    def _understood(self, raw: Mapping[str, Any], county: str) -> dict[str, Any]:
        given = {key: value for key, value in raw.items() if value is not None}
        try:
            answers = parse_answers(given, self.facts, self.on)
        except AnswersError:
            answers = understood(given, self.facts, self.on)
        if self._with_place and county in self.facts[COUNTY].choices:
            answers[COUNTY] = county
        return answers
