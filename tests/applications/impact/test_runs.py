"""Runs: every firm as it would be judged alone, counted once, stopped, gone on with, told to be stale."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from applications.cases.models import Application
from applications.enterprises.models import Enterprise, ProfileAnswer, Subject
from applications.enterprises.services.many_profiles import TOGETHER, ProfileReader
from applications.enterprises.services.profile import Profile, with_place
from applications.impact.models import Affected, CountyTally, Run, Variant
from applications.impact.services import runs
from applications.impact.services.plans import PlanError, stale_reasons
from applications.impact.services.results import result_of
from applications.impact.services.runs import forget_old_runs, remove_run, stop_run
from applications.impact.services.variants import as_kept, draft_numbers
from policies.catalogue.current import Catalogue, facts
from policies.catalogue.editions import begin_correction
from policies.catalogue.models import Edition, Fact
from policies.rules.assessment import plain_values
from policies.rules.awards import LEVELS
from policies.rules.firm import Firm
from policies.rules.judgement import ELIGIBLE, NOT_ELIGIBLE, judge
from policies.rules.money import NOTHING
from policies.rules.read_edition import read_edition
from policies.self_check.self_checks import understood
from portal.jobs.work import LOST_AFTER, do_one, take, work_off
from portal.models import Job
from tests.applications.impact.world import asked, draft_of, editor, firms_with_profiles, keys_of
from tests.factories import (
    ApplicationFactory,
    AwardFactory,
    CriterionFactory,
    EditionFactory,
    ProfileAnswerFactory,
    SubjectFactory,
    TrancheFactory,
)
from tests.policies.packs import load_catalogue

CODES = {ELIGIBLE: 1, NOT_ELIGIBLE: -1, "unknown": 0}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00")
    load_catalogue()


def alone(data, answers, on):
    """What one firm is told by itself: its verdict, and by level and in all what is paid, as text."""
    judgement = judge(read_edition(data, facts()), Firm(answers, on))
    levels = {
        name: (level.now, level.later) for name, level in judgement.levels.items() if level.counts
    }
    whole = [NOTHING, NOTHING]
    for paid in levels.values():
        whole = [one.plus(other) for one, other in zip(whole, paid, strict=True)]
    return CODES[judgement.verdict], {"whole": tuple(whole), **levels}


def expected(run, each):
    """The figures of all rows, as these are judged one by one; `each` are answers and their day."""
    plans = []
    for plan in run.plans:
        verdicts, sums = Counter(), {}
        for answers, on in each:
            verdict, levels = alone(plan["data"], answers, on)
            verdicts[verdict] += 1
            for level, paid in levels.items():
                for when, money in zip(("now", "later"), paid, strict=True):
                    own = sums.setdefault((level, when), [0, 0, 0, 0, 0])
                    if verdict == 1:
                        own[0] += money.low
                        own[1] += money.high or 0
                        own[2] += money.high is None
                    elif verdict == 0:
                        own[3] += money.high or 0
                        own[4] += money.high is None
        plans.append((verdicts, sums))
    return plans


def counted(run, *, is_of_cases=False):
    tallies = CountyTally.objects.filter(run=run, is_of_cases=is_of_cases)
    return result_of(run, list(tallies))


def assert_same(found, wanted):
    for plan, (verdicts, sums) in zip(found.plans, wanted, strict=True):
        assert {k: n for k, n in plan.verdicts.items() if n} == dict(verdicts), plan.title
        for level in ("whole", *LEVELS):
            for when in ("now", "later"):
                paid = plan.paid(level, when)
                own = [paid.least, paid.most, paid.open, paid.perhaps, paid.perhaps_open]
                rounded = [round(n, 6) for n in sums.get((level, when), [0] * 5)]
                assert own == rounded, (plan.title, level, when)


def all_profiles(on):
    """The firms with a profile, each as its own page reads it."""
    known = facts()
    return [
        (with_place(Profile(firm, None, known, on).answers, firm, known), on)
        for firm in Enterprise.objects.filter(profile_answers__isnull=False)
        .distinct()
        .order_by("pk")
    ]


def done(run):
    work_off(timezone.now)
    run.refresh_from_db()
    assert run.finished_at, run.job.words
    return run


# What a draft of 小升规 asks and pays otherwise, by path of its content.
OTHERWISE = {"awards/0/tranches/0/amount": 20, "awards/1/tranches/0/amount": {"range": [15, 25]}}


def test_a_run_judges_every_firm_and_case_as_each_would_be_alone(monkeypatch):
    monkeypatch.setattr(runs, "FIRMS_OF_BLOCK", 17)
    monkeypatch.setattr(runs, "CASES_OF_BLOCK", 4)
    keys = keys_of("jc-xsg")
    firms = firms_with_profiles(120, keys)
    standing = Edition.objects.get(programme="jc-xsg")
    for number, firm in enumerate(firms[:9]):
        day = timezone.localdate().replace(day=1 + number // 3)
        known = with_place(Profile(firm, None, facts(), day).answers, firm, facts())
        ApplicationFactory(
            enterprise=firm, edition=standing, on=day,
            answers=plain_values(known),
        )  # fmt: skip
    user = editor()
    draft = draft_of("jc-xsg", **OTHERWISE)
    path = _number_path(draft, "主营业务收入")
    Variant.objects.create(
        edition=draft, title="从 1500 起", numbers=[_number(draft, path, "1500")]
    )
    run = done(asked(draft, user))

    found = counted(run)
    each = all_profiles(run.on)
    assert (found.rows, found.firms) == (120, 120)
    assert [plan.title for plan in found.plans][1:] == ["这份草稿", "从 1500 起"]
    assert_same(found, expected(run, each))
    # Something of everything occurs, or the comparison would say nothing.
    assert all(found.plans[1].verdicts.values())
    assert found.plans[1].now.least != found.plans[0].now.least
    assert found.plans[2].verdicts != found.plans[1].verdicts

    cases = [(understood(c.answers, facts(), c.on), c.on) for c in Application.objects.all()]
    assert_same(counted(run, is_of_cases=True), expected(run, cases))
    _assert_affected_are_those_that_differ(run, each)


def _number_path(draft, words):
    return next(each.path for each in draft_numbers(draft) if words in each.words)


def _number(draft, path, value):
    [kept] = as_kept({path: Decimal(value)}, draft_numbers(draft))
    return kept


def _assert_affected_are_those_that_differ(run, each):
    firms = list(Enterprise.objects.filter(profile_answers__isnull=False).distinct().order_by("pk"))
    rows = {
        (row.plan, row.enterprise_id): row
        for row in Affected.objects.filter(run=run, application=None)
    }
    wanted = {}
    for number, plan in enumerate(run.plans[1:], start=1):
        for firm, (answers, on) in zip(firms, each, strict=True):
            before, after = (
                alone(data, answers, on) for data in (run.plans[0]["data"], plan["data"])
            )
            is_paid_otherwise = [m.pair for m in before[1]["whole"]] != [
                m.pair for m in after[1]["whole"]
            ]
            if before[0] != after[0] or (after[0] != -1 and is_paid_otherwise):
                wanted[number, firm.pk] = (before, after)
    assert rows.keys() == wanted.keys()
    assert rows
    for key, (before, after) in wanted.items():
        row = rows[key]
        assert (row.before, row.after) == (before[0], after[0])
        assert (row.now_least, row.now_most) == tuple(after[1]["whole"][0].pair)
        assert (row.later_least_before, row.later_most_before) == tuple(before[1]["whole"][1].pair)


def test_stored_profiles_read_as_each_page_reads_them():
    """Years that moved on, answers that contradict each other, projects and bases, and who was absorbed."""
    known = facts()
    keys = [*keys_of("jc-xsg", "jc-zjtx-city"), "base.floor_area", "base.type", "project.total_investment", "project.kind"]  # fmt: skip
    firms = firms_with_profiles(30, keys, unknown=0.2)
    for firm in firms[:6]:
        ProfileAnswerFactory(enterprise=firm, fact_key="enterprise.city", year=None, value="140800")
        ProfileAnswerFactory(enterprise=firm, fact_key="industry.section", year=None, value="K")
    for firm in firms[:4]:
        for kind in ("project", "base"):
            subject = SubjectFactory(enterprise=firm, kind=kind, name=f"{kind}甲")
            ProfileAnswerFactory(
                enterprise=firm, subject=subject, fact_key="project.total_investment", year=None, value=900
            )  # fmt: skip
            ProfileAnswerFactory(
                enterprise=firm, subject=subject, fact_key="base.floor_area", year=None, value=5000
            )  # fmt: skip
    wanted = set(keys).union(*TOGETHER)
    for on in (timezone.localdate(), timezone.localdate().replace(year=2027, month=1, day=1)):
        reader, after, rows = ProfileReader(known, keys, on, size=7), 0, 0
        while block := reader.block(after):
            after = block.last
            for place, firm in enumerate(block.enterprises):
                owner = Enterprise.objects.get(pk=firm)
                subject = block.subjects[place] and Subject.objects.get(pk=block.subjects[place])
                page = with_place(Profile(owner, subject, known, on).answers, owner, known)
                read = {key: value for key, value in page.items() if key in wanted}
                assert block.answers[place] == read, (firm, subject, on)
                rows += 1
        assert rows == 30 + 4  # four firms have a project and a base


def test_a_stopped_run_shows_nothing_and_a_restarted_worker_counts_each_block_once(monkeypatch):
    monkeypatch.setattr(runs, "FIRMS_OF_BLOCK", 10)
    firms_with_profiles(45, keys_of("jc-xsg"))
    user, draft = editor(), draft_of("jc-xsg", **OTHERWISE)
    run = asked(draft, user)
    assert asked(draft, user) == run, "the same is not asked twice"
    leaving = iter([False, False, True])
    do_one("one that is stopped", timezone.now, leaves=lambda: next(leaving))
    run.job.refresh_from_db()
    assert (run.job.state, run.job.step, run.job.steps) == (Job.State.WAITING, 3, 6)
    # Killed in the middle: the block that it had begun is not counted, and another worker takes over.
    now = timezone.now()
    assert take("killed", now) == run.job
    Job.objects.filter(pk=run.job.pk).update(beat=now - LOST_AFTER)
    done(run)
    run.job.refresh_from_db()
    assert (run.job.step, run.job.steps) == (6, 6)
    assert_same(counted(run), expected(run, all_profiles(run.on)))

    again = asked(draft, user)
    assert again != run
    do_one("stopped", timezone.now, leaves=iter([False, True]).__next__)
    stop_run(again, timezone.now())
    work_off(timezone.now)
    again.refresh_from_db()
    again.job.refresh_from_db()
    assert again.finished_at is None
    assert again.job.state == Job.State.STOPPED
    # Deleted while it is computed: nothing of it stays, and the worker says so.
    third = asked(draft, user)
    do_one("deleted", timezone.now, leaves=iter([False, True]).__next__)
    job = third.job
    Run.objects.filter(pk=third.pk).delete()
    work_off(timezone.now)
    job.refresh_from_db()
    assert (job.state, job.words) == (Job.State.FAILED, runs.REMOVED)
    assert not CountyTally.objects.filter(run=third.pk).exists()


def test_what_has_changed_since_is_said():
    firms_with_profiles(3, keys_of("jc-xsg"))
    draft = draft_of("jc-xsg", **OTHERWISE)
    variant = Variant.objects.create(
        edition=draft, title="三十", numbers=[_number(draft, "awards/0/tranches/0/amount", "30")]
    )
    run = done(asked(draft, editor()))
    assert stale_reasons(run) == []
    tranche = draft.awards.all()[0].tranches.all()[0]
    tranche.amount = 22
    tranche.save()
    assert stale_reasons(run) == ["版本的内容改过了"]
    tranche.amount = 20
    tranche.save()
    variant.numbers = [_number(draft, "awards/0/tranches/0/amount", "35")]
    variant.save()
    assert stale_reasons(run) == ["方案改过了"]
    variant.numbers = [_number(draft, "awards/0/tranches/0/amount", "30")]
    variant.save()
    fact = Catalogue().facts["stat.entry_path"]
    Fact.objects.filter(key=fact.key).update(help="按年度报表填。")
    assert stale_reasons(run) == [], "what is only worded otherwise is judged alike"
    Fact.objects.filter(key=fact.key).update(choices={**fact.choices, "new": "新的"})
    assert stale_reasons(run) == ["用到的指标改过了"]
    fact = Catalogue().facts["stat.entry_path"]
    # So does a run that is not finished yet: it does not mix the two.
    other = asked(draft, editor())
    Fact.objects.filter(key=fact.key).update(choices={**fact.choices, "another": "别的"})
    work_off(timezone.now)
    other.job.refresh_from_db()
    assert other.job.words == runs.FACTS_CHANGED
    # Moved to a day before which nothing stood.
    draft.effective_from = date(2020, 1, 1)
    draft.save()
    assert stale_reasons(Run.objects.get(pk=run.pk)) == [
        "版本的内容改过了",
        "前一版本换了",
        "用到的指标改过了",
    ]


def test_a_correction_is_compared_with_what_it_corrects_and_a_new_programme_with_nothing():
    firms_with_profiles(20, keys_of("jc-xsg"), unknown=0)
    standing = Edition.objects.get(programme="jc-xsg")
    run = done(asked(begin_correction(standing), editor()))
    assert run.predecessor == standing
    assert run.titles[0].startswith("被更正的版本")
    assert not Affected.objects.filter(run=run).exists()

    draft = EditionFactory(effective_from=date(2027, 1, 1))
    CriterionFactory(edition=draft, rule={"fact": "revenue.main_business.y0", "at_least": 2000})
    TrancheFactory(award=AwardFactory(edition=draft))
    run = done(asked(draft, editor()))
    assert not run.has_predecessor
    found = counted(run).plans[1]
    assert found.changes == {"in": found.verdicts[1]}
    assert found.verdicts[1]
    assert set(Affected.objects.filter(run=run).values_list("before", flat=True)) == {None}


def test_an_empty_world_has_an_empty_result_and_a_faulty_draft_is_refused_in_words():
    draft = draft_of("jc-xsg")
    run = done(asked(draft, editor()))
    assert (counted(run).rows, counted(run).levels) == (0, [])
    criterion = draft.criteria.exclude(rule=None).first()
    criterion.rule = {"fact": "no.such", "at_least": 1}
    criterion.save()
    with pytest.raises(PlanError, match="这份草稿”还不能测算"):
        asked(draft, editor())
    assert Run.objects.count() == 1
    bare = Edition.objects.create(programme=draft.programme, effective_from=date(2028, 1, 1))
    with pytest.raises(PlanError, match="没有条件"):
        asked(bare, editor())


def test_results_go_after_their_time_and_leave_nothing_of_firms():
    firms_with_profiles(20, keys_of("jc-xsg"), unknown=0)
    run = done(asked(draft_of("jc-xsg", **OTHERWISE), editor()))
    assert Affected.objects.exists()
    assert forget_old_runs(run.asked_at + runs.RUNS_KEPT - runs.RUNS_KEPT / 90) == 0
    assert forget_old_runs(run.asked_at + runs.RUNS_KEPT) == 1
    assert not Affected.objects.exists()
    assert not CountyTally.objects.exists()
    other = done(asked(draft_of("jc-xsg", "2028-01-01", **OTHERWISE), editor()))
    remove_run(other, timezone.now())
    assert not Run.objects.exists()
    assert ProfileAnswer.objects.exists()
