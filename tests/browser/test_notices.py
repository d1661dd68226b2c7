"""A public notice in Chromium: staff post it, the public reads and objects, staff settle and end."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from applications.cases.models import CalendarDay, PublishedYear
from applications.notices.models import Notice, Objection
from policies.catalogue.models import Edition
from tests.browser.walk import SCREENSHOTS, check_page
from tests.factories import (
    EditionFactory,
    ManagerFactory,
    UserFactory,
    approved_cases,
    posted_notice,
)

WIDTHS = [[390, 1440]]
pytestmark = pytest.mark.browser


def log_in(page, site, user):
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])


def cases(count):
    edition = Edition.objects.get(programme="jc-zjtx-city")
    return approved_cases(count, edition=edition)


def check_refusal(page, name):
    """A page that says what was refused, which Chromium's console counts as a problem."""
    if page.context.browser.browser_type.name == "chromium":
        assert len(page.problems) == 1
        assert "400 (Bad Request)" in page.problems.pop()
    check_page(page, name)


@pytest.fixture(autouse=True)
def known_years(transactional_db):
    """The notices of these walks are posted today, whatever year it is."""
    this_year = timezone.localdate().year
    for year in (this_year, this_year + 1):
        PublishedYear.objects.create(year=year, document_number="测试〔2026〕1号")


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_staff_post_the_public_objects_and_staff_settle(wide, site):
    cases(3)
    log_in(wide, site, ManagerFactory())
    wide.goto(f"{site}/admin/cases/application/?queue=all&status__exact=approved")
    for row in wide.locator("input.action-select").all():
        row.check()
    wide.get_by_label("动作").select_option("add_to_notice")
    wide.get_by_role("button", name="执行").click()
    wide.get_by_text("核对后再张贴").wait_for()
    check_page(wide, "admin-notice-draft")
    wide.get_by_label("公示几个工作日").fill("4")
    wide.get_by_role("button", name="保存").click()
    wide.get_by_text("文件规定公示不少于 5 个工作日").wait_for()
    check_refusal(wide, "admin-notice-draft-refused")
    wide.get_by_label("公示几个工作日").fill("5")
    wide.get_by_role("button", name="保存").click()
    wide.get_by_text("已保存").wait_for()
    wide.get_by_role("link", name="核对日期并张贴").click()
    check_page(wide, "admin-notice-confirm")
    wide.get_by_role("button", name="确认张贴").click()
    wide.get_by_text("已张贴，公示到").wait_for()
    notice = Notice.objects.get()

    wide.goto(f"{site}/notices/")
    check_page(wide, "notices")
    wide.get_by_role("link", name=notice.title).click()
    check_page(wide, "notice")
    wide.get_by_role("link", name="在网上提出异议").click()
    check_page(wide, "objection")
    wide.get_by_label("异议内容").fill("名单中的企业已经停产。")
    wide.get_by_role("button", name="提交异议").click()
    wide.get_by_text("请留电话或邮箱").first.wait_for()
    assert wide.get_by_label("异议内容").input_value() == "名单中的企业已经停产。"
    check_page(wide, "objection-refused")
    wide.get_by_label("姓名或单位").fill("测试单位")
    wide.get_by_label("联系方式").fill("0356-7000001")
    wide.get_by_role("button", name="提交异议").click()
    wide.get_by_role("heading", name="已收到您的异议").wait_for()
    check_page(wide, "objection-thanks")

    wide.goto(f"{site}/admin/notices/notice/")
    check_page(wide, "admin-notices")
    wide.get_by_role("link", name=notice.number).click()
    wide.get_by_role("button", name="结束公示").click()
    wide.get_by_text("公示要满 5 个工作日，公示到").wait_for()
    check_refusal(wide, "admin-notice-too-early")
    wide.get_by_label("异议不成立").check()
    wide.get_by_label("核实和处理情况").fill("已到现场核实，企业正常生产。")
    wide.get_by_role("button", name="办结这条异议").click()
    wide.get_by_text("异议已办结").wait_for()
    check_page(wide, "admin-notice-settled")
    assert Objection.objects.get().outcome == "dismissed"
    notice.refresh_from_db()
    assert notice.is_posted
    wide.get_by_role("button", name="撤回公示").click()
    wide.get_by_text("请写明撤回的原因").first.wait_for()
    check_refusal(wide, "admin-notice-withdrawal-refused")
    wide.get_by_label("撤回的原因").fill("名单有误，改正后重新公示。")
    wide.get_by_role("button", name="撤回公示").click()
    wide.get_by_text("公示已撤回，名单中的申报").wait_for()
    check_page(wide, "admin-notice-withdrawn")
    wide.goto(f"{site}/notices/{notice.number}/")
    wide.get_by_role("heading", name="这批公示已于").wait_for()
    check_page(wide, "notice-withdrawn")


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_notice_past_its_term_is_ended_recognised_and_prints_on_a4(wide, site):
    manager = ManagerFactory()
    notice = posted_notice(cases(30), timezone.now() - timedelta(days=25), manager)
    log_in(wide, site, manager)
    wide.goto(f"{site}/admin/notices/notice/{notice.pk}/change/")
    wide.get_by_role("button", name="结束公示").click()
    wide.get_by_text("公示已结束").wait_for()
    check_page(wide, "admin-notice-ended")
    wide.get_by_label("文号").fill("测试〔2026〕8号")
    wide.get_by_label("认定日期").fill("2020-01-01")
    wide.get_by_role("button", name="登记认定").click()
    wide.get_by_text("认定日期不能早于公示结束日").wait_for()
    assert wide.get_by_label("文号").input_value() == "测试〔2026〕8号"
    check_refusal(wide, "admin-recognition-refused")
    wide.get_by_label("认定日期").fill(timezone.localdate().isoformat())
    wide.get_by_role("button", name="登记认定").click()
    wide.get_by_text("已登记认定 测试〔2026〕8号，共 30 件").wait_for()
    check_page(wide, "admin-notice-recognised")
    wide.goto(f"{site}/admin/notices/recognition/")
    check_page(wide, "admin-recognitions")
    wide.get_by_role("link", name="测试〔2026〕8号").click()
    check_page(wide, "admin-recognition")
    wide.goto(f"{site}/notices/{notice.number}/")
    wide.get_by_text("已认定，文号 测试〔2026〕8号").first.wait_for()
    check_page(wide, "notice-ended")
    wide.emulate_media(media="print")
    wide.set_viewport_size({"width": round((210 - 28) / 25.4 * 96), "height": 1000})
    assert wide.evaluate("document.documentElement.scrollWidth") <= wide.viewport_size["width"]
    paper = wide.pdf(prefer_css_page_size=True, path=SCREENSHOTS / "notice.pdf")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert boxes
    assert all(abs(float(w) - 595) < 2 and abs(float(h) - 842) < 2 for w, h in boxes)


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_cases_that_need_no_notice_are_recognised_from_the_list(wide, site):
    approved_cases(2, edition=EditionFactory())
    log_in(wide, site, ManagerFactory())
    wide.goto(f"{site}/admin/notices/notice/")
    wide.get_by_role("link", name="从审核通过的申报中选").click()
    wide.locator("input.action-select").first.wait_for()
    for row in wide.locator("input.action-select").all():
        row.check()
    wide.get_by_label("动作").select_option("record_recognition")
    wide.get_by_role("button", name="执行").click()
    wide.get_by_text("下面的 2 件申报").wait_for()
    check_page(wide, "admin-recognition-record")
    wide.get_by_label("文号").fill("测试〔2026〕9号")
    wide.get_by_label("认定日期").fill(timezone.localdate().isoformat())
    wide.get_by_role("button", name="登记认定").click()
    wide.get_by_text("已登记认定 测试〔2026〕9号，共 2 件").wait_for()


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_staff_enter_the_days_off_of_a_year(wide, site):
    log_in(wide, site, UserFactory(is_superuser=True, jurisdiction_code=""))
    wide.goto(f"{site}/admin/cases/publishedyear/add/")
    year = timezone.localdate().year + 2
    wide.get_by_label("年份").fill(str(year))
    wide.get_by_label("通知文号").fill("测试〔2026〕2号")
    wide.get_by_label("放假的日子").fill("01-01 至 01-03")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("没有劳动节、国庆节").wait_for()
    check_page(wide, "admin-year-refused")
    wide.get_by_label("放假的日子").fill("01-01 至 01-03\n05-01 至 05-05\n10-01 至 10-07")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("成功添加").first.wait_for()
    assert CalendarDay.objects.filter(date__year=year).count() == 15
