"""A member reads messages and writes on the case; a clerk answers."""

import pytest
from django.utils import timezone

from applications.cases.services.review import decide
from applications.cases.workflow import Action
from applications.enterprises.models import Membership
from tests.browser.walk import check_page
from tests.factories import ApplicationFactory, MembershipFactory, UserFactory

WIDTHS = [[390, 1440]]
pytestmark = pytest.mark.browser


def log_in(page, site, user, client):
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_member_reads_opens_and_answers(wide, site, client):
    member = MembershipFactory(role=Membership.Role.OWNER).user
    clerk = UserFactory()
    application = ApplicationFactory()
    decide(
        action=Action.REJECT,
        application=application,
        actor=clerk,
        opinion="缺少纳统证明。",
        now=timezone.now(),
    )
    log_in(wide, site, member, client)
    wide.set_default_timeout(8000)
    wide.goto(site)
    wide.get_by_role("link", name="条未读").click()
    wide.get_by_role("heading", name="申报未通过").wait_for()
    check_page(wide, "messages")
    wide.get_by_role("button", name="查看申报").click()
    wide.get_by_role("heading", name="办到哪一步").wait_for()
    assert wide.get_by_role("link", name="消息", exact=True).count()
    wide.get_by_role("button", name="发送留言").click()
    wide.get_by_text("请先写下要说的话。").wait_for()
    check_page(wide, "note-error")
    wide.get_by_label("留言").fill("纳统证明何时补交？")
    wide.get_by_role("button", name="发送留言").click()
    wide.get_by_text("留言已发送").wait_for()
    check_page(wide, "notes")
    wide.goto(f"{site}/enterprise/messages/?unread=1")
    wide.get_by_text("没有未读的消息").wait_for()
    check_page(wide, "messages-none")

    log_in(wide, site, clerk, client)
    wide.goto(f"{site}/admin/cases/message/")
    check_page(wide, "admin-messages")
    wide.get_by_role("link", name="企业留言").click()
    check_page(wide, "admin-message")
    wide.get_by_role("button", name="标为已读并查看申报").click()
    wide.get_by_text("纳统证明何时补交？").wait_for()
    wide.get_by_label("留言（企业登录后看得到").fill("下周五以前。")
    wide.get_by_role("button", name="发送留言").click()
    wide.get_by_text("留言已发送").wait_for()
    check_page(wide, "admin-notes")

    log_in(wide, site, member, client)
    wide.goto(f"{site}/enterprise/messages/")
    wide.get_by_role("heading", name="受理部门给您留言").wait_for()
    wide.get_by_role("button", name="本页全部标为已读").click()
    wide.get_by_role("link", name="消息", exact=True).wait_for()
