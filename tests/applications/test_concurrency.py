"""Several at once, on PostgreSQL: a memory database of SQLite belongs to one thread."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from applications.models import Application, NumberSeries
from applications.services import ApplicationError, decide
from applications.workflow import Action, Status
from policies.packs import load_packs
from tests.applications.test_apply import send
from tests.factories import ApplicationFactory, SelfCheckFactory, UserFactory
from tests.policies.packs import FIXTURES

THREADS = 20
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def at_once(tasks):
    def run(task):
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_a_form_sent_many_times_at_once_is_one_application():
    load_packs(FIXTURES)
    check = SelfCheckFactory()
    responses = at_once([lambda: send(Client(), check)] * THREADS)
    assert {response.status_code for response in responses} == {302}
    assert len({response.url for response in responses}) == 1
    assert Application.objects.count() == 1


def test_firms_that_apply_at_once_get_running_numbers():
    load_packs(FIXTURES)
    checks = [SelfCheckFactory() for _ in range(THREADS)]
    at_once([lambda check=check: send(Client(), check) for check in checks])
    numbers = Application.objects.order_by("number").values_list("number", flat=True)
    assert [int(number[-4:]) for number in numbers] == list(range(1, THREADS + 1))
    assert NumberSeries.objects.get().last == THREADS


def attempt(pk, action, actor):
    own = Application.objects.get(pk=pk)
    try:
        decide(application=own, action=action, actor=actor, opinion="同时", now=timezone.now())
    except ApplicationError:
        return 0
    return 1


def test_of_many_who_act_on_a_case_at_once_exactly_one_does():
    application = ApplicationFactory()
    actor = UserFactory()
    actions = [Action.ACCEPT, Action.REJECT] * (THREADS // 2)
    stale = Application.objects.get(pk=application.pk)

    def act(action):
        own = Application.objects.get(pk=application.pk)
        own.status, own.version = stale.status, stale.version
        try:
            decide(application=own, action=action, actor=actor, opinion="同时", now=timezone.now())
        except ApplicationError:
            return 0
        return 1

    assert sum(at_once([lambda action=action: act(action) for action in actions])) == 1
    application.refresh_from_db()
    assert application.version == 1
    assert application.events.count() == 1


def test_two_applications_of_one_firm_approved_at_once_give_one():
    first = ApplicationFactory(status=Status.IN_REVIEW)
    second = ApplicationFactory(edition=first.edition, status=Status.IN_REVIEW)
    actor = UserFactory()
    tasks = [lambda pk=pk: attempt(pk, Action.RECOMMEND, actor) for pk in (first.pk, second.pk)]
    assert sum(at_once(tasks)) == 1
