"""The second factor: staff need one, firms may have one; its secrets are for nobody's eyes."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from portal.models import User
from portal.second_factor.resetting import reset_factor
from portal.users import UserError
from tests.factories import PASSWORD, FirmUserFactory, JurisdictionFactory, UserFactory, hashed
from tests.letters import sent_letters
from tests.portal.test_settings import KEY, check
from tests.second_factor import (
    CHECK_LOGIN,
    LOGIN,
    code_of,
    codes_for_recovery,
    give_app,
    log_in,
    shown,
    wrong_code,
)

INDEX, FACTORS = reverse("admin:index"), reverse("mfa_index")
APP, CODES = reverse("mfa_activate_totp"), reverse("mfa_view_recovery_codes")
REMOVE, NEW_CODES = reverse("mfa_deactivate_totp"), reverse("mfa_generate_recovery_codes")
CHECK = reverse("mfa_reauthenticate")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def clerk():
    return UserFactory(username="clerk", email="clerk@centre.example", password=hashed(PASSWORD))


def text_of(response):
    return response.content.decode()


def set_up_app(client):
    """Set up an app by the page; its secret, and the answer."""
    page = client.get(APP)
    secret = re.search(r'id="secret">(\w+)<', text_of(page))[1]
    return secret, client.post(APP, {"code": shown(secret)})


@pytest.mark.parametrize(
    "name", ["admin:index", "admin:cases_application_changelist", "admin:password_change"]
)
def test_staff_without_a_factor_are_led_to_set_one_up_before_any_admin_page(
    client, required, clerk, name
):
    log_in(client, clerk)
    page = client.get(reverse(name), follow=True)
    assert page.request["PATH_INFO"] == FACTORS
    assert len(page.redirect_chain) == 1
    assert "要先开通二次验证" in text_of(page)
    assert client.post(reverse(name)).url.startswith(FACTORS)


def test_what_staff_may_open_outside_the_admin_waits_for_the_factor_too(client, required, clerk):
    client.force_login(clerk)
    for name in ("firm:enterprise", "pages:home"):
        assert client.get(reverse(name)).url.startswith(FACTORS)
    assert client.get(reverse("healthz")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302


def test_staff_set_up_an_app_see_the_codes_once_and_go_on_where_they_were_going(
    client, required, clerk
):
    log_in(client, clerk)
    wanted = reverse("admin:cases_message_changelist")
    client.get(wanted, follow=True)
    secret, done = set_up_app(client)
    assert done.url == CODES
    page = client.get(CODES)
    shown_codes = re.findall(r'<li class="code">(\d+)</li>', text_of(page))
    assert shown_codes == codes_for_recovery(clerk)
    assert len(shown_codes) == 10
    assert f'href="{wanted}"' in text_of(page)
    assert "no-store" in page["Cache-Control"]
    assert client.get(wanted).status_code == 200
    again = text_of(client.get(CODES))
    assert not any(code in again for code in shown_codes)
    assert "看不到了" in again
    assert secret not in text_of(client.get(FACTORS))


def test_logging_in_takes_the_password_and_a_code(client, required, clerk):
    app = give_app(clerk)
    assert log_in(client, clerk).url == CHECK_LOGIN
    assert client.get(INDEX).url.startswith(reverse("admin:login"))
    refused = client.post(CHECK_LOGIN, {"code": wrong_code(app)})
    assert "没有通过" in text_of(refused)
    assert client.get(INDEX).status_code == 302
    assert client.post(CHECK_LOGIN, {"code": code_of(app)}).url == INDEX
    assert client.get(INDEX).status_code == 200


def test_a_session_that_was_opened_without_the_factor_is_asked_for_it(client, required, clerk):
    app = give_app(clerk)
    client.force_login(clerk)
    wanted = reverse("admin:cases_message_changelist")
    asked = client.get(wanted)
    assert asked.url.startswith(CHECK)
    passed = client.post(CHECK, {"second_factor-code": code_of(app), "next": wanted})
    assert passed.url == wanted
    assert client.get(wanted).status_code == 200


@pytest.mark.parametrize("has_session", [False, True])
def test_the_admins_own_log_in_page_is_no_way_around(client, required, clerk, has_session):
    give_app(clerk)
    if has_session:
        other = UserFactory()
        log_in(client, other, give_app(other))
    typed = {"username": "clerk", "password": PASSWORD, "next": INDEX}
    client.post(reverse("admin:login"), typed)
    user = client.session.get("_auth_user_id")
    assert user != str(clerk.pk)
    page = client.get(reverse("admin:login"), follow=True)
    assert page.request["PATH_INFO"] == (INDEX if has_session else LOGIN)


def test_a_firm_may_switch_it_on_and_is_asked_then(client, required):
    user = FirmUserFactory(email="office@firm.example")
    home = reverse("firm:enterprise")
    assert log_in(client, user).url == home
    assert client.get(home).status_code == 200
    _, done = set_up_app(client)
    assert done.url == CODES
    other = Client()
    assert log_in(other, user).url == CHECK_LOGIN
    assert other.get(home).status_code == 302


def test_setting_up_a_factor_takes_the_password_again_after_a_while(client, clerk, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00", tick=False)
    log_in(client, clerk)
    assert client.get(APP).status_code == 200
    time_machine.shift(700)
    asked = client.get(APP)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    wrong = client.post(asked.url, {"password": "a wrong pass phrase"})
    assert "密码" in text_of(wrong)
    assert client.post(asked.url, {"password": PASSWORD}).url == APP
    assert client.get(APP).status_code == 200


def test_whoever_has_a_factor_changes_it_with_the_factor_and_not_with_the_password(
    client, clerk, time_machine
):
    time_machine.move_to("2026-11-20 12:00+08:00", tick=False)
    app = give_app(clerk)
    log_in(client, clerk, app)
    time_machine.shift(700)
    for page in (REMOVE, NEW_CODES):
        assert client.get(page).url.startswith(CHECK)
        assert client.post(page).url.startswith(CHECK)
    by_password = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert by_password.url.startswith(CHECK)
    assert Authenticator.objects.filter(pk=app.pk).exists()


def test_a_code_opens_once_and_none_older_than_it(client, clerk, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00", tick=False)
    app = give_app(clerk)
    older, code = code_of(app), shown(decrypt(app.data["secret"]))
    log_in(client, clerk)
    assert client.post(CHECK_LOGIN, {"code": code}).url == INDEX
    time_machine.shift(31)
    for used in (code, older):
        other = Client()
        log_in(other, clerk)
        assert "没有通过" in text_of(other.post(CHECK_LOGIN, {"code": used}))


def test_full_width_digits_and_spaces_are_a_code_too(client, clerk):
    app = give_app(clerk)
    log_in(client, clerk)
    code = code_of(app)
    typed = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert client.post(CHECK_LOGIN, {"code": f"{typed[:3]} {typed[3:]}"}).url == INDEX


def test_a_recovery_code_opens_once_and_the_owner_is_told_how_many_are_left(
    client, clerk, django_capture_on_commit_callbacks
):
    give_app(clerk)
    code = codes_for_recovery(clerk)[3]
    log_in(client, clerk)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(CHECK_LOGIN, {"code": code}).url == INDEX
    [letter] = sent_letters()
    assert letter.to == ["clerk@centre.example"]
    assert "还剩 9 个" in letter.body
    assert code not in letter.body
    assert "还剩 <strong>9</strong> 个" in text_of(client.get(FACTORS))
    other = Client()
    log_in(other, clerk)
    assert "没有通过" in text_of(other.post(CHECK_LOGIN, {"code": code}))


def test_new_recovery_codes_make_the_old_ones_void(client, clerk):
    app = give_app(clerk)
    old = codes_for_recovery(clerk)
    log_in(client, clerk, app)
    assert "还剩的 10 个全部作废" in text_of(client.get(NEW_CODES))
    assert client.post(NEW_CODES).url == CODES
    page = text_of(client.get(CODES))
    new = codes_for_recovery(clerk)
    assert set(new).isdisjoint(old)
    assert all(code in page for code in new)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite empties no kept history")
def test_each_change_is_written_to_the_owner_in_chinese(client, clerk):
    log_in(client, clerk)
    set_up_app(client)
    client.post(NEW_CODES)
    client.post(REMOVE)
    assert [letter.subject for letter in sent_letters()] == [
        "二次验证已开通",
        "恢复码已更换",
        "手机验证器已移除",
    ]
    assert {letter.to[0] for letter in sent_letters()} == {"clerk@centre.example"}
    assert all("如果不是您本人" in letter.body for letter in sent_letters())


def test_removing_the_factor_ends_other_sessions_and_leads_staff_to_a_new_one(
    client, required, clerk, time_machine
):
    app = give_app(clerk)
    log_in(client, clerk, app)
    other = Client()
    log_in(other, clerk, app)
    client.post(REMOVE)
    assert not Authenticator.objects.filter(user=clerk).exists()
    assert other.get(INDEX).url.startswith(reverse("admin:login"))
    assert client.get(INDEX).url.startswith(FACTORS)


def raw_secrets():
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return " ".join(str(row) for row in cursor.fetchall())


def test_secrets_are_stored_encrypted(client, clerk):
    log_in(client, clerk)
    secret, _ = set_up_app(client)
    stored = raw_secrets()
    assert secret not in stored
    assert not any(code in stored for code in codes_for_recovery(clerk))


def test_another_secret_key_makes_them_unreadable_in_words_and_the_old_one_readable(client, clerk):
    app = give_app(clerk)
    code = code_of(app)
    with override_settings(SECRET_KEY=KEY):
        log_in(client, clerk)
        assert "请联系用户管理员重置" in text_of(client.post(CHECK_LOGIN, {"code": code}))
    with override_settings(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=["not-a-secret-for-tests-only"]):
        other = Client()
        log_in(other, clerk)
        assert other.post(CHECK_LOGIN, {"code": code}).url == INDEX


def test_no_page_of_the_admin_and_no_history_shows_a_secret(clerk):
    assert not admin.site.is_registered(Authenticator)
    give_app(clerk)
    fields = {field.name for field in User.history.model._meta.get_fields()}
    assert not {name for name in fields if "authenticator" in name}


# -- a lost telephone ------------------------------------------------------------------------------


def factor_page(user):
    return reverse("admin:portal_user_factor", args=[user.pk])


@pytest.fixture
def manager():
    JurisdictionFactory(code="140521", name="沁水县", level="county")
    return UserFactory(username="manager", permissions=["view_user", "change_user"])


def test_a_user_manager_resets_the_factor_of_somebody_who_lost_the_telephone(
    client, clerk, manager
):
    app = give_app(clerk)
    theirs = Client()
    log_in(theirs, clerk, app)
    client.force_login(manager)
    change = text_of(client.get(reverse("admin:portal_user_change", args=[clerk.pk])))
    assert factor_page(clerk) in change
    client.get(factor_page(clerk))
    assert "请写明理由" in text_of(client.post(factor_page(clerk), {"reason": " "}))
    assert Authenticator.objects.filter(user=clerk).count() == 2
    assert client.post(factor_page(clerk), {"reason": "手机丢失，已当面核实"}).status_code == 302
    assert not Authenticator.objects.filter(user=clerk).exists()
    assert theirs.get(INDEX).status_code == 302
    record = clerk.history.first()
    assert (record.history_user, record.history_change_reason) == (
        manager,
        "重置二次验证：手机丢失，已当面核实",
    )
    history = text_of(client.get(reverse("admin:portal_user_history", args=[clerk.pk])))
    assert "手机丢失，已当面核实" in history


def test_the_person_is_written_to_when_their_factor_is_reset(
    clerk, manager, django_capture_on_commit_callbacks
):
    give_app(clerk)
    with django_capture_on_commit_callbacks(execute=True):
        assert reset_factor(user=clerk, actor=manager, reason="手机丢失")
    [letter] = sent_letters()
    assert letter.to == ["clerk@centre.example"]
    assert "手机丢失" in letter.body


def test_nobody_resets_their_own_factor_nor_a_superusers(client, clerk, manager):
    give_app(manager)
    with pytest.raises(UserError, match="自己"):
        reset_factor(user=manager, actor=manager, reason="忘带手机")
    root = UserFactory(is_superuser=True)
    give_app(root)
    with pytest.raises(UserError, match="超级用户"):
        reset_factor(user=root, actor=manager, reason="代办")
    with pytest.raises(UserError, match="没有开通"):
        reset_factor(user=clerk, actor=manager, reason="代办")
    client.force_login(manager)
    assert client.post(factor_page(root), {"reason": "代办"}).status_code in (403, 404)
    assert Authenticator.objects.count() == 4


def test_whoever_runs_the_server_resets_the_factor_of_a_superuser(capsys):
    root = UserFactory(username="root", is_superuser=True)
    give_app(root)
    call_command("reset_second_factor", "root", "--reason", "手机丢失")
    assert "已重置" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    assert "手机丢失" in root.history.first().history_change_reason
    for name, told in (("root", "没有开通"), ("nobody", "没有这个账号")):
        with pytest.raises(CommandError, match=told):
            call_command("reset_second_factor", name, "--reason", "手机丢失")


# -- where and when ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "offered"),
    [
        ("127.0.0.1", False),
        ("[::1]:8000", False),
        ("localhost:8000", True),
        ("portal.example.cn", True),
    ],
)
def test_passkeys_are_offered_where_the_address_is_a_domain_or_localhost(
    client, clerk, settings, host, offered
):
    settings.ALLOWED_HOSTS = ["*"]
    log_in(client, clerk)
    page = text_of(client.get(FACTORS, headers={"host": host}))
    assert (reverse("mfa_add_webauthn") in page) is offered
    status = client.get(reverse("mfa_add_webauthn"), headers={"host": host}).status_code
    assert status == (200 if offered else 404)


def test_the_demos_staff_can_be_tried_without_a_telephone_in_debug(client, settings, clerk):
    assert settings.STAFF_SECOND_FACTOR is False
    assert log_in(client, clerk).url == INDEX
    assert client.get(INDEX).status_code == 200


def test_a_service_that_asks_staff_for_no_factor_is_told_so_at_its_start():
    hosts = {"ALLOWED_HOSTS": "portal.example.cn"}
    assert "portal.W020" in check(SECRET_KEY=KEY, STAFF_SECOND_FACTOR="0", **hosts).stderr
    assert "portal.W020" not in check(SECRET_KEY=KEY, **hosts).stderr
    assert "portal.W020" not in check(SECRET_KEY=KEY, DEBUG="1", **hosts).stderr
