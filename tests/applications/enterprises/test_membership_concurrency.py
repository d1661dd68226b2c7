"""Several at once, on PostgreSQL: a memory database of SQLite belongs to one thread."""

import pytest
from django.db import connection
from django.utils import timezone

from applications.enterprises.models import Claim, Enterprise, Invitation, Membership
from applications.enterprises.services.memberships import (
    MembershipError,
    accept_invitation,
    approve_claim,
    remove_member,
    settle_claims,
)
from tests.applications.cases.test_concurrency import THREADS, at_once
from tests.factories import (
    ClaimFactory,
    EnterpriseFactory,
    FirmUserFactory,
    InvitationFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def succeeds(action, **what):
    try:
        action(**what)
    except MembershipError:
        return False
    return True


def test_of_many_who_register_a_code_at_once_one_owns_it():
    county = EnterpriseFactory(credit_code="91140522MA0K00003X").county
    code = "91140521MA0K000019"
    claims = [
        ClaimFactory(
            enterprise=None, county=county, credit_code=code, enterprise_name="一家", status="unconfirmed"
        )
        for _ in range(THREADS)
    ]  # fmt: skip
    at_once(
        [lambda own=claim.user: settle_claims(user=own, now=timezone.now()) for claim in claims]
    )
    assert Enterprise.objects.filter(credit_code=code).count() == 1
    assert Membership.objects.filter(role="owner").count() == 1
    assert Claim.objects.filter(status="pending").count() == THREADS - 1


def test_a_claim_approved_by_many_at_once_is_approved_once():
    claim, actor = ClaimFactory(), UserFactory()
    done = at_once(
        [
            lambda: succeeds(
                approve_claim,
                claim=Claim.objects.get(pk=claim.pk),
                role="owner",
                actor=actor,
                now=timezone.now(),
            )
        ]
        * THREADS
    )
    assert sum(done) == 1
    assert Membership.objects.count() == 1


def test_an_invitation_serves_once_however_often_it_is_sent():
    invitation = InvitationFactory()
    user = FirmUserFactory(email=invitation.email)
    done = at_once(
        [
            lambda: succeeds(
                accept_invitation,
                invitation=Invitation.objects.get(pk=invitation.pk),
                user=user,
                contact_name="财务",
                contact_telephone="0356-7000001",
                now=timezone.now(),
            )
        ]
        * THREADS
    )
    assert sum(done) == 1
    assert Membership.objects.count() == 1


def test_two_last_owners_who_go_at_once_leave_one():
    owners = MembershipFactory.create_batch(2)
    done = at_once([lambda own=own: succeeds(remove_member, membership=own) for own in owners])
    assert sum(done) == 1
    assert Membership.objects.filter(role="owner").count() == 1
