"""Samples of cases: the question an auditor asks, the population it means, and the record of the draw."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from applications.cases.models import Application
from applications.cases.workflow import ENDED, GRANTED, OPEN, Status
from applications.centre.audit.recording import record_audit
from applications.centre.audit.sampling import EMPTY, Drawn, SampleError, Unit, digest_of, draw
from applications.centre.figures.period import Period
from applications.centre.models import AuditRecord
from applications.money.models import AwardLine
from applications.money.models.award_line import counted_amount
from applications.money.models.money_field import FEN_IN_WAN
from portal.lists.declaration import Column, DataList, Kind, Summary
from portal.models import Jurisdiction, User

STATES = {
    "": ("全部状态", None),
    "granted": ("审核通过、公示中、已认定", GRANTED),
    "revoked": ("认定已撤销", frozenset({Status.REVOKED})),
    "ended": ("未通过、撤回、逾期、终止", ENDED),
    "open": ("办理中", OPEN),
}
DRAWN = "从 {count} 件里抽出 {drawn} 件，种子 {seed}"


@dataclass(frozen=True)
class Question:
    """Which cases, by the day they were handed in, and how many of them; in `as_json` as it is kept."""

    first: date
    last: date
    place: str
    programme: str
    state: str
    size: int | None
    percent: Decimal | None
    least: int
    by_money: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "place": self.place,
            "programme": self.programme,
            "state": self.state,
            "size": self.size,
            "percent": None if self.percent is None else str(self.percent),
            "least": self.least,
            "by_money": self.by_money,
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Question":
        return cls(
            **{
                **kept,
                "first": date.fromisoformat(kept["first"]),
                "last": date.fromisoformat(kept["last"]),
                "percent": None if kept["percent"] is None else Decimal(kept["percent"]),
            }
        )

    def cases(self, jurisdiction: str) -> QuerySet[Application]:
        """Of a place and all below it, everywhere without one."""
        period = Period(self.first, self.last)
        found = Application.objects.filter(
            submitted_at__gte=period.begin, submitted_at__lt=period.end
        )
        for code in filter(None, (jurisdiction, self.place)):
            within = Jurisdiction.objects.within(code).order_by().values("pk")
            found = found.filter(county__in=within)
        if self.programme:
            found = found.filter(edition__programme=self.programme)
        statuses = STATES[self.state][1]
        return found if statuses is None else found.filter(status__in=statuses)

    def population(self, jurisdiction: str) -> list[Unit]:
        """Two queries."""
        cases = self.cases(jurisdiction)
        sums = (
            AwardLine.objects.filter(application__in=cases.order_by().values("pk"))
            .order_by()
            .values_list("application")
            .annotate(sum=Sum(counted_amount()))
        )
        amounts = {case: int((amount or 0) * FEN_IN_WAN) for case, amount in sums}
        rows = cases.order_by().values_list("pk", "number", "edition__programme")
        return [Unit(number, programme, amounts.get(pk, 0)) for pk, number, programme in rows]

    def size_of(self, count: int) -> int:
        """How many are to be drawn of so many; a part of a case counts as one."""
        if self.percent is None:
            return self.size or 0
        return int((count * self.percent / 100).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True)
class Again:
    """What the same question gives today: the population, and whether the same cases are drawn."""

    count: int
    digest: str
    is_same_population: bool
    is_same_sample: bool


def draw_sample(
    question: Question, *, words: str, seed: str, user: User, now: datetime
) -> AuditRecord:
    """Draw and put it on record; a seed is made where none is given. SampleError where it cannot be."""
    if not (user.jurisdiction_code or user.is_superuser):
        raise SampleError(EMPTY)
    seed = seed or secrets.token_hex(8)
    population = question.population(user.jurisdiction_code)
    size = question.size_of(len(population))
    drawn = draw(population, seed, size, least=question.least, by_money=question.by_money)
    amounts = {unit.number: unit.amount for unit in population}
    return record_audit(
        AuditRecord.Kind.SAMPLE,
        words,
        DRAWN.format(count=len(population), drawn=len(drawn), seed=seed),
        user=user,
        now=now,
        sha256=digest_of(population),
        details={
            "question": question.as_json(),
            "seed": seed,
            "size": size,
            "population": len(population),
            "with_money": sum(1 for unit in population if unit.amount),
            "total": sum(amounts.values()),
            "drawn": [[each.number, each.why, each.times, amounts[each.number]] for each in drawn],
        },
    )


def draw_again(record: AuditRecord) -> Again:
    """The same seed on the population as it is now."""
    question = Question.of_json(record.details["question"])
    population = question.population(record.jurisdiction_code)
    digest = digest_of(population)
    is_same = digest == record.sha256
    # Of another population another sample is no wonder, and perhaps none can be drawn.
    drawn: list[Drawn] = []
    if is_same:
        drawn = draw(
            population, record.details["seed"], record.details["size"],
            least=question.least, by_money=question.by_money,
        )  # fmt: skip
    kept = [row[0] for row in record.details["drawn"]]
    return Again(len(population), digest, is_same, [each.number for each in drawn] == kept)


@dataclass(frozen=True)
class SampleRow:
    """A drawn case; `case` is none to who may not see it."""

    number: str
    why: str
    times: int
    amount: Decimal
    case: Application | None


def rows_of_sample(record: AuditRecord, viewer: User) -> list[SampleRow]:
    """In the order in which they were drawn; one query."""
    drawn = record.details["drawn"]
    cases = (
        Application.objects.visible_to(viewer)
        .filter(number__in=[row[0] for row in drawn])
        .select_related("county", "edition__programme")
        .defer("answers", "assessment")
    )
    by_number = {case.number: case for case in cases}
    return [
        SampleRow(number, why, times, Decimal(amount) / FEN_IN_WAN, by_number.get(number))
        for number, why, times, amount in drawn
    ]


def list_of_sample(record: AuditRecord) -> DataList:
    """The sample as a file; its seed and the digest of the population stand in what it says of itself."""

    def of_case(read: Any) -> Any:
        return lambda row: read(row.case) if row.case else ""

    return DataList(
        key="audit-sample",
        title="审计抽样名单",
        columns=(
            Column("申报编号", lambda row: row.number, width=18),
            Column("企业名称", of_case(lambda case: case.enterprise_name), width=30),
            Column("县（市、区）", of_case(lambda case: case.county.name), width=10),
            Column("申报项目", of_case(lambda case: case.edition.programme.name), width=24),
            Column("状态", of_case(lambda case: case.get_status_display()), width=10),
            Column("抽样时的奖补（万元）", lambda row: row.amount, Kind.MONEY, 12),
            Column("怎么抽中", lambda row: row.why, width=16),
            Column("抽中几次", lambda row: row.times, Kind.INTEGER, 8),
        ),
        rows=lambda rows: rows,
        summarise=lambda rows: Summary(len(rows), {}),
    )
