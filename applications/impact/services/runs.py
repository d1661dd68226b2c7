"""Asking for a run, computing it in blocks that count once, stopping and forgetting it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q

from applications.cases.models import Application
from applications.enterprises.services.many_profiles import ProfileReader
from applications.impact.models import Affected, CountyTally, Run, Variant
from applications.impact.models.variant import MOST_VARIANTS
from applications.impact.services.judging import OPEN, PARTS, WHOLE, Judge, Judged, facts_of
from applications.impact.services.plans import (
    Plan,
    PlanError,
    compiled,
    day_of,
    digest_of_facts,
    plans_of,
)
from applications.impact.services.tallies import changes_of, merged, tally
from applications.money.models.money_field import FEN
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.catalogue.readiness import predecessor_of
from policies.rules import edition as rules
from policies.rules.facts import Fact
from policies.self_check.self_checks import understood
from portal.jobs.asking import ask, ask_to_stop, digest_of
from portal.jobs.kinds import JobError, job_kind
from portal.jobs.work import Work
from portal.models import Job

RUNS_KEPT = timedelta(days=90)
OLD_AFTER = timedelta(days=365)
FIRMS_OF_BLOCK, CASES_OF_BLOCK = 2000, 500
FACTS_CHANGED = "测算期间有人改了指标，没有算完；请重新测算。"
STILL_STOPPING = "同样的测算正在停下，请过几秒再试。"
REMOVED = "这次测算已被删除。"
FIRMS_DONE, CASES_DONE = (
    "已测算 {done} 家企业，共 {count} 家",
    "已测算 {done} 件申报，共 {count} 件",
)


@transaction.atomic
def ask_for_run(
    edition: Edition, *, user: Any, now: datetime, today: date, as_of_today: bool
) -> Run:
    """The run that a worker computes; the same one while it is open.

    PlanError where the edition or a variant cannot be judged by, TooManyJobsError where the user has
    asked for too much already.
    """
    plans = plans_of(edition, Variant.objects.filter(edition=edition)[:MOST_VARIANTS])
    facts = Catalogue().facts
    editions = compiled(plans, facts)
    on = day_of(edition, today, as_of_today=as_of_today)
    told = [f"{plan.title}\0{plan.digest}" for plan in plans]
    job = ask(
        compute,
        {},
        title=f"影响测算：{edition}",
        digest=digest_of("impact", str(user.pk), str(edition.pk), f"{on}", *told),
        owner=user,
        now=now,
    )
    if known := Run.objects.filter(job=job).first():
        return known
    if job.asked_to_stop:
        raise PlanError(STILL_STOPPING)
    run = Run.objects.create(
        edition=edition,
        predecessor=predecessor_of(edition),
        on=on,
        plans=[plan.as_json() for plan in plans],
        facts_digest=digest_of_facts(editions, facts),
        asked_at=now,
        asked_by=user,
        job=job,
    )
    Job.objects.filter(pk=job.pk).update(parameters={"run": run.pk})
    return run


def stop_run(run: Run, now: datetime) -> None:
    """Stop it at the end of its block; what was counted up to then is never shown as the whole."""
    if run.job and run.job.is_open:
        ask_to_stop(run.job, now)


def remove_run(run: Run, now: datetime) -> None:
    """Take it away with all that it says of firms."""
    stop_run(run, now)
    run.delete()


def forget_old_runs(now: datetime) -> int:
    """Take away what was asked for too long ago, or of a draft that is gone; how many runs that were."""
    old = Run.objects.filter(Q(asked_at__lte=now - RUNS_KEPT) | Q(edition=None))
    count = old.count()
    for run in old:
        remove_run(run, now)
    return count


# --- the work -----------------------------------------------------------------------------


@job_kind
def compute(work: Work) -> None:
    """Firms, then cases; a worker that comes after one that died goes on behind the last block."""
    run = Run.objects.filter(pk=work.parameters.get("run")).first()
    if run is None:
        raise JobError(REMOVED)
    facts = Catalogue().facts
    try:
        editions = compiled([Plan(**each) for each in run.plans], facts)
    except PlanError as error:
        raise JobError(str(error)) from error
    if digest_of_facts(editions, facts) != run.facts_digest:
        raise JobError(FACTS_CHANGED)
    reader = ProfileReader(facts, facts_of(editions), run.on, FIRMS_OF_BLOCK)
    firms, cases = reader.count(), _cases_of(run).count()
    left = _blocks(reader.count(run.last_firm), reader.size)
    left += _blocks(_cases_of(run).filter(pk__gt=run.last_case).count(), CASES_OF_BLOCK)
    work.plan(work.step + left + 1)
    _judge_firms(work, run, reader, Judge(editions, run.on), firms)
    _judge_cases(work, run, editions, facts, cases)
    with work.block():
        _locked(run)
        Run.objects.filter(pk=run.pk).update(finished_at=work.clock())


def _blocks(count: int, size: int) -> int:
    return -(-count // size)


def _cases_of(run: Run) -> Any:
    """What was applied for under the predecessor."""
    return (
        Application.objects.filter(edition=run.predecessor_id)
        if run.predecessor_id
        else (Application.objects.none())
    )


def _locked(run: Run) -> None:
    """JobError where somebody has removed it meanwhile."""
    if not Run.objects.select_for_update().filter(pk=run.pk).exists():
        raise JobError(REMOVED)


def _judge_firms(work: Work, run: Run, reader: ProfileReader, judge: Judge, count: int) -> None:
    done = count - reader.count(run.last_firm)
    while block := reader.block(run.last_firm):
        judged = judge.read(block.answers)
        old_before = run.asked_at - OLD_AFTER
        old = np.array([said_at < old_before for said_at in block.said_at])
        figures = tally(judged, block.counties, block.enterprises, old)
        rows = _affected(run, judged, block.counties, block.enterprises, block.subjects)
        done += len(set(block.enterprises))
        with work.block(FIRMS_DONE.format(done=done, count=count)):
            _locked(run)
            _keep(run, figures, rows, is_of_cases=False)
            Run.objects.filter(pk=run.pk).update(last_firm=block.last)
        run.last_firm = block.last


def _judge_cases(
    work: Work,
    run: Run,
    editions: Sequence[rules.Edition | None],
    facts: Mapping[str, Fact],
    count: int,
) -> None:
    """Each on its own day, with the answers that it was handed in with."""
    judges: dict[date, Judge] = {}
    fields = ("pk", "enterprise_id", "county_id", "on", "answers")
    done = _cases_of(run).filter(pk__lte=run.last_case).count()
    while True:
        cases = list(
            _cases_of(run)
            .filter(pk__gt=run.last_case)
            .order_by("pk")
            .values_list(*fields, named=True)[:CASES_OF_BLOCK]
        )
        if not cases:
            return
        last = cases[-1].pk
        figures: dict[str, Any] = {}
        rows: list[Affected] = []
        for on, of_day in groupby(sorted(cases, key=lambda case: case.on), lambda case: case.on):
            own = list(of_day)
            if on not in judges:
                judges[on] = Judge(editions, on)
            work.beat()
            judged = judges[on].read([understood(case.answers, facts, on) for case in own])
            counties = [case.county_id for case in own]
            firms = [case.enterprise_id for case in own]
            figures = merged(figures, tally(judged, counties, firms, np.zeros(len(own), bool)))
            rows += _affected(run, judged, counties, firms, None, [case.pk for case in own])
        done += len(cases)
        with work.block(CASES_DONE.format(done=done, count=count)):
            _locked(run)
            _keep(run, figures, rows, is_of_cases=True)
            Run.objects.filter(pk=run.pk).update(last_case=last)
        run.last_case = last


def _keep(run: Run, figures: Mapping[str, Any], rows: list[Affected], *, is_of_cases: bool) -> None:
    known = {
        row.county_id: row
        for row in CountyTally.objects.filter(
            run=run, is_of_cases=is_of_cases, county__in=figures.keys()
        )
    }
    for code, row in known.items():
        row.figures = merged(row.figures, figures[code])
    CountyTally.objects.bulk_update(known.values(), ["figures"])
    CountyTally.objects.bulk_create(
        CountyTally(run=run, county_id=code, is_of_cases=is_of_cases, figures=own)
        for code, own in figures.items()
        if code not in known
    )
    Affected.objects.bulk_create(rows, batch_size=1000)


def _affected(
    run: Run,
    judged: Sequence[Judged | None],
    counties: Sequence[str],
    firms: Sequence[int],
    subjects: Sequence[int | None] | None,
    cases: Sequence[int] | None = None,
) -> list[Affected]:
    """A row for each that a plan treats otherwise than the first."""
    return [
        Affected(
            run=run,
            plan=number,
            enterprise_id=firms[place],
            subject_id=subjects[place] if subjects else None,
            application_id=cases[place] if cases else None,
            county_id=counties[place],
            change=change,
            before=int(judged[0].verdicts[place]) if judged[0] else None,
            after=int(plan.verdicts[place]),
            **{f"{part}_before": paid for part, paid in _money(judged[0], place)},
            **dict(_money(plan, place)),
        )
        for number, plan in enumerate(judged)
        if number and plan is not None
        for place, change in _changed(judged[0], plan)
    ]


def _changed(first: Judged | None, plan: Judged) -> Iterator[tuple[int, str]]:
    changes = changes_of(first, plan)
    for place in np.flatnonzero(changes != "").tolist():
        yield place, str(changes[place])


def _money(judged: Judged | None, place: int) -> Iterator[tuple[str, Any]]:
    for part in PARTS:
        fen = int(judged.money[WHOLE][part][place]) if judged else 0
        yield part, None if fen == OPEN else fen * FEN
