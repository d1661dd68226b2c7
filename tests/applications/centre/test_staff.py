"""User managers: whose accounts they make and change, which roles they give, and what they never do."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.models import User
from tests.applications.centre.test_roles import of_role
from tests.breaking import broken_guards
from tests.factories import FirmUserFactory, JurisdictionFactory, MembershipFactory, UserFactory
from tests.letters import sent_letters

LIST = reverse("admin:portal_user_changelist")
ADD = reverse("admin:portal_user_add")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def places():
    city, other = JurisdictionFactory(), JurisdictionFactory(code="140800", name="运城市")
    for code, name, parent in (
        ("140521", "沁水县", city), ("140522", "阳城县", city), ("140802", "盐湖区", other),
    ):  # fmt: skip
        JurisdictionFactory(code=code, name=name, level="county", parent=parent)


@pytest.fixture
def manager(client, places):
    """Of 晋城市, who may also review."""
    user = of_role("用户管理", jurisdiction_code="140500", username="manager")
    user.groups.add(Group.objects.get(name="审核员"))
    client.force_login(user)
    return user


def page(user, name="change"):
    address = f"admin:{'auth' if name == 'password_change' else 'portal'}_user_{name}"
    return reverse(address, args=[user.pk])


def group(name):
    return Group.objects.get(name=name)


def save(client, user, *roles, code="140521", **changes):
    data = {
        "username": user.username,
        "groups": [group(name).pk for name in roles],
        "jurisdiction_code": code,
        "email": user.email,
        "why": "岗位调整",
        **changes,
    }
    response = client.post(page(user), data)
    user = User.objects.get(pk=user.pk)
    return response.status_code, {each.name for each in user.groups.all()}, user


def test_a_manager_sees_the_staff_of_their_place_and_no_firms(client, manager):
    own = UserFactory(username="own-staff")
    UserFactory(username="far-staff", jurisdiction_code="140802")
    UserFactory(username="placeless", jurisdiction_code="")
    firm = MembershipFactory().user
    shown = set(client.get(LIST).context["cl"].queryset)
    assert shown == {own, manager}
    assert client.get(page(firm)).status_code == 404


def test_whom_a_manager_adds_is_staff_of_their_own_place_without_rights(client, manager):
    data = {
        "username": "fresh", "password1": "a long pass phrase", "password2": "a long pass phrase",
        "usable_password": "true", "is_superuser": "on", "jurisdiction_code": "100000",
        "email": "Fresh@Centre.example",
    }  # fmt: skip
    assert client.post(ADD, data).status_code == 302
    fresh = User.objects.get(username="fresh")
    assert (fresh.is_staff, fresh.is_superuser, fresh.jurisdiction_code) == (True, False, "140500")
    assert fresh.email == "fresh@centre.example"
    assert not fresh.get_all_permissions()
    status, roles, fresh = save(client, fresh, "审核员")
    assert (status, roles, fresh.jurisdiction_code) == (302, {"审核员"}, "140521")


def test_the_head_of_an_office_makes_and_ends_accounts_and_sees_who_may_what(client, places):
    head = of_role("负责人", jurisdiction_code="140500", username="head")
    head.groups.add(group("用户管理"))
    client.force_login(head)
    menu = client.get(reverse("admin:index")).content.decode()
    assert reverse("admin:centre_figures_changelist") in menu
    assert LIST in menu
    data = {
        "username": "fresh", "password1": "a long pass phrase", "password2": "a long pass phrase",
        "usable_password": "true", "email": "",
    }  # fmt: skip
    assert "必填项" in client.post(ADD, data).content.decode()
    assert client.post(ADD, data | {"email": "fresh@centre.example"}).status_code == 302
    fresh = User.objects.get(username="fresh")
    assert save(client, fresh, "负责人")[:2] == (302, {"负责人"})
    listed = client.get(LIST).content.decode().rpartition("fresh</a>")[2]
    assert "负责人" in listed.split("<tr>")[0]
    client.post(page(fresh, "active"), {"reason": "调走", "seen": "True"})
    assert not User.objects.get(pk=fresh.pk).is_active


@pytest.mark.parametrize("boss", [False, True])
@pytest.mark.parametrize(
    ("email", "told"),
    [("", "必填项"), ("nobody", "有效的"), ("Clerk@Centre.example", "已有账号")],
)
def test_nobody_makes_an_account_without_an_address_of_its_own(client, manager, boss, email, told):
    UserFactory(email="clerk@centre.example")
    if boss:
        client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    data = {
        "username": "fresh", "password1": "a long pass phrase", "password2": "a long pass phrase",
        "usable_password": "true", "email": email,
    }  # fmt: skip
    answer = client.post(ADD, data)
    assert told in "".join(answer.context["adminform"].form.errors["email"])
    assert not User.objects.filter(username="fresh").exists()


def test_an_address_is_not_taken_away(client, manager):
    account = UserFactory(permissions=[], email="clerk@centre.example")
    assert save(client, account, email="")[0] == 200
    account.refresh_from_db()
    assert account.email == "clerk@centre.example"


@pytest.mark.parametrize(
    "change", [{}, {"code": "140522", "roles": ["审核员"]}], ids=["role taken", "moved"]
)
def test_what_ends_a_right_needs_a_reason_that_stays_on_record(client, manager, change):
    account = UserFactory(permissions=[])
    account.groups.add(group("审核员"))
    roles, code = change.get("roles", []), change.get("code", "140521")
    status, kept, account = save(client, account, *roles, code=code, why=" ")
    assert (status, kept, account.jurisdiction_code) == (200, {"审核员"}, "140521")
    status, kept, account = save(client, account, *roles, code=code, why="调到阳城县")
    assert (status, kept, account.jurisdiction_code) == (302, set(roles), code)
    assert account.history.first().history_change_reason == "调到阳城县"
    assert "调到阳城县" in client.get(page(account, "history")).content.decode()


def test_what_gives_a_right_needs_none(client, manager):
    account = UserFactory(permissions=[])
    assert save(client, account, "审核员", why="")[:2] == (302, {"审核员"})


def test_the_list_says_who_may_what_where_and_how_they_log_in(
    client, manager, django_assert_num_queries
):
    clerk = UserFactory(permissions=[], username="clerk", last_login=timezone.now())
    clerk.groups.add(group("财务"), group("审核员"))
    Authenticator.objects.create(user=clerk, type=Authenticator.Type.TOTP, data={})
    UserFactory(username="other", jurisdiction_code="140522")
    shown = client.get(LIST)
    lines = {
        line.split("</a>")[0].rpartition(">")[2]: line
        for line in shown.content.decode().split("<tr>")[2:]
    }
    for told in ("财务", "审核员", "沁水县", "已设置"):
        assert told in lines["clerk"]
    assert "阳城县" in lines["other"]
    assert "另有单独给的权限" in lines["other"]
    assert "没有" in lines["other"]
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _ in range(9):
        UserFactory().groups.add(group("审核员"))
    with django_assert_num_queries(len(few)):
        client.get(LIST)


def test_a_manager_gives_no_role_that_allows_more_than_they_may(client, manager):
    account = UserFactory(permissions=[])
    shown = client.get(page(account)).context["adminform"].form.fields["groups"].queryset
    assert {each.name for each in shown} == {"审核员", "用户管理"}
    for role in ("财务", "审计", "政策编辑", "评审专家"):
        status, roles, _ = save(client, account, role)
        assert (status, roles) == (200, set())
    assert save(client, account, "审核员", "用户管理")[1] == {"审核员", "用户管理"}


def test_roles_that_a_manager_cannot_give_stay_when_they_save(client, manager):
    account = UserFactory(permissions=[])
    account.groups.add(group("财务"))
    assert (
        "另有不由您管理的角色，保存时不会改动：财务" in client.get(page(account)).content.decode()
    )
    assert save(client, account, "审核员")[1] == {"财务", "审核员"}
    assert save(client, account)[1] == {"财务"}


@pytest.mark.parametrize("code", ["140500", "140522"])
def test_a_manager_gives_an_account_that_may_more_no_other_place(client, manager, code):
    """Its rights would reach where nobody gave them."""
    account = UserFactory(permissions=[])
    account.groups.add(group("财务"))
    assert 'name="jurisdiction_code"' not in client.get(page(account)).content.decode()
    assert save(client, account, code=code)[2].jurisdiction_code == "140521"


@pytest.mark.parametrize("code", ["140800", "140802", "100000", ""])
def test_a_manager_moves_nobody_out_of_their_own_place(client, manager, code):
    account = UserFactory(permissions=[])
    status, _, account = save(client, account, code=code)
    assert (status, account.jurisdiction_code) == (200, "140521")
    assert save(client, account, code="140522")[2].jurisdiction_code == "140522"


def test_a_manager_does_not_become_somebody_who_may_more(client, manager):
    account = UserFactory(permissions=[], email="pay@centre.example")
    account.groups.add(group("财务"))
    before = account.username
    assert client.get(page(account, "password_change")).status_code == 403
    answer = client.post(page(account, "password_change"), {"password1": "x", "password2": "x"})
    assert answer.status_code == 403
    save(client, account, username="taken", email="taken@evil.example", mobile="13800000000")
    account.refresh_from_db()
    assert (account.username, account.email) == (before, "pay@centre.example")
    assert account.mobile == ""
    account.groups.clear()
    assert client.get(page(account, "password_change")).status_code == 200
    save(client, account, email="own@centre.example")
    account.refresh_from_db()
    assert account.email == "own@centre.example"


def test_rights_count_though_an_account_is_out_of_service(client, manager):
    account = UserFactory(permissions=[], is_active=False)
    account.groups.add(group("财务"))
    assert client.get(page(account, "password_change")).status_code == 403


def test_a_manager_changes_neither_themselves_nor_superusers(client, manager):
    boss = UserFactory(is_superuser=True, permissions=[])
    for account in (manager, boss):
        assert client.post(page(account), {"username": "x"}).status_code == 403
        assert client.get(page(account, "password_change")).status_code == 403
        assert client.post(page(account, "active"), {"reason": "x"}).status_code == 403


def test_a_manager_gives_no_rights_one_by_one_and_takes_nobody_from_the_staff(client, manager):
    account = UserFactory(permissions=[])
    right = group("财务").permissions.first()
    save(client, account, user_permissions=[right.pk], is_superuser="on")
    account = User.objects.get(pk=account.pk)
    assert (account.is_superuser, account.is_staff) == (False, True)
    assert not account.user_permissions.exists()


def test_a_manager_takes_an_account_that_may_more_out_of_service_and_not_back(client, manager):
    account = UserFactory(permissions=[])
    account.groups.add(group("财务"))
    client.post(page(account, "active"), {"reason": "调离", "seen": "True"})
    account.refresh_from_db()
    assert not account.is_active
    assert page(account, "active") not in client.get(page(account)).content.decode()
    answer = client.post(page(account, "active"), {"reason": "回来", "seen": "False"})
    assert answer.status_code == 403
    account.refresh_from_db()
    assert not account.is_active


def test_a_manager_deactivates_and_restores_staff_with_a_reason(client, manager):
    account = UserFactory(permissions=[])
    account.groups.add(group("审核员"))
    client.post(page(account, "active"), {"reason": "调离", "seen": "True"})
    account.refresh_from_db()
    assert not account.is_active
    client.post(page(account, "active"), {"reason": "回来", "seen": "False"})
    account.refresh_from_db()
    assert account.is_active


def test_a_manager_without_a_place_manages_nobody(client, places):
    UserFactory()
    client.force_login(of_role("用户管理", jurisdiction_code=""))
    assert client.get(ADD).status_code == 403
    assert not client.get(LIST).context["cl"].queryset.exists()


def test_a_superuser_still_gives_every_role_and_place(client, places):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    account = UserFactory(permissions=[])
    status, roles, account = save(client, account, "财务", "审计", code="140802", is_staff="on")
    assert (status, roles) == (302, {"财务", "审计"})
    assert account.jurisdiction_code == "140802"


@pytest.mark.parametrize(
    ("model", "right"),
    [(Group, "auth.{}_group"), (EmailAddress, "account.{}_emailaddress")],
)
def test_what_leads_to_every_right_is_for_superusers_only(client, manager, model, right):
    """A group allows in all places; with an address one has a password set anew."""
    for name in ("view", "add", "change", "delete"):
        app, codename = right.format(name).split(".")
        manager.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    own = Group.objects.create(name="本中心值班")
    address = FirmUserFactory().emailaddress_set.get()
    row = own if model is Group else address
    base = f"admin:{row._meta.app_label}_{row._meta.model_name}"
    for name, args in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        response = client.post(
            reverse(f"{base}_{name}", args=args),
            {"name": "x", "permissions": [1], "email": "x@y.cn", "post": "yes"},
        )
        assert response.status_code == 403, name
    assert model.objects.filter(pk=row.pk).exists()


def test_what_a_group_allows_keeps_its_history(client, places):
    boss = UserFactory(is_superuser=True, jurisdiction_code="")
    client.force_login(boss)
    own = Group.objects.create(name="本中心值班")
    right = Permission.objects.get(codename="pay_awards")
    change = reverse("admin:auth_group_change", args=[own.pk])
    assert client.post(change, {"name": own.name, "permissions": [right.pk]}).status_code == 302
    record = own.history.first()
    assert record.history_user == boss
    assert [each.permission for each in record.permissions.all()] == [right]
    assert "权限" in client.get(reverse("admin:auth_group_history", args=[own.pk])).content.decode()
    boss.user_permissions.add(right)
    boss.groups.add(own)
    connection.check_constraints()  # PostgreSQL empties no table that has checks to come
    faults = [each for each in broken_guards() if each.startswith("portal_historical")]
    assert faults == []


def test_whose_password_or_address_a_manager_sets_is_told_and_logged_out(client, manager):
    account = UserFactory(permissions=[], email="clerk@centre.example")
    EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=True)
    theirs = Client()
    theirs.force_login(account)
    new = {
        "password1": "another pass phrase",
        "password2": "another pass phrase",
        "usable_password": "true",
        "set-password": "",
    }
    assert client.post(page(account, "password_change"), new).status_code == 302
    assert sent_letters()[-1].to == ["clerk@centre.example"]
    assert theirs.get(reverse("account_home")).status_code == 302
    assert client.get(LIST).status_code == 200
    save(client, account, email="other@centre.example")
    assert sent_letters()[-1].to == ["clerk@centre.example"]
    assert not EmailAddress.objects.filter(email="clerk@centre.example").exists()
    save(client, account, email="other@centre.example")
    assert len(sent_letters()) == 2
