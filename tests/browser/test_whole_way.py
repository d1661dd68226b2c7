"""The whole way of two cases: a firm signs up and applies, county and city review, the county
asks for one file again, the public notice runs its days, and the cases are recognised."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.cases.models import Application, PublishedYear
from applications.cases.workflow import Status
from applications.notices.models import Notice
from tests.browser.test_accounts import sign_up
from tests.browser.test_application import hand_in
from tests.browser.walk import check_page, enter
from tests.factories import ManagerFactory, SelfCheckFactory, UserFactory
from tests.uploads import CONTENTS

UPGRADE, SHARES = "小升规奖励（首次升规及稳规）", "中小微企业规范化股份制改造奖补"
ARTICLES = "新修订的公司章程"
YEAR = timezone.localdate().year
REFORM = {
    "enterprise.operates_in_city": True,
    "enterprise.ownership": "private",
    "industry.division": "35",
    "enterprise.employees": 45,
    "enterprise.founded_on": "2015-12-15",
    "enterprise.subject_type": "company",
    "revenue.operating.y1": 2100,
    "net_profit.y3": 50,
    "net_profit.y2": 60,
    "net_profit.y1": 60,
    "accounting.sound": True,
    "assets.total.y2": 20000,
    "stat.four_above": True,
    "status.agri_ecom_base": False,
    "reform.completed_year": YEAR - 1,
    "reform.registered_as_shares_company": True,
    "reform.origin": "first_reform",
    "library.listing_reserve": True,
    "library.listing_reserve_year": YEAR - 1,
    "conduct.violation_3y": "none",
    "conduct.major_accident_3y": False,
    "product.prohibited": False,
    "credit.adverse_lists": [],
}
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("files_root")]


@pytest.fixture(autouse=True)
def known_years(transactional_db):
    for year in (YEAR, YEAR + 1):
        PublishedYear.objects.create(year=year, document_number="测试〔2026〕1号")


def apply(page, site, check, name):
    page.goto(f"{site}/result/{check.token}/")
    programme = page.locator(".programme", has_text=name).first
    if not programme.get_by_role("link", name="申报这个项目").is_visible():
        programme.locator("summary").first.click()
    programme.get_by_role("link", name="申报这个项目").first.click()
    page.get_by_role("button", name="带入申报").click()
    page.get_by_role("button", name="提交申报").wait_for()


def open_case(page, site, application):
    page.goto(f"{site}/admin/cases/application/{application.pk}/change/")


def act(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_text(f"：{name}。").wait_for()


def case_of(programme):
    return Application.objects.get(edition__programme=programme)


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_from_signing_up_to_recognition(wide, site, tmp_path):
    county = UserFactory(permissions=["view_application", "decide_application"])
    rights = ["view_application", "decide_application", "manage_notices", "view_notice"]
    city = ManagerFactory(permissions=[*rights, "view_recognition"])
    check = SelfCheckFactory(answers=SelfCheckFactory.build().answers | REFORM)
    file = tmp_path / "章程.pdf"
    file.write_bytes(CONTENTS["pdf"])

    sign_up(wide, site)
    wide.get_by_role("heading", name="沁水县测试制造有限公司").wait_for()
    apply(wide, site, check, UPGRADE)
    hand_in(wide)
    apply(wide, site, check, SHARES)
    articles = wide.get_by_role("region", name=ARTICLES)
    articles.get_by_label("上传新文件").set_input_files(file)
    articles.get_by_label("章程（章程.pdf）").wait_for()
    hand_in(wide)
    firm_cookies = wide.context.cookies()
    upgrade, shares = case_of("jc-xsg"), case_of("jc-share")

    enter(wide, site, county)
    open_case(wide, site, upgrade)
    act(wide, "受理")
    open_case(wide, site, upgrade)
    act(wide, "本环节通过")
    open_case(wide, site, shares)
    act(wide, "受理")
    open_case(wide, site, shares)
    wide.locator("summary", has_text="退回补正").click()
    wide.get_by_label(ARTICLES).check()
    wide.get_by_label("意见", exact=False).first.fill("章程缺最后一页，请重新上传。")
    act(wide, "退回补正")

    wide.context.clear_cookies()
    wide.context.add_cookies(firm_cookies)
    wide.goto(f"{site}/enterprise/applications/{shares.reference}/")
    wide.get_by_text("章程缺最后一页").first.wait_for()
    check_page(wide, "whole-way-returned")
    wide.get_by_role("link", name="去补正").click()
    file.write_bytes(CONTENTS["pdf"] + b"\n%whole")
    wide.get_by_label("上传新文件").set_input_files(file)
    wide.get_by_role("button", name="提交补正").click()
    wide.get_by_text("补正已提交").wait_for()

    enter(wide, site, county)
    open_case(wide, site, shares)
    act(wide, "本环节通过")
    enter(wide, site, city)
    open_case(wide, site, shares)
    wide.get_by_role("heading", name="审核推荐（市级）").wait_for()
    act(wide, "本环节通过")
    open_case(wide, site, shares)
    wide.locator("#findings").get_by_label("符合", exact=True).check()
    wide.get_by_role("button", name="保存人工判断").click()
    wide.get_by_text("人工判断").first.wait_for()
    wide.get_by_label("上级文件的文号").fill("测试〔2026〕7号")
    act(wide, "本环节通过")
    assert {case_of(name).status for name in ("jc-xsg", "jc-share")} == {Status.APPROVED}

    wide.goto(f"{site}/admin/cases/application/?queue=all&q={upgrade.number}")
    wide.locator("input.action-select").check()
    wide.get_by_label("动作").select_option("add_to_notice")
    wide.get_by_role("button", name="执行").click()
    wide.get_by_label("公示几个工作日").fill("5")
    wide.get_by_role("button", name="保存").click()
    wide.get_by_role("link", name="核对日期并张贴").click()
    wide.get_by_role("button", name="确认张贴").click()
    wide.get_by_text("已张贴，公示到").wait_for()
    notice = Notice.objects.get()
    wide.goto(f"{site}/notices/{notice.number}/")
    wide.get_by_text("沁水县测试制造有限公司").first.wait_for()

    with time_machine.travel(timezone.now() + timedelta(days=12), tick=True):
        wide.goto(f"{site}/admin/notices/notice/{notice.pk}/change/")
        wide.get_by_role("button", name="结束公示").click()
        wide.get_by_text("公示已结束").wait_for()
        wide.get_by_label("文号").fill("测试〔2026〕9号")
        wide.get_by_label("认定日期").fill(f"{timezone.localdate():%Y-%m-%d}")
        wide.get_by_role("button", name="登记认定").click()
        wide.get_by_text("已登记认定 测试〔2026〕9号").wait_for()
        assert case_of("jc-xsg").status == Status.RECOGNISED
        wide.context.clear_cookies()
        wide.context.add_cookies(firm_cookies)
        wide.goto(f"{site}/enterprise/applications/{upgrade.reference}/")
        wide.get_by_text("已认定").first.wait_for()
        check_page(wide, "whole-way-recognised")
