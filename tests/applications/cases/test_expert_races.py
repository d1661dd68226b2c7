"""Experts and staff at the same moment, on PostgreSQL."""

from threading import Event
from time import sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from applications.cases.models import Application, ExpertAssignment, ExpertScore
from applications.cases.services.errors import ApplicationError
from applications.cases.services.findings import record_findings
from applications.cases.workflow import Action, Status
from tests.applications.cases.test_concurrency import at_once
from tests.applications.cases.test_experts import assign, by, conflict, expert_case, score
from tests.applications.cases.test_findings import criterion
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    ExpertAssignmentFactory,
    ExpertFactory,
    ExpertScoreFactory,
    UserFactory,
)

ROUNDS = 8
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def attempt(action):
    """1 when it was done, 0 when it was refused; any other error is one of the test."""
    try:
        action()
    except ApplicationError:
        return 0
    return 1


def test_of_many_answers_of_one_expert_exactly_one_is_kept():
    row = ExpertAssignmentFactory(application=expert_case())
    answers = [score, conflict] * ROUNDS

    def answer(act):
        return attempt(lambda: act(ExpertAssignment.objects.get(pk=row.pk)))

    assert sum(at_once([lambda act=act: answer(act) for act in answers])) == 1
    row.refresh_from_db()
    assert ExpertScore.objects.count() == (1 if row.conflict == "none" else 0)


def held(act, inside):
    """Act, and commit only some time after `inside` was set."""
    with transaction.atomic():
        done = attempt(act)
        inside.set()
        sleep(0.5)
    return done


def while_held(first, second):
    """Let `second` begin while what `first` did is not committed yet: how each went."""
    inside = Event()

    def follow():
        assert inside.wait(10)
        return attempt(second)

    return at_once([lambda: held(first, inside), follow])


@pytest.fixture
def city():
    return UserFactory(jurisdiction_code="140500")


@pytest.fixture
def case():
    """With one score in, so that it could pass."""
    return ExpertScoreFactory(assignment__application=expert_case()).assignment.application


def fresh(case):
    return Application.objects.get(pk=case.pk)


def test_a_score_that_comes_while_its_step_ends_is_refused(case, city):
    row = ExpertAssignmentFactory(application=case)
    ends = while_held(
        lambda: by(city, fresh(case), Action.REJECT, "不符"),
        lambda: score(row),
    )
    assert ends == [1, 0]
    row.refresh_from_db()
    assert row.conflict == ""
    assert ExpertScore.objects.count() == 1


def test_a_step_ends_after_the_score_that_came_first(case, city):
    row = ExpertAssignmentFactory(application=case)
    ends = while_held(
        lambda: score(row),
        lambda: by(city, fresh(case), Action.REJECT, "不符"),
    )
    assert ends == [1, 1]
    assert ExpertScore.objects.count() == 2


def test_a_case_does_not_pass_while_an_expert_is_being_asked(case, city):
    expert = ExpertFactory()
    ends = while_held(
        lambda: assign(fresh(case), city, expert),
        lambda: by(city, fresh(case), Action.RECOMMEND),
    )
    assert ends == [1, 0]
    assert fresh(case).step == 1


def test_nobody_is_asked_about_a_case_that_is_passing(case, city):
    expert = ExpertFactory()
    ends = while_held(
        lambda: by(city, fresh(case), Action.RECOMMEND),
        lambda: assign(fresh(case), city, expert),
    )
    assert ends == [1, 0]
    assert not expert.assignments.exists()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_case_is_never_granted_against_the_newest_judgement(number):
    actor = UserFactory()
    edition = EditionFactory()
    made = ApplicationFactory.build(edition=edition)
    case = ApplicationFactory(
        edition=edition,
        status=Status.IN_REVIEW,
        assessment={**made.assessment, "criteria": [criterion("ZC.13", "manual", "manual")]},
    )

    def judge(outcome, note=""):
        record_findings(
            application=Application.objects.get(pk=case.pk),
            actor=actor,
            findings={"ZC.13": (outcome, note)},
            now=timezone.now(),
        )

    def passes():
        return attempt(lambda: by(actor, Application.objects.get(pk=case.pk), Action.RECOMMEND))

    judge("met")
    judged, passed = at_once([lambda: attempt(lambda: judge("not_met", "现场不符")), passes])
    assert judged + passed == 1
    case.refresh_from_db()
    granted = case.status == Status.APPROVED
    assert granted == (case.findings.newest()["ZC.13"].outcome == "met")
