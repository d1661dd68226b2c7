"""Accounts: signing up, confirming, logging in, a new password; nobody learns who has one."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from applications.enterprises.models import Claim, Enterprise, Membership
from portal.models import User
from tests.factories import PASSWORD, FirmUserFactory, JurisdictionFactory, UserFactory

SIGN_UP, LOGIN = reverse("account_signup"), reverse("account_login")
RESET, HOME = reverse("account_reset_password"), reverse("firm:enterprise")
FORM = {
    "credit_code": "91140521 ma0k 000019",
    "enterprise_name": "沁水县 测试制造有限公司",
    "county": "140521",
    "contact_name": "办公室",
    "contact_telephone": "0356-7000000",
    "message": "",
    "email": "New@Firm.Example",
    "password1": PASSWORD,
    "password2": PASSWORD,
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def county(db):
    return JurisdictionFactory(
        code="140521", name="沁水县", level="county", parent=JurisdictionFactory()
    )


def link_in_mail(number=-1):
    """The path of the address in a letter."""
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[number].body)[1]


def sign_up(client, **changes):
    return client.post(SIGN_UP, {**FORM, **changes})


def log_in(client, login, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": login, "password": password, **more})


def test_a_firm_signs_up_confirms_logs_in_and_owns_its_enterprise(client):
    assert sign_up(client).url == reverse("account_email_verification_sent")
    assert not Enterprise.objects.exists()
    assert log_in(client, "new@firm.example").url == reverse("account_email_verification_sent")
    assert client.get(HOME).status_code == 302
    confirm = link_in_mail(0)
    assert "确认" in client.get(confirm).content.decode()
    assert not Enterprise.objects.exists()
    assert client.post(confirm).url == LOGIN
    assert log_in(client, "NEW@firm.example").url == HOME
    membership = Membership.objects.get()
    assert membership.is_owner
    assert membership.enterprise.credit_code == "91140521MA0K000019"
    assert membership.enterprise.name == "沁水县测试制造有限公司"
    page = client.get(HOME).content.decode()
    assert "沁水县测试制造有限公司" in page
    assert "管理员" in page


def test_opening_the_letter_alone_confirms_nothing_and_a_wrong_link_says_so(client):
    sign_up(client)
    client.get(link_in_mail(0))
    assert not EmailAddress.objects.get().verified
    page = client.get(reverse("account_confirm_email", args=["tampered"])).content.decode()
    assert "已过期" in page


def test_a_confirmation_link_lasts_three_days(client, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00")
    sign_up(client)
    time_machine.move_to("2026-11-24 12:00+08:00")
    assert "已过期" in client.get(link_in_mail(0)).content.decode()
    assert client.post(link_in_mail(0)).status_code == 404


def answer(response):
    """All that a visitor can tell two answers by, but their own e-mail and one-time tokens."""
    page = response.content.decode()
    return response.status_code, response.headers.get("Location"), sorted(response.headers), page


def test_signing_up_tells_nobody_whether_an_address_is_known(client):
    FirmUserFactory(email="known@firm.example")
    UserFactory(email="staff@centre.example")
    answers = [
        answer(sign_up(client.__class__(), email=email))
        for email in ("known@firm.example", "staff@centre.example", "nobody@firm.example")
    ]
    assert answers[0] == answers[1] == answers[2]
    assert [letter.subject for letter in mail.outbox] == [
        "这个邮箱已有账户",
        "这个邮箱已有账户",
        "请确认您的邮箱",
    ]
    assert User.objects.count() == 3
    assert Claim.objects.count() == 1


def test_asking_for_a_password_and_logging_in_tell_nobody_either(client):
    FirmUserFactory(email="known@firm.example")
    resets = [
        answer(client.__class__().post(RESET, {"email": email}))
        for email in ("known@firm.example", "nobody@firm.example")
    ]
    assert resets[0] == resets[1]
    assert [letter.subject for letter in mail.outbox] == ["设置新密码", "这个邮箱没有账户"]

    def problem(email):
        form = log_in(client.__class__(), email, "a wrong pass phrase").context["form"]
        return form.errors

    assert problem("known@firm.example") == problem("nobody@firm.example") != {}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("credit_code", "91140521MA0K000018", "18 位"),
        ("credit_code", "", "必填"),
        ("county", "140500", "选择一个有效"),
        ("county", "140521' or 1=1", "选择一个有效"),
        ("contact_telephone", "12345", "手机号码"),
        ("enterprise_name", "x" * 201, "200"),
        ("email", "no-address", "核对邮箱"),
        ("password1", "12345678", "密码"),
        ("password2", "another pass phrase", "密码"),
    ],
)
def test_a_slip_is_named_beside_its_field_and_nothing_typed_is_lost(client, field, value, problem):
    response = sign_up(client, **{field: value})
    assert response.status_code == 200
    form = response.context["form"]
    assert problem in "".join(form.errors[field])
    page = response.content.decode()
    assert 'value="办公室"' in page
    assert f'value="{PASSWORD}"' not in page
    assert not User.objects.exists()


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
    for _ in range(20):
        sign_up(client, credit_code="wrong")
    response = sign_up(client)
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


@pytest.mark.parametrize("name", ["email", "password/change", "login/code", "reauthenticate"])
def test_what_is_not_used_is_not_there(client, name):
    client.force_login(FirmUserFactory())
    assert client.get(f"/account/{name}/").status_code == 404
