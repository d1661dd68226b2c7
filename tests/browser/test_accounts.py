"""A firm signs up, logs in, invites a colleague and keeps its profile."""

import re

import pytest

from applications.enterprises.models import Membership
from tests.browser import test_keyboard as keyboard
from tests.browser.walk import check_page, enter
from tests.factories import (
    PASSWORD,
    ClaimFactory,
    EnterpriseFactory,
    MembershipFactory,
    SelfCheckFactory,
    UserFactory,
    hashed,
)
from tests.letters import sent_letters

WIDTHS = [[390, 1440]]
pytestmark = pytest.mark.browser


def link_in_mail():
    return re.search(r"https?://\S+", sent_letters()[-1].body)[0]


def sign_up(page, site):
    page.goto(site)
    page.get_by_role("link", name="登录").click()
    check_page(page, "login")
    page.get_by_role("link", name="注册企业账户").click()
    check_page(page, "sign-up")
    page.get_by_label("电子邮箱").fill("no address")
    page.get_by_role("button", name="发送链接").click()
    page.get_by_text("请核对邮箱").last.wait_for()
    page.get_by_label("电子邮箱").clear()  # Firefox adds to what is no address
    page.get_by_label("电子邮箱").fill("office@firm.example")
    page.get_by_role("button", name="发送链接").click()
    page.get_by_role("heading", name="请查收邮件").wait_for()
    check_page(page, "sign-up-sent")
    page.goto(link_in_mail())
    check_page(page, "sign-up-firm")
    page.get_by_label("统一社会信用代码").fill("91140521MA0K000018")
    page.get_by_label("企业名称").fill("沁水县测试制造有限公司")
    page.get_by_label("注册地").select_option("140521")
    page.get_by_label("联系人").fill("办公室")
    page.get_by_label("联系电话").fill("0356-7000000")
    fill_passwords(page)
    page.get_by_role("button", name="注册").click()
    page.locator(".problems").get_by_text("请核对统一社会信用代码").wait_for()
    check_page(page, "sign-up-error")
    page.get_by_label("统一社会信用代码").fill("91140521MA0K000019")
    fill_passwords(page)
    page.get_by_role("button", name="注册").click()


def fill_passwords(page):
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)


def log_in(page, email):
    page.get_by_label("电子邮箱").fill(email)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_signs_up_and_invites_a_colleague(wide, site):
    sign_up(wide, site)
    wide.get_by_role("heading", name="沁水县测试制造有限公司").wait_for()
    check_page(wide, "enterprise")
    wide.get_by_role("link", name="邀请和管理成员").click()
    wide.get_by_label("对方的电子邮箱").fill("office@firm.example")
    wide.get_by_role("button", name="发送邀请").click()
    wide.get_by_text("已经是本企业成员").wait_for()
    wide.problems.clear()  # the browser notes the answer 400
    check_page(wide, "members-error")
    wide.get_by_label("对方的电子邮箱").fill("colleague@firm.example")
    wide.get_by_role("button", name="发送邀请").click()
    wide.get_by_text("邀请信已发往").wait_for()
    check_page(wide, "members")
    letter = link_in_mail()
    wide.get_by_role("button", name="退出").click()
    wide.get_by_text("您已退出登录").wait_for()
    wide.goto(letter)
    check_page(wide, "invitation")
    wide.get_by_role("link", name="没有账户，注册并加入").click()
    check_page(wide, "invited-sign-up")
    wide.get_by_label("联系人").fill("财务")
    wide.get_by_label("联系电话").fill("0356-7000001")
    fill_passwords(wide)
    wide.get_by_role("button", name="注册并加入").click()
    wide.get_by_role("heading", name="沁水县测试制造有限公司").wait_for()
    assert Membership.objects.count() == 2


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_keeps_its_profile_and_takes_a_self_check_over(wide, site):
    MembershipFactory(user__email="office@firm.example")
    wide.goto(f"{site}/account/login/")
    log_in(wide, "office@firm.example")
    check_page(wide, "enterprise-empty")
    wide.get_by_role("link", name="查看和填写档案").click()
    check_page(wide, "profile-empty")
    wide.get_by_role("link", name="：经营数据").click()
    wide.locator("[name=net_profit__y1]").fill("很多")
    wide.get_by_role("button", name="保存").click()
    wide.locator(".problems").get_by_text("请填数字").wait_for()
    check_page(wide, "profile-edit-error")
    wide.locator("[name=net_profit__y1]").fill("100")
    wide.locator("[name=revenue__main_business__y0]").fill("1500")
    wide.get_by_role("button", name="保存").click()
    wide.get_by_text("已保存，改动 2 项").wait_for()
    wide.locator("[name=name]").fill("一号生产线")
    wide.get_by_role("button", name="添加").click()
    wide.get_by_role("heading", name="项目：一号生产线").wait_for()
    check_page(wide, "profile-subject")
    check = SelfCheckFactory()
    wide.goto(f"{site}/result/{check.token}/")
    wide.get_by_role("button", name="存入企业档案").click()
    wide.get_by_role("heading", name="和档案不一样的（1）").wait_for()
    check_page(wide, "take-over")
    wide.get_by_role("button", name="存入档案").click()
    wide.get_by_text("已存入企业档案").wait_for()
    check_page(wide, "profile")
    wide.get_by_role("button", name="用档案测算").click()
    wide.get_by_role("heading", name="测算结果").wait_for()
    wide.locator(".headline .answer").wait_for()


@pytest.mark.parametrize("wide", [390], indirect=True)
def test_a_firm_gets_from_login_to_a_saved_profile_by_keyboard(wide, site):
    MembershipFactory(user__email="office@firm.example")
    wide.goto(site)
    keyboard.tab_to(wide, "登录")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/account/login/")
    fill_by_keyboard(wide, {"login": "office@firm.example", "password": PASSWORD}, "登录")
    wide.wait_for_url("**/enterprise/")
    keyboard.tab_to(wide, "查看和填写档案")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/enterprise/profile/")
    keyboard.tab_to(wide, "：经营数据")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/profile/edit/**")
    fill_by_keyboard(wide, {"net_profit__y1": "100"}, "保存")
    wide.get_by_text("已保存，改动 1 项").wait_for()
    keyboard.tab_to(wide, "退出")
    wide.keyboard.press("Enter")
    wide.get_by_text("您已退出登录").wait_for()


def fill_by_keyboard(page, texts, submit):
    """Type into the named fields on the way to the button `submit`, and press it."""
    for _ in range(keyboard.MOST_TABS):
        focused = keyboard.tab(page)
        if focused["name"] in texts:
            page.keyboard.insert_text(texts[focused["name"]])
        elif focused["tag"] == "BUTTON" and submit == focused["text"].strip():
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach “{submit}”")


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_staff_decide_a_claim_and_fill_in(wide, site):
    enterprise = EnterpriseFactory()
    ClaimFactory(enterprise=enterprise, message="我是该企业法定代表人")
    names = ["view_claim", "decide_claim", "view_enterprise", "fill_in_for_enterprise"]
    UserFactory(username="clerk", password=hashed(PASSWORD), permissions=names)
    wide.goto(f"{site}/admin/")
    wide.get_by_label("用户名").fill("clerk")
    wide.get_by_label("密码").fill(PASSWORD)
    wide.get_by_role("button", name="登录").click()
    wide.goto(f"{site}/admin/enterprises/claim/")
    check_page(wide, "admin-claims")
    wide.locator("#result_list tbody a").first.click()
    check_page(wide, "admin-claim")
    wide.get_by_role("button", name="通过，设为管理员").click()
    wide.get_by_text("已通过").first.wait_for()
    wide.goto(f"{site}/admin/enterprises/enterprise/{enterprise.pk}/change/")
    check_page(wide, "admin-enterprise")
    wide.get_by_role("link", name="：基本情况").click()
    check_page(wide, "admin-fill-in")
    wide.locator("[name=enterprise__employees]").fill("很多")
    wide.get_by_role("button", name="保存").click()
    wide.get_by_text("请填数字").last.wait_for()
    check_page(wide, "admin-fill-in-error")
    wide.locator("[name=enterprise__employees]").fill("85")
    wide.get_by_role("button", name="保存").click()
    wide.get_by_text("已代填，改动 1 项").wait_for()
    wide.get_by_text("县中心代填").wait_for()


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_somebody_looks_after_their_account_and_closes_it(wide, site):
    MembershipFactory(user__email="office@firm.example")
    wide.goto(f"{site}/account/login/")
    log_in(wide, "office@firm.example")
    wide.get_by_role("link", name="我的账户").click()
    check_page(wide, "account")
    wide.get_by_role("link", name="更改密码").click()
    wide.get_by_label("现在的密码").fill("wrong")
    wide.get_by_role("button", name="更改密码").click()
    wide.get_by_text("还没有更改").wait_for()
    check_page(wide, "account-password-error")
    wide.get_by_role("link", name="不更改，返回").click()
    wide.get_by_role("link", name="更换邮箱").click()
    check_page(wide, "account-address")
    wide.get_by_label("新的电子邮箱").fill("new@firm.example")
    wide.get_by_label("现在的密码").fill(PASSWORD)
    wide.get_by_role("button", name="发送链接").click()
    wide.get_by_text("已往 new@firm.example 发了一封信").wait_for()
    wide.goto(link_in_mail())
    check_page(wide, "account-confirm-address")
    wide.get_by_role("button", name="确认").click()
    wide.get_by_text("您的邮箱现在是 new@firm.example").wait_for()
    wide.get_by_role("button", name="退出其他地方的登录").click()
    wide.get_by_text("在其他地方的登录都已退出").wait_for()
    wide.get_by_role("contentinfo").get_by_role("link", name="隐私说明").click()
    check_page(wide, "privacy")
    wide.get_by_role("link", name="我的账户").first.click()
    wide.get_by_role("link", name="注销账户").click()
    check_page(wide, "account-close")
    wide.get_by_label("现在的密码").fill(PASSWORD)
    wide.get_by_role("button", name="注销账户").click()
    wide.get_by_text("您的账户已注销").wait_for()


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_staff_put_a_firm_right_and_part_it_from_who_took_it(wide, site):
    membership = MembershipFactory(contact_name="冒名者")
    names = ["view_enterprise", "view_claim", "decide_claim"]
    enter(wide, site, UserFactory(permissions=names))
    page = f"{site}/admin/enterprises/enterprise/{membership.enterprise_id}/"
    wide.goto(f"{page}change/")
    check_page(wide, "admin-enterprise-of-clerk")
    wide.get_by_role("link", name="解除成员资格").click()
    wide.get_by_role("button", name="解除成员资格").click()
    wide.get_by_text("还没有解除").wait_for()
    wide.problems.clear()  # the browser notes the answer 400
    check_page(wide, "admin-enterprise-part")
    wide.get_by_label("理由").fill("法定代表人否认授权")
    wide.get_by_role("button", name="解除成员资格").click()
    wide.get_by_text("不再是“沁水县测试制造有限公司”的成员").wait_for()
    wide.get_by_text("成员变更").click()
    check_page(wide, "admin-enterprise-parted")
    wide.get_by_role("link", name="更正名称和注册地").click()
    wide.get_by_label("企业名称").fill("沁水县真名有限公司")
    check_page(wide, "admin-enterprise-correct")
    wide.get_by_label("理由").fill("按营业执照更正")
    wide.get_by_role("button", name="更正").click()
    wide.get_by_text("已更正，并已告知").wait_for()
