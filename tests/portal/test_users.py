"""Users are deactivated with a reason, never deleted; who did it is kept."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from portal.models import User
from portal.users import UserError, deactivate_user, restore_user
from tests.factories import JurisdictionFactory, UserFactory

LIST = reverse("admin:portal_user_changelist")
pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    user = UserFactory(username="boss", is_superuser=True)
    client.force_login(user)
    return user


def page_of(user, name="active"):
    return reverse(f"admin:portal_user_{name}", args=[user.pk])


def deactivate(client, user, reason="已调离本单位"):
    return client.post(page_of(user), {"reason": reason, "seen": str(user.is_active)})


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def raw(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_nobody_deletes_a_user(client, boss):
    user = UserFactory()
    assert client.post(page_of(user, "delete"), {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"})
    refused(user.delete)
    refused(User.objects.filter(username=user.username).delete)
    refused(lambda: raw("DELETE FROM portal_user WHERE id = %s", user.pk))
    assert User.objects.filter(username=user.username).exists()
    assert "deletelink" not in client.get(page_of(user, "change")).content.decode()


def test_a_deactivated_user_is_out_at_once_and_it_is_kept_who_did_it(client, boss):
    user = UserFactory()
    theirs = Client()
    theirs.force_login(user)
    index = reverse("admin:index")
    assert theirs.get(index).status_code == 200
    assert deactivate(client, user).status_code == 302
    assert theirs.get(index).status_code == 302
    user.refresh_from_db()
    assert not user.is_active
    record = user.history.first()
    assert record.history_user == boss
    assert record.history_change_reason == "已调离本单位"
    page = client.get(page_of(user, "history")).content.decode()
    assert "是 → 否" in page
    assert "已调离本单位" in page
    assert "boss" in page


def test_an_old_session_does_not_come_back_with_the_account(client, boss):
    user = UserFactory()
    theirs, others = Client(), Client()
    theirs.force_login(user)
    others.force_login(UserFactory())
    deactivate(client, user)
    user.refresh_from_db()
    assert deactivate(client, user, "复职").status_code == 302
    user.refresh_from_db()
    assert user.is_active
    index = reverse("admin:index")
    assert theirs.get(index).status_code == 302
    assert others.get(index).status_code == 200


@pytest.mark.parametrize("reason", ["", "  "])
def test_deactivating_takes_a_reason(client, boss, reason):
    user = UserFactory()
    response = deactivate(client, user, reason)
    assert response.status_code == 400
    assert "请写明理由" in response.content.decode()
    user.refresh_from_db()
    assert user.is_active


def test_a_page_grown_old_changes_nothing(client, boss):
    user = UserFactory()
    deactivate(client, user)
    response = deactivate(client, user, "再一次")
    assert response.status_code == 400
    assert "再一次" in response.content.decode()
    user.refresh_from_db()
    assert not user.is_active


def test_the_form_itself_changes_nobody_to_inactive(client, boss):
    user = UserFactory()
    data = {
        "username": "renamed",
        "jurisdiction_code": "140521",
        "is_staff": "on",
        "why": "改名，也收回单独给的权限",
    }
    assert client.post(page_of(user, "change"), data).status_code == 302
    user.refresh_from_db()
    assert (user.username, user.is_active) == ("renamed", True)


def test_not_oneself_and_not_above_oneself(boss):
    with pytest.raises(UserError, match="自己"):
        deactivate_user(user=boss, actor=boss, reason="误")
    with pytest.raises(UserError, match="超级用户"):
        deactivate_user(user=boss, actor=UserFactory(), reason="越权")
    with pytest.raises(UserError, match="他人"):
        restore_user(user=UserFactory(), actor=boss, reason="本来就能用")


@pytest.mark.parametrize(("who", "status"), [(["view_user"], 403), ([], 403)])
def test_deactivating_takes_the_right_to_change_users(client, who, status):
    JurisdictionFactory(code="140521", name="沁水县", level="county")
    user = UserFactory()
    client.force_login(UserFactory(permissions=who))
    assert deactivate(client, user).status_code == status
    user.refresh_from_db()
    assert user.is_active


def test_history_holds_no_password_and_no_login(client, boss):
    user = UserFactory()
    user.set_password("a long pass phrase")
    user.save()
    before = user.history.count()
    assert client.login(username=user.username, password="a long pass phrase")
    assert user.history.count() == before
    record = user.history.first()
    assert not hasattr(record, "password")
    columns = {field.column for field in type(record)._meta.fields}
    assert not columns & {"password", "last_login"}


def test_history_tells_which_permissions_were_given(client, boss):
    user = UserFactory(permissions=["view_application"])
    page = client.get(page_of(user, "history")).content.decode()
    assert "用户权限" in page
    assert user.history.first().user_permissions.count() == 1
