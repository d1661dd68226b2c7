"""Two act on one draft at once, on PostgreSQL: one is first, the other is told, nothing is done twice."""

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import EditionError
from policies.editors.edition_proposals import approve, propose, refuse
from policies.editors.models import EditionProposal
from portal.acts_of_two import ActOfTwoError
from tests.factories import CriterionFactory, UserFactory, ready
from tests.in_turn import one_after_the_other
from tests.policies.editors.test_admin import sent_back

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def person():
    return UserFactory(is_superuser=True, jurisdiction_code="")


@pytest.fixture
def draft():
    return ready(CriterionFactory(rule=None, kind="manual").edition)


def test_one_refuses_while_another_approves(draft):
    now = timezone.now()
    proposal = propose(edition=draft, act="publish", user=person(), now=now)
    done = one_after_the_other(
        lambda: approve(proposal=proposal, user=person(), now=now),
        lambda: refuse(proposal=proposal, reason="不对", user=person(), now=now),
        ActOfTwoError,
    )
    assert done == ["done", "refused"]
    draft.refresh_from_db()
    proposal.refresh_from_db()
    assert (draft.status, proposal.state) == ("published", "confirmed")


def test_two_propose_the_same_draft_at_once(draft):
    users = person(), person()

    def asking(user):
        return lambda: propose(edition=draft, act="publish", user=user, now=timezone.now())

    asks = map(asking, users)
    assert one_after_the_other(*asks, EditionError) == ["done", "refused"]
    assert EditionProposal.objects.count() == 1


def test_two_save_one_row_at_once_and_the_second_is_shown_both(draft):
    row = draft.criteria.get()
    page, answers = reverse("admin:catalogue_criterion_change", args=[row.pk]), []

    def saving(words):
        client = Client()
        client.force_login(person())
        shown = client.get(page)
        data = sent_back(shown) | {"_seen": shown.context["seen"], "text": words}
        return lambda: answers.append(client.post(page, data))

    acts = saving("先存的话"), saving("后存的话")
    one_after_the_other(*acts, IntegrityError, ends_itself=True)
    first, second = answers
    assert (first.status_code, second.status_code) == (302, 200)
    row.refresh_from_db()
    assert row.text == "先存的话"
    assert ("条件", "先存的话", "后存的话") in second.context["overtaken"]
