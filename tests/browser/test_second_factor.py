"""The second factor in the browser: an app, a passkey, a payment that comes late, a lost telephone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.money.services import payments
from portal import settings as own
from tests.browser.walk import check_page
from tests.factories import (
    PASSWORD,
    AwardLineFactory,
    FinanceFactory,
    FirmUserFactory,
    MembershipFactory,
    UserFactory,
    hashed,
)
from tests.second_factor import code_of, codes_for_recovery, give_app, shown

WIDTHS = [[390, 1440]]
pytestmark = pytest.mark.browser


@pytest.fixture
def site(transactional_db, live_server):
    """Without a catalogue: no page here shows any of it."""
    return live_server.url


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_SECOND_FACTOR = True
    settings.STAFF_IDLE, settings.STAFF_LOGGED_IN = own.STAFF_IDLE, own.STAFF_LOGGED_IN


@pytest.fixture
def authenticator(wide):
    """A passkey's device, by the browser's own protocol: it says yes to everything."""
    protocol = wide.context.new_cdp_session(wide)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def log_in(page, site, login, next_page=""):
    page.goto(f"{site}{next_page or '/account/login/'}")
    page.get_by_label("电子邮箱").fill(login)
    page.get_by_label("密码", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def log_out(page, site):
    page.goto(f"{site}/account/logout/")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(f"{site}/")


def enter_code(page, code):
    page.get_by_label("验证码").fill(code)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_clerk_sets_up_an_app_and_logs_in_with_it(wide, site):
    clerk = UserFactory(username="clerk", password=hashed(PASSWORD), permissions=["view_user"])
    wide.set_default_timeout(15000)
    log_in(wide, site, "clerk", "/admin/portal/user/")
    wide.get_by_text("工作人员要先开通二次验证").wait_for()
    check_page(wide, "factor-none")
    wide.get_by_role("link", name="开通手机验证器").click()
    check_page(wide, "factor-app")
    secret = wide.locator("#secret").inner_text()
    wide.get_by_label("6 位数字").fill("12345")
    wide.get_by_role("button", name="开通").click()
    wide.get_by_text("没有通过").wait_for()
    check_page(wide, "factor-app-error")
    assert wide.locator("#secret").inner_text() == secret
    wide.get_by_label("6 位数字").fill(shown(secret))
    wide.keyboard.press("Enter")
    wide.get_by_text("这些码只显示这一次").wait_for()
    check_page(wide, "factor-codes")
    assert wide.locator(".recovery-codes li").count() == 10
    wide.get_by_role("link", name="抄好了，继续").click()
    wide.wait_for_url("**/admin/portal/user/")
    wide.goto(f"{site}/account/second-factor/")
    wide.get_by_text("已开通").first.wait_for()
    check_page(wide, "factor-set-up")
    log_out(wide, site)
    log_in(wide, site, "clerk", "/admin/portal/user/")
    wide.get_by_role("heading", name="二次验证").wait_for()
    check_page(wide, "factor-log-in")
    enter_code(wide, "000 000")
    wide.get_by_text("没有通过").wait_for()
    check_page(wide, "factor-log-in-error")
    enter_code(wide, codes_for_recovery(clerk)[0])
    wide.wait_for_url("**/admin/portal/user/")
    wide.goto(f"{site}/account/second-factor/codes/new/")
    check_page(wide, "factor-new-codes")
    wide.goto(f"{site}/account/second-factor/app/remove/")
    check_page(wide, "factor-remove-app")


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
@pytest.mark.usefixtures("authenticator")
def test_a_firm_adds_a_passkey_and_logs_in_with_it(wide, site):
    user = FirmUserFactory(email="office@firm.example")
    MembershipFactory(user=user)
    wide.set_default_timeout(15000)
    log_in(wide, site, "office@firm.example")
    wide.get_by_role("link", name="二次验证").click()
    wide.get_by_role("link", name="添加通行密钥").click()
    check_page(wide, "factor-passkey")
    wide.get_by_label("名字").fill("办公室电脑")
    wide.get_by_role("button", name="添加").click()
    wide.get_by_text("这些码只显示这一次").wait_for()
    wide.get_by_role("link", name="抄好了").click()
    wide.get_by_text("办公室电脑").first.wait_for()
    check_page(wide, "factor-passkeys")
    log_out(wide, site)
    log_in(wide, site, "office@firm.example")
    check_page(wide, "factor-passkey-log-in")
    wide.get_by_role("button", name="用通行密钥验证").click()
    wide.get_by_role("link", name="查看和填写档案").wait_for()


@pytest.mark.parametrize("wide", [1440], indirect=True)
@pytest.mark.usefixtures("authenticator")
def test_staff_log_in_and_check_again_by_passkey_and_keyboard(wide, site):
    UserFactory(username="clerk", password=hashed(PASSWORD), permissions=["view_user"])
    wide.set_default_timeout(15000)
    log_in(wide, site, "clerk")
    wide.get_by_role("link", name="添加通行密钥").click()
    wide.get_by_role("button", name="添加").click()
    wide.get_by_text("这些码只显示这一次").wait_for()
    log_out(wide, site)
    log_in(wide, site, "clerk", "/admin/portal/user/")
    wide.get_by_role("button", name="用通行密钥验证").focus()
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/admin/portal/user/")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        wide.goto(f"{site}/admin/password_change/")
        wide.get_by_role("heading", name="再验证一次").wait_for()
        check_page(wide, "factor-check-passkey")
        wide.get_by_role("button", name="用通行密钥验证").click()
        wide.wait_for_url("**/account/password/change/")
    assert not wide.problems, wide.problems


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_payment_that_comes_late_is_paid_with_the_code(wide, site):
    finance = FinanceFactory(username="finance")
    app = give_app(finance)
    line = AwardLineFactory(state="approved", year=timezone.localdate().year)
    [batch], _ = payments.schedule(lines=[line], actor=FinanceFactory(), now=timezone.now())
    page = f"/admin/money/paymentbatch/{batch.pk}/change/"
    wide.set_default_timeout(15000)
    log_in(wide, site, "finance", page)
    enter_code(wide, code_of(app))
    wide.get_by_label("凭证号").fill("支2026-7号")
    wide.get_by_label("支付日期").fill(timezone.localdate().isoformat())
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        wide.get_by_role("button", name="登记支付 20 万元").click()
        wide.get_by_role("heading", name="再验证一次").wait_for()
        wide.problems.clear()  # the browser notes the answer 403
        check_page(wide, "factor-check-again")
        enter_code(wide, code_of(app))
        wide.get_by_text("已登记支付").wait_for()
        batch.refresh_from_db()
        assert batch.voucher_number == "支2026-7号"


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_form_that_comes_after_the_end_of_the_session_is_sent_on(wide, site):
    root = UserFactory(username="root", is_superuser=True)
    app = give_app(root)
    wide.set_default_timeout(15000)
    log_in(wide, site, "root", "/admin/auth/group/add/")
    enter_code(wide, code_of(app))
    wide.locator("#id_name").fill("临时组")
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        wide.locator("[name=_save]").click()
        wide.get_by_role("status").get_by_text("30 分钟没有操作").wait_for()
        check_page(wide, "session-ended")
        wide.get_by_label("电子邮箱").fill("root")
        wide.get_by_label("密码", exact=False).first.fill(PASSWORD)
        wide.get_by_role("button", name="登录").click()
        enter_code(wide, code_of(app))
        wide.get_by_role("heading", name="接着提交").wait_for()
        check_page(wide, "kept-form")
        wide.get_by_role("button", name="再次提交").click()
        wide.get_by_text("临时组").first.wait_for()


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_manager_resets_the_factor_of_a_colleague(wide, site):
    root = UserFactory(username="root", is_superuser=True)
    app = give_app(root)
    clerk = UserFactory(username="clerk")
    give_app(clerk)
    wide.set_default_timeout(15000)
    log_in(wide, site, "root", f"/admin/portal/user/{clerk.pk}/change/")
    enter_code(wide, code_of(app))
    wide.get_by_role("link", name="重置二次验证").click()
    check_page(wide, "admin-reset-factor")
    wide.get_by_label("理由").fill("手机丢失，已当面核实")
    wide.get_by_role("button", name="重置二次验证").click()
    wide.get_by_text("已重置二次验证").wait_for()
