"""Guessing: the same work whoever asks, one limit an account, and none on the owner's own device."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import reverse

from portal.accounts.backend import account_of
from tests.factories import PASSWORD, FirmUserFactory, UserFactory, hashed
from tests.letters import sent_letters
from tests.second_factor import CHECK_LOGIN, LOGIN, code_of, give_app, log_in, wrong_code

HOME, RESET = reverse("firm:enterprise"), reverse("account_reset_password")
TOO_MANY = "试错的次数过多"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def hashes(monkeypatch):
    """The password hashes that are made or compared."""
    made = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counting(self, *args, real=real, name=name, **kwargs):
            made.append(name)
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Argon2PasswordHasher, name, counting)
    return made


@pytest.fixture
def people(db):
    """Accounts by what somebody who asks may know of them."""
    FirmUserFactory(username="known", email="known@firm.example")
    FirmUserFactory(username="new", email="new@firm.example", confirmed=False)
    FirmUserFactory(username="gone", email="gone@firm.example", is_active=False)
    UserFactory(username="clerk", email="clerk@centre.example", password=hashed(PASSWORD))
    UserFactory(username="shared@firm.example", password=hashed(PASSWORD))
    FirmUserFactory(username="invited", email="invited@firm.example", password="!unusable")


NAMES = {
    "known e-mail": "known@firm.example",
    "known user name": "known",
    "unknown e-mail": "nobody@firm.example",
    "unknown user name": "nobody",
    "unconfirmed": "new@firm.example",
    "inactive": "gone@firm.example",
    "staff by e-mail": "clerk@centre.example",
    "staff by name": "clerk",
    "a user name like an e-mail": "shared@firm.example",
    "no password set": "invited@firm.example",
}


def guess(client, login, password="a wrong pass phrase", **more):
    return client.post(LOGIN, {"login": login, "password": password}, **more)


@pytest.mark.parametrize("who", NAMES)
def test_a_log_in_makes_one_hash_whoever_asks(people, hashes, who):
    guess(Client(), NAMES[who])
    assert len(hashes) == 1


@pytest.mark.parametrize("address", [RESET, reverse("account_signup")])
def test_asking_to_sign_up_or_for_a_password_hashes_nothing_and_answers_alike(
    people, hashes, address
):
    answers = set()
    for email in ("known@firm.example", "clerk@centre.example", "nobody@firm.example"):
        answers.add(Client().post(address, {"email": email}).url)
    assert len(answers) == 1
    assert not hashes


def test_checking_ones_password_again_makes_one_hash(people, hashes):
    client = Client()
    client.force_login(account_of("known@firm.example"))
    client.post(reverse("account_reauthenticate"), {"password": "a wrong pass phrase"})
    assert len(hashes) == 1


def test_e_mail_and_user_name_count_together(people):
    names = ["known", "known@firm.example", "KNOWN", " Known@firm.example"]
    for number in range(5):
        assert TOO_MANY not in guess(Client(), names[number % 4]).content.decode()
    for name in names:
        assert TOO_MANY in guess(Client(), name, PASSWORD).content.decode()


def test_an_unknown_name_is_stopped_like_a_known_one(people):
    for number in range(6):
        page = guess(Client(), "nobody@firm.example").content.decode()
        assert (TOO_MANY in page) is (number == 5)


def test_guesses_of_strangers_do_not_keep_a_known_device_out(people):
    owner = Client()
    assert guess(owner, "known", PASSWORD).url == HOME
    owner.post(reverse("account_logout"))
    for number in range(30):
        guess(Client(REMOTE_ADDR=f"192.0.2.{number}"), "known@firm.example")
    assert TOO_MANY in guess(Client(), "known", PASSWORD).content.decode()
    assert guess(owner, "known@firm.example", PASSWORD).url == HOME


def test_guesses_from_the_owners_own_address_do_not_either(people):
    owner = Client()
    guess(owner, "known", PASSWORD)
    owner.post(reverse("account_logout"))
    for number in range(12):
        guess(Client(), f"nobody{number}")
    assert guess(owner, "known", PASSWORD).url == HOME


def test_a_known_device_has_a_limit_of_its_own_and_is_known_for_its_account_only(people):
    owner = Client()
    guess(owner, "known", PASSWORD)
    owner.post(reverse("account_logout"))
    for _ in range(5):
        guess(owner, "clerk")
    assert TOO_MANY in guess(Client(), "clerk", PASSWORD).content.decode()
    for _ in range(5):
        guess(owner, "known")
    assert TOO_MANY in guess(owner, "known", PASSWORD).content.decode()
    assert guess(Client(), "known", PASSWORD).url == HOME


def test_a_made_up_device_is_none(people):
    for number in range(6):
        client = Client()
        client.cookies["known_device"] = f"eyJhIjoiYiJ9:forged{number}"
        page = guess(client, "known").content.decode()
    assert TOO_MANY in page


def test_the_cookie_of_a_device_tells_nobody_whose_it_is(people):
    client = Client()
    guess(client, "known", PASSWORD)
    cookie = client.cookies["known_device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "known" not in cookie.value


def test_one_address_guesses_at_ten_accounts_a_minute_at_most(people, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00", tick=False)
    pages = [guess(Client(), f"nobody{number}").content.decode() for number in range(12)]
    assert [TOO_MANY in page for page in pages] == [False] * 10 + [True] * 2
    assert TOO_MANY in guess(Client(), "known", PASSWORD).content.decode()
    assert guess(Client(REMOTE_ADDR="192.0.2.1"), "known", PASSWORD).url == HOME


def test_right_passwords_are_not_counted(people):
    for _ in range(7):
        assert guess(Client(), "known", PASSWORD).url == HOME


def test_a_new_password_by_mail_lets_the_owner_in_again(people):
    for number in range(6):
        guess(Client(REMOTE_ADDR=f"192.0.2.{number}"), "known")
    owner = Client()
    owner.post(RESET, {"email": "known@firm.example"})
    address = "/" + sent_letters()[-1].body.split("://")[1].split("/", 1)[1].split()[0]
    form = owner.get(address, follow=True).request["PATH_INFO"]
    new = "another pass phrase"
    assert owner.post(form, {"password1": new, "password2": new}).status_code == 302
    for number in range(6):
        guess(Client(REMOTE_ADDR=f"192.0.2.{number}"), "known")
    assert guess(owner, "known", new).url == HOME


def test_guessing_codes_is_stopped(people):
    user = account_of("clerk")
    app = give_app(user)
    client = Client()
    log_in(client, user)
    for _ in range(5):
        client.post(CHECK_LOGIN, {"code": wrong_code(app)})
    page = client.post(CHECK_LOGIN, {"code": code_of(app)})
    assert TOO_MANY in page.content.decode()


def test_guessing_ones_password_again_is_stopped(people):
    client = Client()
    client.force_login(account_of("known"))
    check = reverse("account_reauthenticate")
    for _ in range(5):
        client.post(check, {"password": "a wrong pass phrase"})
    page = client.post(check, {"password": PASSWORD})
    assert TOO_MANY in page.content.decode()


PASSWORD_PAGES = {
    reverse("account_change_password"): {
        "oldpassword": "a wrong pass phrase",
        "password1": "another pass phrase",
        "password2": "another pass phrase",
    },
    reverse("account_change_address"): {
        "email": "other@firm.example",
        "password": "a wrong pass phrase",
    },
    reverse("firm:close-account"): {"password": "a wrong pass phrase"},
}


@pytest.mark.parametrize("address", PASSWORD_PAGES)
def test_guesses_on_each_page_that_asks_for_the_password_count_with_those_at_log_in(
    people, address
):
    client, typed = Client(), PASSWORD_PAGES[address]
    client.force_login(account_of("known"))
    for _ in range(5):
        assert TOO_MANY not in client.post(address, typed).content.decode()
    right = {name: PASSWORD if "wrong" in value else value for name, value in typed.items()}
    assert TOO_MANY in client.post(address, right).content.decode()
    assert TOO_MANY in guess(Client(), "known", PASSWORD).content.decode()
    assert account_of("known").check_password(PASSWORD)


def test_a_name_stands_for_one_account():
    """The confirmed address before a user name, staff before those who only said it was theirs."""
    stranger = FirmUserFactory(username="x", email="clerk@centre.example", confirmed=False)
    clerk = UserFactory(username="clerk", email="clerk@centre.example")
    assert account_of("clerk@centre.example") == clerk
    EmailAddress.objects.filter(user=stranger).update(verified=True)
    assert account_of("clerk@centre.example") == stranger
    assert account_of("clerk") == clerk
    assert account_of("nobody") is None
