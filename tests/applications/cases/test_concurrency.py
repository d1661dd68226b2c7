"""Several at once, on PostgreSQL: a memory database of SQLite belongs to one thread."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft, NumberSeries
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import decide
from applications.cases.workflow import OPEN, Action, Status
from tests.applying import address, handed_in, member_of, page_data
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    EnterpriseFactory,
    MembershipFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue

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


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def hand_in(client):
    data = {**page_data(client, address()), "truthful": "on", "contact_name": "办公室"}
    return lambda: client.post(address(), data)


def test_a_form_sent_many_times_by_two_members_at_once_is_one_application():
    load_catalogue()
    members = [member_of(), MembershipFactory(role="member")]
    clicks = [hand_in(browser_of(member.user)) for member in members] * (THREADS // 2)
    responses = at_once(clicks)
    assert {response.status_code for response in responses} == {302}
    assert len({response.url for response in responses}) == 1
    application = Application.objects.get()
    assert application.events.count() == 1
    assert not ApplicationDraft.objects.exists()


def test_drafts_saved_by_many_at_once_are_one_and_overwrite_nothing():
    load_catalogue()
    member_of()
    clients = [browser_of(MembershipFactory(role="member").user) for _ in range(6)]
    pages = [page_data(client, address()) for client in clients]
    save = address(name="apply-save")
    tasks = [
        lambda client=client, page=page, number=number: client.post(
            save, {**page, "contact_name": f"第{number}科"}, headers={"HX-Request": "true"}
        )
        for number, (client, page) in enumerate(zip(clients, pages, strict=True))
    ]
    codes = sorted(response.status_code for response in at_once(tasks))
    assert codes == [200] + [409] * 5
    assert ApplicationDraft.objects.get().version == 1


def test_firms_that_apply_at_once_get_running_numbers():
    load_catalogue()
    firms = [
        EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", name=f"第{number}测试公司")
        for number in range(THREADS)
    ]
    at_once([hand_in(browser_of(member_of(enterprise=firm).user)) for firm in firms])
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


def test_a_firm_applies_anew_while_staff_reopen_the_case_it_had_and_one_of_the_two_holds():
    load_catalogue()
    member = member_of()
    old = handed_in(member)
    actor = UserFactory()
    client = browser_of(member.user)
    for _ in range(4):
        attempt(old.pk, Action.REJECT, actor)
        send_anew = hand_in(client)
        reopened, response = at_once([lambda: attempt(old.pk, Action.REOPEN, actor), send_anew])
        assert response.status_code == 302
        standing = Application.objects.filter(status__in=OPEN)
        assert standing.count() == 1
        assert reopened == (standing.get() == old)
        for other in standing.exclude(pk=old.pk):
            attempt(other.pk, Action.REJECT, actor)


def test_two_applications_of_one_firm_approved_at_once_give_one():
    first = ApplicationFactory(status=Status.IN_REVIEW)
    later = EditionFactory(programme=first.edition.programme, effective_from="2025-01-01")
    second = ApplicationFactory(edition=later, status=Status.IN_REVIEW)
    actor = UserFactory()
    tasks = [lambda pk=pk: attempt(pk, Action.RECOMMEND, actor) for pk in (first.pk, second.pk)]
    assert sum(at_once(tasks)) == 1
