"""One's own account: another password, another address, and the end of other sessions."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.addresses import AddressTakenError, confirm_address
from portal.models import User
from tests.factories import PASSWORD, FirmUserFactory, UserFactory, hashed
from tests.letters import sent_letters

HOME, LOGIN = reverse("account_home"), reverse("account_login")
PASSWORD_PAGE, ADDRESS = reverse("account_change_password"), reverse("account_change_address")
ELSEWHERE = reverse("account_log_out_elsewhere")
NEW = "another pass phrase"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def staff():
    return UserFactory(email="clerk@centre.example", password=hashed(PASSWORD), permissions=[])


def firm():
    return FirmUserFactory(email="office@firm.example")


@pytest.fixture(params=[firm, staff])
def user(request, client):
    found = request.param()
    client.force_login(found)
    return found


@pytest.fixture
def elsewhere(user):
    other = Client()
    other.force_login(user)
    return other


def is_in(client):
    return client.get(HOME).status_code == 200


def change_password(client, old=PASSWORD, new=NEW):
    data = {"oldpassword": old, "password1": new, "password2": new}
    return client.post(PASSWORD_PAGE, data)


def ask(client, email="new@firm.example", password=PASSWORD):
    return client.post(ADDRESS, {"email": email, "password": password})


def link(number=-1):
    return re.search(r"https?://[^/]+(/\S+)", sent_letters()[number].body)[1]


def test_a_new_password_ends_all_other_sessions_and_is_told_by_mail(client, user, elsewhere):
    assert "更改密码" in client.get(PASSWORD_PAGE).content.decode()
    assert change_password(client).url == HOME
    assert is_in(client)
    assert not is_in(elsewhere)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert [letter.to for letter in sent_letters()] == [[user.email]]
    assert "更改了密码" in sent_letters()[0].body


@pytest.mark.parametrize(("old", "new"), [("wrong", NEW), ("", NEW), (PASSWORD, "12345678")])
def test_a_slip_in_a_new_password_changes_nothing(client, user, old, new):
    response = change_password(client, old, new)
    assert response.context["form"].errors
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert not sent_letters()


def test_the_admin_has_no_second_way_to_a_new_password(client):
    client.force_login(staff())
    assert client.get(reverse("admin:password_change")).url == PASSWORD_PAGE


def test_a_password_set_anew_by_mail_is_told_too(client):
    user = firm()
    client.post(reverse("account_reset_password"), {"email": user.email})
    form = client.get(link(), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert [letter.to for letter in sent_letters()] == [[user.email]] * 2
    assert "设置了新密码" in sent_letters()[1].body


def test_logging_out_elsewhere_leaves_this_session_and_those_of_others(client, user, elsewhere):
    stranger = Client()
    stranger.force_login(FirmUserFactory())
    assert client.get(ELSEWHERE).status_code == 405
    assert client.post(ELSEWHERE).url == HOME
    assert is_in(client)
    assert is_in(stranger)
    assert not is_in(elsewhere)


def test_a_new_address_counts_once_its_letter_is_opened_and_the_old_one_is_told(client, user):
    before = user.email
    assert ask(client, "New@firm.example").url == HOME
    assert [letter.to for letter in sent_letters()] == [["new@firm.example"]]
    user.refresh_from_db()
    assert user.email == before
    assert "确认后" in client.get(link()).content.decode()
    user.refresh_from_db()
    assert user.email == before
    page = link()
    assert client.post(page).url == HOME
    user.refresh_from_db()
    assert user.email == "new@firm.example"
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.primary, address.verified) == (user.email, True, True)
    assert sent_letters()[-1].to == [before]
    assert client.post(page).status_code == 404
    guest = Client()
    assert guest.post(LOGIN, {"login": before, "password": PASSWORD}).status_code == 200
    assert guest.post(LOGIN, {"login": user.email, "password": PASSWORD}).status_code == 302


def test_an_address_that_nobody_confirmed_keeps_its_owner_out_of_nothing(client, user):
    ask(client, "owner@firm.example")
    assert not EmailAddress.objects.filter(email="owner@firm.example").exists()
    Client().post(reverse("account_signup"), {"email": "owner@firm.example"})
    assert sent_letters()[-1].subject == "请继续注册企业账户"


def test_the_letter_serves_whoever_asked_for_it_and_nobody_else(client, user):
    ask(client)
    assert Client().post(link()).url.startswith(LOGIN)
    other = Client()
    other.force_login(FirmUserFactory())
    assert other.post(link()).status_code == 404
    assert client.post(reverse("account_confirm_address", args=["made-up"])).status_code == 404
    assert User.objects.filter(email="new@firm.example").count() == 0


def test_a_letter_is_over_after_three_days_and_after_another_change(client, user, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00", tick=False)
    client.force_login(user)
    ask(client, "first@firm.example")
    ask(client, "second@firm.example")
    client.post(link(1))
    assert client.post(link(0)).status_code == 404
    ask(client, "third@firm.example")
    third = link()
    time_machine.move_to("2026-11-24 12:00+08:00", tick=False)
    client.force_login(user)
    assert client.post(third).status_code == 404
    user.refresh_from_db()
    assert user.email == "second@firm.example"


def test_asking_for_an_address_tells_nobody_whether_it_has_an_account(client, user):
    FirmUserFactory(email="known@firm.example")
    answers = []
    for email in ("known@firm.example", "nobody@firm.example"):
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, email)
        shown = [str(each).replace(email, "") for each in client.get(HOME).context["messages"]]
        answers.append((response.status_code, response.url, shown, len(queries)))
    assert answers[0] == answers[1]
    assert [letter.to for letter in sent_letters()] == [
        ["known@firm.example"],
        ["nobody@firm.example"],
    ]
    assert "confirm" not in sent_letters()[0].body
    assert "/account/address/" not in sent_letters()[0].body


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [("nonsense", PASSWORD, "email"), ("new@firm.example", "wrong", "password")],
)
def test_a_slip_in_a_new_address_is_named_and_nothing_is_sent(client, user, email, password, field):
    response = ask(client, email, password)
    assert response.context["form"].errors[field]
    assert f'value="{email}"' in response.content.decode()
    assert not sent_letters()


def test_an_address_gets_a_few_letters_an_hour(client, user):
    answers = [ask(client).status_code for _ in range(7)]
    assert answers == [302] * 5 + [200] * 2
    assert len(sent_letters()) == 5


def test_letters_of_one_kind_leave_those_of_the_other(client, user):
    """Nobody keeps an owner from signing up by asking to change to their address."""
    for _ in range(6):
        ask(client, "owner@firm.example")
    Client().post(reverse("account_signup"), {"email": "owner@firm.example"})
    assert sent_letters()[-1].subject == "请继续注册企业账户"


def test_an_address_taken_meanwhile_is_not_taken_over(user):
    FirmUserFactory(email="new@firm.example")
    with pytest.raises(AddressTakenError):
        confirm_address(user, "new@firm.example")
    user.refresh_from_db()
    assert user.email != "new@firm.example"


def test_staff_confirm_the_address_that_they_were_given(client):
    user = staff()
    client.force_login(user)
    assert "还没有确认" in client.get(HOME).content.decode()
    ask(client, user.email)
    client.post(link())
    assert EmailAddress.objects.get(user=user).verified
    assert len(sent_letters()) == 1
    assert "还没有确认" not in client.get(HOME).content.decode()


@pytest.mark.parametrize("page", [HOME, PASSWORD_PAGE, ADDRESS])
def test_strangers_log_in_first(client, page):
    assert client.get(page).url.startswith(LOGIN)
