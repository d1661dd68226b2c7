"""A call in Chromium: drafted, opened by another, seen by the public, refused before its first day."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from policies.catalogue.models import Call, Programme
from tests.applying import handed_in, member_of
from tests.browser.walk import check_page, enter
from tests.factories import DraftFactory, UserFactory, opened_call

WIDTHS = [[390, 1024, 1440]]
pytestmark = pytest.mark.browser
WORDS = {
    "标题": "关于组织申报2026年小升规奖励的通知",
    "正文": "各有关企业：\n请在网上申报，盖章的扫描件请用 PDF。",
    "通知文号（选填）": "测试〔2026〕12号",
    "联系科室": "企业服务科",
    "联系电话": "0356-7000002",
    "另外要的材料（选填）": "诚信承诺函：法定代表人签字并盖章",
}


def reviewer(place="140500"):
    user = UserFactory(jurisdiction_code=place, permissions=[])
    user.groups.add(Group.objects.get(name="审核员"))
    return user


def take_refusal(page):
    """A page that says what was refused, which Chromium's console counts as a problem."""
    if page.context.browser.browser_type.name == "chromium":
        assert "400 (Bad Request)" in page.problems.pop()


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_call_is_drafted_opened_by_another_and_shown(wide, site):
    today = timezone.localdate()
    enter(wide, site, reviewer())
    wide.goto(f"{site}/admin/catalogue/call/")
    wide.get_by_role("link", name="拟征集通知").click()
    for label, value in WORDS.items():
        wide.get_by_label(label).fill(value)
    wide.get_by_label("开始日期").fill((today + timedelta(days=10)).isoformat())
    wide.get_by_role("radio", name="有名额").check()
    wide.get_by_role("button", name="存为草稿").click()
    wide.get_by_text("请选择项目").first.wait_for()
    take_refusal(wide)
    assert wide.get_by_label("标题").input_value() == WORDS["标题"]
    check_page(wide, "admin-call-refused")
    wide.get_by_label("项目").select_option("jc-xsg")
    wide.get_by_label("截止日期（含当天）").fill((today + timedelta(days=40)).isoformat())
    wide.get_by_label("几个名额").fill("30")
    wide.get_by_role("button", name="存为草稿").click()
    wide.get_by_text("由另一人核对后开放").wait_for()
    check_page(wide, "admin-call-draft")
    wide.get_by_role("button", name="开放征集").click()
    wide.get_by_text("只能由您开放的，请写明理由，会留在记录里").first.wait_for()
    take_refusal(wide)
    check_page(wide, "admin-call-second-person")

    enter(wide, site, reviewer())
    wide.goto(f"{site}/admin/catalogue/call/{Call.objects.get().pk}/change/")
    wide.get_by_role("button", name="开放征集").click()
    wide.get_by_text("已开放：").wait_for()
    check_page(wide, "admin-call-open")
    wide.locator("#id_move-closes_on").fill((today + timedelta(days=50)).isoformat())
    wide.locator("#id_move-reason").fill("统计部门的数据还没有反馈。")
    wide.get_by_role("button", name="改截止日").click()
    wide.get_by_text("截止日已改").wait_for()
    wide.goto(f"{site}/admin/catalogue/call/")
    check_page(wide, "admin-calls")

    enter(wide, site, reviewer("140521"))
    wide.goto(f"{site}/admin/catalogue/call/{Call.objects.get().pk}/change/")
    wide.get_by_label("县里的截止日期（含当天）").fill((today + timedelta(days=45)).isoformat())
    wide.get_by_role("button", name="定县里的截止日").click()
    wide.get_by_text("请写明理由，企业看得到").wait_for()
    take_refusal(wide)
    check_page(wide, "admin-call-county-refused")
    wide.locator("#id_county-reason").fill("县里要先初审，留五天。")
    wide.get_by_role("button", name="定县里的截止日").click()
    wide.get_by_text("沁水县的截止日已改").wait_for()
    check_page(wide, "admin-call-county")

    wide.context.clear_cookies()
    wide.goto(f"{site}/?county=140521")
    wide.get_by_text("沁水县的企业先报县里").wait_for()
    check_page(wide, "home-calls")
    wide.goto(f"{site}/programmes/?q=jc-xsg&county=140521")
    check_page(wide, "programmes-calls")
    wide.goto(f"{site}/programmes/jc-xsg/")
    wide.get_by_text("现在还没有开始").wait_for()
    check_page(wide, "programme-call-ahead")
    wide.goto(f"{site}/calendar/")
    wide.get_by_role("heading", name="中心开放的征集").wait_for()
    check_page(wide, "calendar-calls")


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_applies_by_a_call_and_is_told_before_and_after(wide, site, files_root):
    programme = Programme.objects.get(pk="jc-xsg")
    member = member_of()
    enter(wide, site, member.user)
    today = timezone.localdate()
    opened_call(
        programme=Programme.objects.get(pk="jc-share"),
        title="关于组织股份制改造奖补申报的通知",
        opens_on=today + timedelta(days=10),
        closes_on=today + timedelta(days=40),
    )
    call = opened_call(
        programme=programme,
        title=WORDS["标题"],
        materials=["诚信承诺函"],
        places_are="limited",
        places=30,
    )
    wide.goto(f"{site}/enterprise/calendar/")
    wide.get_by_text("名额：30 个").wait_for()
    check_page(wide, "firm-calendar-call")
    wide.goto(f"{site}/enterprise/apply/")
    check_page(wide, "apply-index-calls")
    wide.goto(f"{site}/enterprise/apply/jc-share/")
    wide.get_by_text("现在还没有开始").wait_for()
    check_page(wide, "apply-too-early")
    wide.goto(f"{site}/enterprise/apply/jc-xsg/")
    wide.get_by_role("heading", name="诚信承诺函").wait_for()
    check_page(wide, "apply-call")

    case = handed_in(member)
    DraftFactory(programme=programme, updated_by=member.user, enterprise=member.enterprise)
    enter(wide, site, reviewer())
    wide.goto(f"{site}/admin/catalogue/call/{call.pk}/change/")
    wide.get_by_text("29 个").or_(wide.get_by_text("30 个")).first.wait_for()
    check_page(wide, "admin-call-counted")
    wide.get_by_role("link", name="1 件").click()
    wide.get_by_role("link", name=case.number).wait_for()
    check_page(wide, "admin-cases-of-a-call")
    wide.goto(f"{site}/admin/cases/application/{case.pk}/change/")
    wide.get_by_text("没有附件的材料").first.wait_for()
    check_page(wide, "admin-case-of-a-call")
