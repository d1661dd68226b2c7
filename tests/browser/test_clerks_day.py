"""A clerk's day beside colleagues: who has which case, who stands in for whom, what is kept at hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.services.assignment import assign
from portal.models import Jurisdiction
from portal.users import deactivate_user
from tests.applications.centre.test_roles import of_role
from tests.browser.test_messages import log_in
from tests.browser.walk import check_page
from tests.factories import ApplicationFactory, EnterpriseFactory, StepFactory, UserFactory

WIDTHS = [[1440, 1024, 390]]
pytestmark = pytest.mark.browser


@pytest.fixture
def cases(site):
    county = Jurisdiction.objects.get(pk="140521")
    return [
        ApplicationFactory(
            enterprise=EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", county=county)
        )
        for number in range(4)
    ]


def reviewer(name, username):
    user = of_role("审核员")
    user.first_name, user.username = name, username
    user.save()
    return user


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_clerk_gives_cases_to_a_colleague(wide, site, client, cases):
    clerk, colleague = reviewer("李四", "li"), reviewer("张三", "zhang")
    gone = reviewer("王五", "wang")
    assign(application=cases[3], assignee=gone, actor=clerk, reason="", now=timezone.now())
    deactivate_user(user=gone, actor=UserFactory(is_superuser=True), reason="离职")
    log_in(wide, site, clerk, client)
    wide.set_default_timeout(20000)
    wide.goto(f"{site}/admin/cases/application/")
    for case in cases[:2]:
        wide.get_by_role("checkbox", name=case.number).check()
    wide.get_by_label("动作").select_option(label="分配所选申报")
    wide.get_by_role("button", name="执行").click()
    wide.get_by_role("button", name="分配勾选的申报").click()
    wide.get_by_text("请选择分给谁").wait_for()
    wide.problems.clear()  # the browser tells of the refusal itself
    check_page(wide, "admin-assign")
    wide.get_by_label("分给").select_option(label="张三（zhang）")
    wide.get_by_label("说明").fill("张三的片区")
    wide.get_by_role("button", name="分配勾选的申报").click()
    wide.get_by_text("已把 2 件分给张三").wait_for()
    wide.goto(f"{site}/admin/cases/application/?queue=office")
    wide.get_by_text("没有人经办：原由王五办理，账号已停用").wait_for()
    check_page(wide, "admin-office")
    wide.get_by_role("link", name=cases[0].number).click()
    wide.get_by_role("heading", name="经办人").wait_for()
    wide.get_by_text("分给同事").click()
    check_page(wide, "admin-assigned")
    wide.get_by_label("分给").select_option(label="不分配给谁（本科室都可以办）")
    wide.get_by_role("button", name="保存经办人").click()
    wide.get_by_text("已取消分配").wait_for()
    cases[0].refresh_from_db()
    assert cases[0].assignee is None
    log_in(wide, site, colleague, client)
    wide.goto(f"{site}/admin/cases/application/?queue=own")
    wide.get_by_role("link", name=cases[1].number).wait_for()
    assert wide.get_by_role("link", name=cases[0].number).count() == 0


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_clerk_stands_in_for_a_colleague_and_keeps_a_filter(wide, site, client, cases):
    clerk, colleague = reviewer("李四", "li"), reviewer("张三", "zhang")
    for case in cases[:2]:
        assign(application=case, assignee=colleague, actor=clerk, reason="", now=timezone.now())
    edition = cases[0].edition
    StepFactory(edition=edition, level="county", title="初审", kind="review", working_days=1)
    late = timezone.now() - timedelta(days=20)
    Application.objects.filter(pk=cases[0].pk).update(arrived_at=late)
    log_in(wide, site, clerk, client)
    wide.set_default_timeout(20000)
    wide.goto(f"{site}/admin/desk/covers/")
    wide.get_by_label("谁不在").select_option(label="张三（zhang）")
    wide.get_by_label("由谁代办").select_option(label="李四（li）")
    wide.get_by_role("button", name="登记").click()
    wide.get_by_text("请填到哪天止").wait_for()
    wide.problems.clear()
    check_page(wide, "admin-covers")
    today = timezone.localdate()
    wide.get_by_label("从哪天起").fill(today.isoformat())
    wide.get_by_label("到哪天止").fill((today + timedelta(days=5)).isoformat())
    wide.get_by_role("button", name="登记").click()
    wide.get_by_text("张三的申报由李四代办").wait_for()
    wide.get_by_text("正在代办").wait_for()
    wide.get_by_role("link", name="惠企政策管理").click()
    wide.get_by_text("代 张三 处理，至").wait_for()
    wide.get_by_role("navigation", name="工作").get_by_role("link", name="逾期 1").wait_for()
    check_page(wide, "admin-first-page")
    wide.get_by_role("navigation", name="工作").get_by_role("link", name="逾期 1").click()
    wide.get_by_text("保存现在的筛选").click()
    wide.get_by_label("名称").fill("代张三的逾期")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("已保存“代张三的逾期”").wait_for()
    check_page(wide, "admin-saved-filter")
    wide.goto(f"{site}/admin/cases/application/?queue=all")
    wide.get_by_role("link", name="代张三的逾期").click()
    wide.get_by_role("link", name=cases[0].number).click()
    wide.get_by_text("代 张三 处理，至").wait_for()
    check_page(wide, "admin-stand-in")
    wide.get_by_role("button", name="受理").click()
    wide.get_by_text(f"{cases[0].number}：受理").wait_for()
    assert cases[0].events.last().on_behalf_of == colleague
    wide.goto(f"{site}/admin/cases/application/")
    wide.get_by_role("button", name="删除筛选 代张三的逾期").click()
    wide.get_by_text("已删除").wait_for()
