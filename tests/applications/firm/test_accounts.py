"""Accounts: signing up, confirming, logging in, a new password; nobody learns who has one."""

import re
from contextlib import contextmanager

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.enterprises.models import Claim, Membership
from portal.models import User
from tests.factories import (
    PASSWORD,
    FirmUserFactory,
    InvitationFactory,
    JurisdictionFactory,
    UserFactory,
)
from tests.letters import sent_letters

SIGN_UP, LOGIN = reverse("account_signup"), reverse("account_login")
RESET, HOME = reverse("account_reset_password"), reverse("firm:enterprise")
FORM = {
    "credit_code": "91140521 ma0k 000019",
    "enterprise_name": "沁水县 测试制造有限公司",
    "county": "140521",
    "contact_name": "办公室",
    "contact_telephone": "0356-7000000",
    "message": "",
    "password1": PASSWORD,
    "password2": PASSWORD,
}
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def county(db):
    return JurisdictionFactory(
        code="140521", name="沁水县", level="county", parent=JurisdictionFactory()
    )


def link_in_mail(number=-1):
    """The path of the address in a letter."""
    return re.search(r"https?://[^/]+(/\S+)", sent_letters()[number].body)[1]


EMAIL = "New@Firm.Example"


def ask(client, email=EMAIL):
    return client.post(SIGN_UP, {"email": email})


def sign_up(client, email=EMAIL, **changes):
    """Ask for the letter, open it, and say for which firm."""
    ask(client, email)
    return client.post(link_in_mail(), {**FORM, **changes})


def log_in(client, login, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": login, "password": password, **more})


@pytest.mark.parametrize(
    ("code", "telephone", "kept"),
    [
        ("９１１４０５２１ＭＡ０Ｋ０００019", "１３８ ００１３ ８０００", "13800138000"),
        ("91140521-MA0K-000019", "(0356) 7000000 转 8", "0356-7000000-8"),
    ],
)
def test_code_and_telephone_are_kept_in_one_spelling(client, code, telephone, kept):
    assert sign_up(client, credit_code=code, contact_telephone=telephone).url == HOME
    membership = Membership.objects.get()
    assert membership.enterprise.credit_code == "91140521MA0K000019"
    assert membership.contact_telephone == kept


def test_a_firm_signs_up_from_the_letter_and_owns_its_enterprise(client):
    assert ask(client).url == reverse("account_email_verification_sent")
    assert not User.objects.exists()
    assert sent_letters()[0].to == ["new@firm.example"]
    page = client.get(link_in_mail(0)).content.decode()
    assert "new@firm.example" in page
    assert not User.objects.exists()
    assert client.post(link_in_mail(0), FORM).url == HOME
    membership = Membership.objects.get()
    assert membership.is_owner
    assert membership.enterprise.credit_code == "91140521MA0K000019"
    assert membership.enterprise.name == "沁水县测试制造有限公司"
    page = client.get(HOME).content.decode()
    assert "沁水县测试制造有限公司" in page
    assert "管理员" in page
    assert log_in(client.__class__(), "NEW@firm.example").url == HOME


def test_whoever_opens_the_mailbox_decides_whoever_asked_first(client):
    """A stranger asks for an address before and after its owner: only the owner's words count."""
    stranger, owner = client.__class__(), client
    theirs = {"password1": "the stranger's own words", "credit_code": "91140521MA0K00002X"}
    for number in (1, 2):
        stranger.post(SIGN_UP, {**FORM, **theirs, "email": EMAIL})
        ask(owner)
        assert len(sent_letters()) == 2 * number
        assert not User.objects.exists()
        assert not Claim.objects.exists()
    assert owner.post(link_in_mail(0), FORM).url == HOME
    assert Membership.objects.get().enterprise.credit_code == "91140521MA0K000019"
    assert log_in(stranger, EMAIL, "the stranger's own words").status_code == 200
    assert log_in(stranger, EMAIL).url == HOME


def test_no_other_letter_serves_once_the_address_has_an_account(client):
    ask(client)
    ask(client)
    first, second = link_in_mail(0), link_in_mail(1)
    client.post(second, FORM)
    other = client.__class__()
    for response in (other.get(first), other.post(first, FORM), other.post(second, FORM)):
        assert response.status_code == 410
        assert "已经有账户" in response.content.decode()
    assert User.objects.count() == 1


@contextmanager
def account_made_while_the_form_is_read():
    """Somebody else's answer to the same letter, between the two times that a page asks for accounts."""
    asked = []

    def first(execute, sql, *rest):
        if 'FROM "account_emailaddress"' in sql:
            asked.append(sql)
            if len(asked) == 2:
                FirmUserFactory(email=EMAIL.lower())
        return execute(sql, *rest)

    with connection.execute_wrapper(first):
        yield
    assert len(asked) >= 2


def test_an_answer_that_comes_second_while_the_first_is_under_way_is_over(client):
    ask(client)
    with account_made_while_the_form_is_read():
        response = client.post(link_in_mail(), FORM)
    assert response.status_code == 410
    assert "已经有账户" in response.content.decode()
    assert len(sent_letters()) == 1
    assert not Claim.objects.exists()


def test_an_invitation_that_is_answered_twice_is_over_the_second_time(client):
    InvitationFactory(email=EMAIL.lower(), token="a-token-from-the-letter")
    address = reverse("firm:invited-sign-up", args=["a-token-from-the-letter"])
    with account_made_while_the_form_is_read():
        response = client.post(address, FORM)
    assert response.status_code == 410
    assert not sent_letters()
    assert not Membership.objects.filter(user__email__iexact=EMAIL).exists()


@pytest.mark.parametrize("key", ["tampered", "a:b:c"])
def test_a_link_that_nobody_was_sent_says_so(client, key):
    address = reverse("finish_sign_up", args=[key])
    assert client.get(address).status_code == 410
    assert client.post(address, FORM).status_code == 410
    assert not User.objects.exists()


def test_the_address_of_a_letter_cannot_be_changed_on_its_page(client):
    sign_up(client, other="x")
    assert EmailAddress.objects.get().email == "new@firm.example"
    other = client.__class__()
    ask(other, "second@firm.example")
    other.post(link_in_mail(), {**FORM, "email": "victim@firm.example"})
    assert not EmailAddress.objects.filter(email="victim@firm.example").exists()


def test_a_letter_lasts_three_days(client, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00")
    ask(client)
    link = link_in_mail(0)
    time_machine.move_to("2026-11-24 12:00+08:00")
    assert "已失效" in client.get(link).content.decode()
    assert client.post(link, FORM).status_code == 410
    assert not User.objects.exists()


def test_an_address_gets_a_few_letters_an_hour_whether_or_not_it_has_an_account(client):
    FirmUserFactory(email="known@firm.example")
    for email in ("known@firm.example", "nobody@firm.example"):
        answers = [ask(client, email) for _ in range(7)]
        assert [each.status_code for each in answers] == [302] * 5 + [200] * 2
        assert "照其中任何一封信" in answers[-1].content.decode()
        assert sum(letter.to == [email] for letter in sent_letters()) == 5


class CountingHasher(Argon2PasswordHasher):
    number = 0

    def encode(self, *args, **kwargs):
        type(self).number += 1
        return super().encode(*args, **kwargs)


def answer(response):
    """All that a visitor can tell two answers by, but their own e-mail and one-time tokens."""
    page = response.content.decode()
    return response.status_code, response.headers.get("Location"), sorted(response.headers), page


@pytest.mark.parametrize(
    "typed",
    [
        "new＠firm．example",
        "ｎｅｗ@ｆｉｒｍ.example",
        "new@fi\u00adrm.example",
        "new@firm.example\u200b",
        "new@\u2060firm。example",
    ],
)
def test_one_mailbox_has_one_name_however_it_is_typed(client, typed):
    """Else each spelling has a limit of letters, and an account, of its own."""
    for _ in range(5):
        ask(client)
    assert "一小时内已往这个邮箱发了 5 封信" in ask(client, typed).content.decode()
    assert {address for letter in sent_letters() for address in letter.to} == {"new@firm.example"}
    client.post(link_in_mail(), FORM)
    assert log_in(client.__class__(), typed).url == HOME
    client.__class__().post(RESET, {"email": typed})
    assert sent_letters()[-1].subject == "设置新密码"


def test_signing_up_tells_nobody_whether_an_address_is_known(client, settings):
    settings.PASSWORD_HASHERS = ["tests.applications.firm.test_accounts.CountingHasher"]
    CountingHasher.number = 0
    FirmUserFactory(email="known@firm.example")
    UserFactory(email="staff@centre.example")
    FirmUserFactory(email="gone@firm.example", is_active=False)
    answers, letters = [], []
    known = ["known@firm.example", "staff@centre.example", "gone@firm.example"]
    for email in [*known, "nobody@firm.example"]:
        visitor = client.__class__()
        with CaptureQueriesContext(connection) as queries:
            response = ask(visitor, email)
        answers.append((*answer(response), len(queries)))
        letters.append(len(sent_letters()))
    assert all(each == answers[0] for each in answers)
    assert letters == [1, 2, 3, 4]
    assert CountingHasher.number == 0
    assert [letter.subject for letter in sent_letters()] == [
        "这个邮箱已有账户",
        "这个邮箱已有账户",
        "这个邮箱已有账户",
        "请继续注册企业账户",
    ]
    assert reverse("account_reset_password") in sent_letters()[0].body
    assert User.objects.count() == 3
    assert not Claim.objects.exists()


def test_asking_for_a_password_and_logging_in_tell_nobody_either(client):
    FirmUserFactory(email="known@firm.example")
    resets = [
        answer(client.__class__().post(RESET, {"email": email}))
        for email in ("known@firm.example", "nobody@firm.example")
    ]
    assert resets[0] == resets[1]
    assert [letter.subject for letter in sent_letters()] == ["设置新密码", "这个邮箱没有账户"]

    def problem(email):
        form = log_in(client.__class__(), email, "a wrong pass phrase").context["form"]
        return form.errors

    assert problem("known@firm.example") == problem("nobody@firm.example") != {}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("credit_code", "91140521MA0K000018", "18 位"),
        ("credit_code", "", "还没有填"),
        ("county", "140500", "选择一个有效"),
        ("county", "140521' or 1=1", "选择一个有效"),
        ("contact_telephone", "12345", "手机号码"),
        ("enterprise_name", "x" * 201, "200"),
        ("enterprise_name", "恭喜中奖请打 13800138000", "联系方式"),
        ("enterprise_name", "免费领奖 evil.example", "联系方式"),
        ("password1", "12345678", "密码"),
        ("password2", "another pass phrase", "密码"),
    ],
)
def test_a_slip_is_named_beside_its_field_and_nothing_typed_is_lost(client, field, value, problem):
    response = sign_up(client, **{field: value})
    assert response.status_code == 200
    assert "除密码外，您填的内容都还在" in response.content.decode()
    form = response.context["form"]
    assert problem in "".join(form.errors[field])
    page = response.content.decode()
    assert 'value="办公室"' in page
    assert f'value="{PASSWORD}"' not in page
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["no-address", "", "x" * 300 + "@firm.example"])
def test_a_slip_in_the_address_is_named_and_nothing_is_sent(client, email):
    response = ask(client, email)
    assert response.context["form"].errors["email"]
    assert not sent_letters()


def test_hidden_or_foreign_fields_give_no_rights(client):
    sign_up(client, is_staff="on", is_superuser="on", jurisdiction_code="140000", role="owner")
    user = User.objects.get()
    assert not (user.is_staff or user.is_superuser or user.jurisdiction_code)


def test_a_password_is_set_anew_by_mail_once(client):
    FirmUserFactory(email="known@firm.example")
    client.post(RESET, {"email": "known@firm.example"})
    address = link_in_mail()
    form = client.get(address, follow=True)
    assert "设置新密码" in form.content.decode()
    weak = client.post(form.request["PATH_INFO"], {"password1": "123", "password2": "123"})
    assert weak.context["form"].errors
    new = {"password1": "another pass phrase", "password2": "another pass phrase"}
    done = client.post(form.request["PATH_INFO"], new)
    assert done.url == reverse("account_reset_password_from_key_done")
    assert "用新密码登录" in client.get(done.url).content.decode()
    assert "已经用过" in client.__class__().get(address).content.decode()
    assert log_in(client, "known@firm.example", "another pass phrase").url == HOME


def test_logging_out_takes_a_post(client):
    client.force_login(FirmUserFactory())
    logout = reverse("account_logout")
    assert "退出" in client.get(logout).content.decode()
    assert client.get(HOME).status_code == 200
    client.post(logout)
    assert client.get(HOME).status_code == 302


def test_guessing_a_password_is_stopped_also_on_the_way_to_the_admin(client):
    staff = UserFactory(username="clerk")
    staff.set_password(PASSWORD)
    staff.save()
    way = client.get("/admin/", follow=True)
    assert way.request["PATH_INFO"] == LOGIN
    assert client.get("/admin/login/").url.startswith(LOGIN)
    for number in range(5):
        log_in(client, "clerk", f"guess {number}")
    page = log_in(client, "clerk").content.decode()
    assert "试错的次数过多" in page
    assert client.get("/admin/").status_code == 302


def test_posting_too_often_asks_to_wait_and_keeps_no_password(client):
    ask(client)
    for _ in range(20):
        client.post(link_in_mail(), {**FORM, "credit_code": "wrong"})
    response = client.post(link_in_mail(), FORM)
    assert response.status_code == 429
    page = response.content.decode()
    assert "沁水县 测试制造有限公司" in page
    assert PASSWORD not in page


def test_staff_log_in_by_name_without_an_address_and_land_in_the_admin(client):
    staff = UserFactory(username="clerk")
    staff.set_password(PASSWORD)
    staff.save()
    assert log_in(client, "clerk").url == reverse("admin:index")
    assert client.get("/admin/").status_code == 200
    assert client.get(LOGIN).url == reverse("admin:index")


def test_a_firm_has_no_business_in_the_admin(client):
    client.force_login(FirmUserFactory())
    assert client.get("/admin/", follow=True).status_code == 403


def test_logging_in_leads_back_to_the_page_asked_for_but_to_no_other_site(client):
    FirmUserFactory(email="known@firm.example")
    members = reverse("firm:members")
    assert log_in(client, "known@firm.example", next=members).url == members
    other = client.__class__()
    assert log_in(other, "known@firm.example", next="https://evil.example/").url == HOME


def test_the_header_offers_the_centre_or_the_login(client):
    assert LOGIN in client.get("/").content.decode()
    client.force_login(FirmUserFactory())
    page = client.get("/").content.decode()
    assert HOME in page
    assert LOGIN not in page


def test_an_account_that_was_stopped_cannot_log_in(client):
    FirmUserFactory(email="known@firm.example", is_active=False)
    response = log_in(client, "known@firm.example")
    assert response.url == reverse("account_inactive")
    assert "已停用" in client.get(response.url).content.decode()


@pytest.mark.parametrize("name", ["email", "login/code", "reauthenticate"])
def test_what_is_not_used_is_not_there(client, name):
    client.force_login(FirmUserFactory())
    assert client.get(f"/account/{name}/").status_code == 404
