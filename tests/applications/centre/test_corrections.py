"""Staff put a firm's name and county right, and part it from who should not act for it."""

import pytest
from django.test import Client
from django.urls import reverse

from applications.cases.models import Message
from applications.enterprises.models import Enterprise, Invitation, Membership
from portal.models import Delivery
from tests.factories import (
    ClaimFactory,
    EnterpriseFactory,
    InvitationFactory,
    JurisdictionFactory,
    MembershipFactory,
    UserFactory,
)
from tests.letters import sent_letters

MAY = ["view_enterprise", "view_claim", "decide_claim"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counties(db):
    city = JurisdictionFactory()
    for code, name in (("140521", "沁水县"), ("140522", "阳城县"), ("140524", "陵川县")):
        JurisdictionFactory(code=code, name=name, level="county", parent=city)


@pytest.fixture
def thief():
    """The owner of a firm of 沁水县 by its code, whom nobody of the firm knows: in 阳城县."""
    enterprise = EnterpriseFactory(county__code="140522", name="别人起的名称公司")
    return MembershipFactory(enterprise=enterprise, contact_name="冒名者")


def staff_of(place, may=MAY):
    return UserFactory(jurisdiction_code=place, permissions=may)


def page(name, enterprise, *more):
    return reverse(f"admin:enterprises_enterprise_{name}", args=[enterprise.pk, *more])


def correct(client, enterprise, **changes):
    data = {"name": "沁水县真名有限公司", "county": "140521", "reason": "按营业执照更正", **changes}
    return client.post(page("correct", enterprise), data)


@pytest.mark.parametrize("place", ["140521", "140522", "140500"])
def test_a_wrong_name_and_county_are_put_right_with_a_reason_on_record(client, thief, place):
    clerk = staff_of(place)
    client.force_login(clerk)
    assert thief.enterprise.name in client.get(page("correct", thief.enterprise)).content.decode()
    assert correct(client, thief.enterprise).status_code == 302
    enterprise = Enterprise.objects.get()
    assert (enterprise.name, enterprise.county_id) == ("沁水县真名有限公司", "140521")
    record = enterprise.history.first()
    assert (record.history_user, record.history_change_reason) == (clerk, "按营业执照更正")
    message = Message.objects.get(recipient=thief.user)
    assert "沁水县真名有限公司" in message.text
    assert "按营业执照更正" in message.text
    assert message.address == reverse("firm:members")


def test_a_slip_in_a_correction_is_named_and_changes_nothing(client, thief):
    client.force_login(staff_of("140522"))
    for field, value, problem in (
        ("reason", " ", "必填"),
        ("name", "请访问 evil.example", "联系方式"),
        ("county", "140500", "选择一个有效"),
    ):
        response = correct(client, thief.enterprise, **{field: value})
        assert response.status_code == 400
        assert problem in "".join(response.context["form"].errors[field])
    same = correct(client, thief.enterprise, name=thief.enterprise.name, county="140522")
    assert "都没有变" in same.content.decode()
    assert Enterprise.objects.get().name == "别人起的名称公司"


def test_a_county_takes_a_firm_to_itself_and_pushes_none_of_others_elsewhere(client, thief):
    client.force_login(staff_of("140521"))
    assert correct(client, thief.enterprise, county="140524").status_code == 400
    client.force_login(staff_of("140524"))
    assert correct(client, thief.enterprise).status_code == 404
    client.force_login(staff_of("140522"))
    assert correct(client, thief.enterprise, county="140524").status_code == 302


@pytest.mark.parametrize("may", [["view_enterprise"], ["view_enterprise", "view_claim"]])
def test_who_may_only_look_corrects_and_parts_nothing(client, thief, may):
    client.force_login(staff_of("140522", may))
    shown = client.get(page("change", thief.enterprise)).content.decode()
    assert "更正名称" not in shown
    assert "解除成员资格" not in shown
    assert correct(client, thief.enterprise).status_code == 403
    part = client.post(page("part", thief.enterprise, thief.pk), {"reason": "x"})
    assert part.status_code == 403
    assert Membership.objects.exists()


def test_a_firm_is_parted_from_who_took_it(client, thief, django_capture_on_commit_callbacks):
    colleague = MembershipFactory(enterprise=thief.enterprise, role="member")
    InvitationFactory(enterprise=thief.enterprise, invited_by=thief.user)
    theirs = Client()
    theirs.force_login(thief.user)
    clerk = staff_of("140521")
    client.force_login(clerk)
    assert "冒名者" in client.get(page("part", thief.enterprise, thief.pk)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(
            page("part", thief.enterprise, thief.pk), {"reason": "法定代表人否认授权"}
        )
    assert done.status_code == 302
    assert Membership.objects.get() == colleague
    assert theirs.get(reverse("firm:members")).status_code == 404
    assert not Invitation.objects.standing().exists()
    record = Membership.history.filter(user=thief.user).first()
    assert (record.history_type, record.history_user) == ("-", clerk)
    assert record.history_change_reason == "法定代表人否认授权"
    assert "法定代表人否认授权" in Message.objects.get(recipient=colleague.user).text
    assert not Message.objects.filter(recipient=thief.user).exists()
    assert {address for letter in sent_letters() for address in letter.to} == {
        thief.user.email,
        colleague.user.email,
    }
    assert Delivery.objects.filter(state="sent").count() == 2
    shown = client.get(page("change", thief.enterprise)).content.decode()
    assert "法定代表人否认授权" in shown


def test_parting_takes_a_reason_and_happens_once(client, thief):
    client.force_login(staff_of("140522"))
    address = page("part", thief.enterprise, thief.pk)
    assert client.post(address, {"reason": ""}).status_code == 400
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "冒名"}).status_code == 302
    assert client.post(address, {"reason": "冒名"}).status_code == 404
    other = EnterpriseFactory(credit_code="91140522MA0K00003X", county__code="140522")
    mate = MembershipFactory(enterprise=thief.enterprise)
    assert client.post(page("part", other, mate.pk), {"reason": "x"}).status_code == 404


def test_a_firm_without_anybody_left_is_claimed_by_its_own(client, thief):
    claim = ClaimFactory(enterprise=thief.enterprise)
    client.force_login(staff_of("140521"))
    client.post(page("part", thief.enterprise, thief.pk), {"reason": "冒名"})
    decide = reverse("admin:enterprises_claim_decide", args=[claim.pk])
    assert client.post(decide, {"decision": "owner"}).status_code == 302
    membership = Membership.objects.get()
    assert (membership.user, membership.is_owner) == (claim.user, True)
