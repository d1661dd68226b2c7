"""A firm signs up, logs in, invites a colleague and keeps its profile."""

import re

import pytest
from django.core import mail

from applications.models import Membership
from tests.browser.walk import check_page
from tests.factories import PASSWORD

WIDTHS = [390, 1440]
pytestmark = pytest.mark.browser


def link_in_mail():
    return re.search(r"https?://\S+", mail.outbox[-1].body)[0]


def sign_up(page, site):
    page.goto(site)
    page.get_by_role("link", name="登录").click()
    check_page(page, "login")
    page.get_by_role("link", name="注册企业账户").click()
    check_page(page, "sign-up")
    page.get_by_label("统一社会信用代码").fill("91140521MA0K000018")
    page.get_by_label("企业名称").fill("沁水县测试制造有限公司")
    page.get_by_label("注册地").select_option("140521")
    page.get_by_label("联系人").fill("办公室")
    page.get_by_label("联系电话").fill("0356-7000000")
    page.get_by_label("电子邮箱").fill("office@firm.example")
    fill_passwords(page)
    page.get_by_role("button", name="注册").click()
    page.get_by_text("请核对统一社会信用代码").wait_for()
    check_page(page, "sign-up-error")
    page.get_by_label("统一社会信用代码").fill("91140521MA0K000019")
    fill_passwords(page)
    page.get_by_role("button", name="注册").click()
    page.get_by_role("heading", name="请查收确认信").wait_for()
    check_page(page, "sign-up-sent")


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
    wide.goto(link_in_mail())
    check_page(wide, "confirm-email")
    wide.get_by_role("button", name="确认").click()
    log_in(wide, "office@firm.example")
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
