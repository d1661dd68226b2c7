"""A firm hands in while an editor retires, corrects or withdraws the edition, on PostgreSQL."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from applications.cases.models import Application
from policies.catalogue.editions import EditionError, begin_correction
from policies.catalogue.models import Edition
from tests.applications.cases.test_concurrency import at_once, browser_of, hand_in
from tests.applying import edition_of, member_of
from tests.factories import EnterpriseFactory
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction, retire_edition, withdraw_edition

FIRMS = 6
WHY = "同时"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def firms_that_hand_in():
    firms = [
        EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", name=f"第{number}测试公司")
        for number in range(FIRMS)
    ]
    return [hand_in(browser_of(member_of(enterprise=firm).user)) for firm in firms]


def closing(how, edition):
    """Do it, and tell whether it was done; `now` is read before, so that whoever is pinned after
    it was pinned to what no longer counts."""
    now = timezone.now()
    draft = begin_correction(edition) if how == "correct" else None
    if draft:
        draft.criteria.filter(code="XSG.3").update(text="更正后的条件")

    def act():
        try:
            if how == "correct":
                publish_correction(draft, reason=WHY, now=now)
            elif how == "retire":
                retire_edition(edition, reason=WHY, day=timezone.localdate(now), now=now)
            else:
                withdraw_edition(edition, reason=WHY, now=now)
        except EditionError:
            return False
        return True

    return act


@pytest.mark.parametrize("how", ["correct", "retire", "withdraw"])
def test_every_case_is_pinned_to_what_counted_when_it_was_handed_in(how):
    load_catalogue()
    edition = edition_of()
    tasks = firms_that_hand_in()
    *responses, is_done = at_once([*tasks, closing(how, edition)])
    assert {response.status_code for response in responses} <= {200, 302, 409}
    edition.refresh_from_db()
    pinned = Application.objects.filter(edition=edition).count()
    assert pinned == sum(response.status_code == 302 for response in responses)
    if how == "withdraw":
        assert is_done == (pinned == 0)
        assert edition.status == ("withdrawn" if is_done else "published")
    else:
        assert is_done
        # Whoever comes later is led to what counts now.
        before = Application.objects.count()
        for task in firms_that_came_too_late():
            assert task().status_code == 200
        assert Application.objects.count() == before
    today = timezone.localdate()
    assert Edition.objects.in_force(today).filter(programme="jc-xsg").count() <= 1
    assert not Edition.objects.in_force(today + timedelta(days=1)).filter(
        programme="jc-xsg", status="corrected"
    )


def firms_that_came_too_late():
    """With the page of the old edition still open."""
    firm = EnterpriseFactory(credit_code="TESTCODE9999999999", name="迟到公司")
    client = browser_of(member_of(enterprise=firm).user)
    data = {"seen": "0.0.0", "asked": "", "version": "0", "truthful": "on"}
    return [lambda: client.post("/enterprise/apply/jc-xsg/", data)]
