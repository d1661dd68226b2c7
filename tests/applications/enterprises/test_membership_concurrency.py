"""Several at once, on PostgreSQL: a memory database of SQLite belongs to one thread."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from stdnum.cn import uscc

from applications.enterprises.models import Claim, Enterprise, Invitation, Membership
from applications.enterprises.services.memberships import (
    MembershipError,
    accept_invitation,
    approve_claim,
    claim_enterprise,
    invite,
    remove_member,
)
from applications.firm.sign_up_letters import sign_up_key
from portal.models import User
from tests.applications.cases.test_concurrency import THREADS, at_once
from tests.applications.firm.test_accounts import FORM
from tests.factories import (
    ClaimFactory,
    EnterpriseFactory,
    FirmUserFactory,
    InvitationFactory,
    JurisdictionFactory,
    MembershipFactory,
    UserFactory,
)
from tests.letters import sent_letters

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


def claim_of(user, code, county):
    return {
        "user": user,
        "credit_code": code,
        "enterprise_name": "一家",
        "county": county,
        "contact_name": "办公室",
        "contact_telephone": "0356-7000000",
        "message": "",
        "now": timezone.now(),
    }


def test_of_many_who_register_a_code_at_once_one_owns_it():
    county = EnterpriseFactory(credit_code="91140522MA0K00003X").county
    claims = [
        claim_of(user, "91140521MA0K000019", county)
        for user in FirmUserFactory.create_batch(THREADS)
    ]
    at_once([lambda own=own: succeeds(claim_enterprise, **own) for own in claims])
    assert Enterprise.objects.filter(credit_code="91140521MA0K000019").count() == 1
    assert Membership.objects.filter(role="owner").count() == 1
    assert Claim.objects.filter(status="pending").count() == THREADS - 1


def test_of_many_codes_at_once_an_account_gets_three():
    county, user = EnterpriseFactory(credit_code="91140522MA0K00003X").county, FirmUserFactory()
    codes = [code_of(number) for number in range(THREADS)]
    done = at_once(
        [
            lambda code=code: succeeds(claim_enterprise, **claim_of(user, code, county))
            for code in codes
        ]
    )
    assert sum(done) == 3
    assert Claim.objects.count() == Membership.objects.count() == 3


def code_of(number):
    """A valid code of 沁水县."""
    body = f"91140521MA0K{number:05d}"
    return body + uscc.calc_check_digit(body)


def test_of_thirty_invitations_at_once_twenty_are_sent():
    owner = MembershipFactory()
    done = at_once(
        [
            lambda number=number: succeeds(
                invite,
                enterprise=owner.enterprise,
                email=f"{number}@firm.example",
                invited_by=owner.user,
                page_of=lambda token: f"https://portal.example/{token}/",
                now=timezone.now(),
            )
            for number in range(30)
        ]
    )
    assert sum(done) == 20
    assert len(sent_letters()) == Invitation.objects.count() == 20


def test_a_letter_that_is_answered_twice_at_once_makes_one_account():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    address = reverse("finish_sign_up", args=[sign_up_key("new@firm.example")])
    answers = at_once([lambda: Client().post(address, FORM).status_code] * 2)
    assert sorted(answers) == [302, 410]
    assert Membership.objects.count() == User.objects.count() == 1


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
    done = at_once(
        [
            lambda own=own: succeeds(remove_member, membership=own, now=timezone.now())
            for own in owners
        ]
    )
    assert sum(done) == 1
    assert Membership.objects.filter(role="owner").count() == 1
