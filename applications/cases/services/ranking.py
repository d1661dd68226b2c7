"""Selection by rank: the cases of one call, else of one programme and year, at one expert step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from django.db.models import Prefetch, Q

from applications.cases.models import Application, ExpertAssignment
from applications.cases.models.application import desk_of_user
from applications.cases.services.errors import ApplicationError
from applications.cases.services.panels import Panel, panel_of
from applications.cases.services.review import REASON_MISSING, decide
from applications.cases.workflow import WAS_GRANTED, Action, ReviewStep, Status, chain_of, desk_of
from policies.catalogue.models import Call, Edition, Programme

TIE_ACROSS = (
    "第 {rank} 名有 {count} 件同分（{numbers}），{places} 个名额到不了头，不能替您取舍。"
    "请把名额改为 {other}，或到各件的页面上逐件办理后再来。"
)
PASSED_BEYOND = "{number} 排第 {rank} 名，已经通过本环节，而名额只有 {places} 个；请核对名额。"
NOTHING_TO_DECIDE = "没有等待办理的申报，什么也没有改。"
HELD_BACK = (
    "名额内有 {count} 件没有办成，名额外的 {others} 件先不作“不予通过”；处理好以后再来办理。"
)


@dataclass(frozen=True)
class Contest:
    """What is ranked together, at the expert step of a title: what was handed in by one call, else
    the cases of a programme and year.
    """

    programme: str
    year: int
    title: str
    programme_name: str = ""
    call: Call | None = None

    @property
    def key(self) -> str:
        what = f"{self.programme}/{self.year}/{self.title}"
        return f"{what}/{self.call.pk}" if self.call else what

    @property
    def label(self) -> str:
        when = self.call.title if self.call else f"{self.year} 年度"
        return f"{self.programme_name} · {when} · {self.title}"

    @property
    def cases(self) -> Q:
        if self.call:
            return Q(call=self.call)
        return Q(edition__programme=self.programme, year=self.year, call=None)


def contest_of(programme: Programme, year: int, title: str, call: Call | None) -> Contest:
    """A call may run over New Year: its cases are ranked together, by the year in which it opened."""
    year = call.opens_on.year if call else year
    return Contest(programme.pk, year, title, programme.name, call)


@dataclass(frozen=True)
class Entry:
    """One case; `rank` counts from 1 and is shared by ties, None where it is not ranked."""

    application: Application
    panel: Panel
    has_passed: bool
    rank: int | None = None
    is_tied: bool = False


@dataclass(frozen=True)
class Ranking:
    """`ranked` best first; `unready` are not all scored or with the firm; `on_the_way` counts
    those at an earlier step.
    """

    ranked: Sequence[Entry]
    unready: Sequence[Entry]
    rejected: Sequence[Entry]
    on_the_way: int

    @property
    def fingerprint(self) -> str:
        """Changes with whatever staff saw on the page."""
        seen = [
            (entry.application.pk, entry.application.version, entry.rank)
            for entry in (*self.ranked, *self.unready, *self.rejected)
        ]
        return sha256(repr(seen).encode()).hexdigest()[:16]

    def cut(self, places: int) -> tuple[list[Entry], list[Entry]]:
        """Who waits within the places, and who beyond; those passed before hold theirs.

        Raises ApplicationError where equals would be parted, or somebody passed beyond.
        """
        within, beyond = self.ranked[:places], self.ranked[places:]
        for entry in beyond:
            if entry.has_passed:
                number = entry.application.number
                raise ApplicationError(
                    PASSED_BEYOND.format(number=number, rank=entry.rank, places=places)
                )
        if beyond and within[-1].rank == beyond[0].rank and not within[-1].has_passed:
            raise ApplicationError(self._tie(within[-1], places))
        waiting = [entry for entry in within if not entry.has_passed]
        return waiting, list(beyond)

    def _tie(self, last: Entry, places: int) -> str:
        tied = [entry for entry in self.ranked if entry.rank == last.rank]
        above = last.rank - 1
        others = [above, above + len(tied)] if above else [len(tied)]
        return TIE_ACROSS.format(
            rank=last.rank,
            count=len(tied),
            numbers="、".join(entry.application.number for entry in tied),
            places=places,
            other=" 或 ".join(map(str, others)),
        )


@dataclass(frozen=True)
class Decided:
    """What one action did: how many went which way, and each failure with its reason."""

    recommended: int
    rejected: int
    failures: Sequence[str]


def contests_of(user: Any) -> list[Contest]:
    """What the user can rank: experts were asked, and the step is on the user's desk."""
    visible = Application.objects.visible_to(user)
    rows = set(
        ExpertAssignment.objects.filter(application__in=visible)
        .order_by()
        .values_list("application__edition", "application__year", "step_title", "application__call")
    )
    editions = Edition.objects.filter(pk__in={pk for pk, *_ in rows})
    calls = Call.objects.in_bulk({call for *_, call in rows if call})
    known = {
        edition.pk: edition
        for edition in editions.select_related("programme").prefetch_related("steps")
    }
    is_root = user.is_superuser and not user.jurisdiction_code
    desk = desk_of_user(user)
    found = {}
    for pk, year, title, call in rows:
        index, chain = _find_step(_chain(known[pk]), title)
        if index is not None and (is_root or desk_of(chain[index].level) == desk):
            contest = contest_of(known[pk].programme, year, title, calls.get(call))
            found[contest.key] = contest
    return sorted(found.values(), key=lambda one: (-one.year, one.programme_name, one.title))


def ranking_of(contest: Contest, user: Any) -> Ranking:
    """The cases that the user may see, ranked; five queries however many."""
    assignments = ExpertAssignment.objects.select_related("expert", "score")
    applications = (
        Application.objects.visible_to(user)
        .with_held()
        .filter(contest.cases)
        .exclude(status__in=[Status.WITHDRAWN, Status.LAPSED])
        .select_related("county", "edition__programme", "assignee")
        .defer("answers", "assessment")
        .prefetch_related("edition__steps", Prefetch("assignments", assignments))
        .order_by("number")
    )
    return _rank(applications, contest.title)


def _rank(applications: Iterable[Application], title: str) -> Ranking:
    scored, unready, rejected, on_the_way = [], [], [], 0
    for application in applications:
        index, _ = _find_step(application.chain, title)
        if index is None:
            continue
        if application.step < index:
            on_the_way += application.status != Status.REJECTED
            continue
        entry = Entry(
            application,
            panel_of(index, title, application.assignments.all()),
            has_passed=application.step > index or application.status in WAS_GRANTED,
        )
        if application.status == Status.REJECTED:
            rejected.append(entry)
        elif entry.panel.is_complete and (
            entry.has_passed or application.status == Status.IN_REVIEW
        ):
            scored.append(entry)
        else:
            unready.append(entry)
    # Among equals, those who passed before come first: they hold their places.
    scored.sort(key=lambda entry: (-entry.panel.mean, not entry.has_passed))
    means = [entry.panel.mean for entry in scored]
    ranked = [
        replace(entry, rank=means.index(mean) + 1, is_tied=means.count(mean) > 1)
        for entry, mean in zip(scored, means, strict=True)
    ]
    return Ranking(ranked, unready, rejected, on_the_way)


def _chain(edition: Edition) -> tuple[ReviewStep, ...]:
    return chain_of(
        (step.kind, step.level, step.title, step.working_days) for step in edition.steps.all()
    )


def _find_step(
    chain: tuple[ReviewStep, ...], title: str
) -> tuple[int | None, tuple[ReviewStep, ...]]:
    """The place of the expert step of this title in the chain, if there is one."""
    places = (i for i, step in enumerate(chain) if step.is_expert and step.title == title)
    return next(places, None), chain


def decide_by_rank(
    *, ranking: Ranking, places: int, reason: str, actor: Any, now: datetime
) -> Decided:
    """Recommend who is within the places, then reject the others, each on its own.

    Nobody is rejected where a recommendation failed: a place may come free. Raises
    ApplicationError with nothing done.
    """
    within, beyond = ranking.cut(places)
    if not within and not beyond:
        raise ApplicationError(NOTHING_TO_DECIDE)
    if beyond and not reason.strip():
        raise ApplicationError(REASON_MISSING)
    failures: list[str] = []

    def decide_each(entries: Sequence[Entry], action: Action, opinion: str) -> int:
        done = 0
        for entry in entries:
            try:
                decide(
                    application=entry.application,
                    action=action,
                    actor=actor,
                    opinion=opinion,
                    now=now,
                    details=_details(entry, len(ranking.ranked), places),
                )
            except ApplicationError as error:
                failures.append(f"{entry.application.number}：{error}")
            else:
                done += 1
        return done

    recommended, rejected = decide_each(within, Action.RECOMMEND, ""), 0
    if failures and beyond:
        failures.append(HELD_BACK.format(count=len(failures), others=len(beyond)))
    else:
        rejected = decide_each(beyond, Action.REJECT, reason)
    return Decided(recommended, rejected, failures)


def _details(entry: Entry, of: int, places: int) -> dict[str, Any]:
    """What the decision was taken by, kept with its event; the mean with two decimals."""
    mean = entry.panel.mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {"ranking": {"rank": entry.rank, "of": of, "mean": str(mean), "places": places}}
