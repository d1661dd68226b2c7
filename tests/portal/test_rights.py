"""What a user may and sees: asked for in few queries, and anew at each request."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from portal.models import Jurisdiction, User
from portal.scope import in_charge
from tests.factories import JurisdictionFactory, UserFactory

LIST = reverse("admin:portal_user_changelist")
pytestmark = pytest.mark.django_db


def permission(name):
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


@pytest.fixture
def role():
    group = Group.objects.create(name="查询")
    group.permissions.add(permission("portal.view_user"), permission("cases.view_application"))
    return group


def codes_of(user):
    return set(Jurisdiction.objects.filter(in_charge(user, "code")).values_list("code", flat=True))


def test_rights_of_a_user_and_of_their_roles_take_one_query(role, django_assert_num_queries):
    user = UserFactory(permissions=["view_application", "view_fund"])
    user.groups.add(role)
    user = User.objects.get(pk=user.pk)

    with django_assert_num_queries(1):
        assert user.get_all_permissions() == {
            "cases.view_application", "money.view_fund", "portal.view_user",
        }  # fmt: skip
        assert user.has_perms(["money.view_fund", "portal.view_user"])
        assert not user.has_perm("portal.change_user")


def test_a_superuser_may_everything_an_inactive_one_nothing(django_assert_num_queries):
    user = UserFactory(permissions=[], is_superuser=True)
    every = Permission.objects.count()

    with django_assert_num_queries(1):
        assert len(user.get_all_permissions()) == every
    user.is_active = False
    assert user.get_all_permissions() == set()
    assert not user.has_perm("portal.view_user")


@pytest.mark.parametrize("way", ["role", "of_role", "own"])
def test_a_right_that_is_taken_away_is_gone_at_the_next_request(client, role, way):
    user = UserFactory(permissions=["view_user"] if way == "own" else [])
    if way != "own":
        user.groups.add(role)
    client.force_login(user)
    assert client.get(LIST).status_code == 200

    if way == "role":
        user.groups.remove(role)
    elif way == "of_role":
        role.permissions.remove(permission("portal.view_user"))
    else:
        user.user_permissions.clear()

    assert client.get(LIST).status_code == 403


def test_whom_staff_are_in_charge_of_is_asked_each_time():
    city, other = JurisdictionFactory(), JurisdictionFactory(code="140800", name="运城市")
    county = JurisdictionFactory(code="140521", name="沁水县", level="county", parent=city)
    user = UserFactory(permissions=[], jurisdiction_code=city.code)
    assert codes_of(user) == {"140500", "140521"}

    JurisdictionFactory(code="140522", name="阳城县", level="county", parent=city)
    assert codes_of(user) == {"140500", "140521", "140522"}
    county.parent = other
    county.save()
    assert codes_of(user) == {"140500", "140522"}
    user.jurisdiction_code = other.code
    assert codes_of(user) == {"140800", "140521"}


def test_without_a_place_only_a_superuser_is_in_charge():
    JurisdictionFactory()
    everything = set(Jurisdiction.objects.values_list("code", flat=True))

    assert codes_of(UserFactory(permissions=[], jurisdiction_code="")) == set()
    assert codes_of(UserFactory(permissions=[], jurisdiction_code="999999")) == set()
    above_all = UserFactory(permissions=[], jurisdiction_code="", is_superuser=True)
    assert codes_of(above_all) == everything
