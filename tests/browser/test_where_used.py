"""An editor finds a row by one box, reads where it is used, changes a telephone once, and adds a question."""

import pytest

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition, Fact, Office
from tests.browser.walk import check_page, enter
from tests.policies.editors.people import PROVINCE, editor_of

pytestmark = pytest.mark.browser


@pytest.mark.night
@pytest.mark.parametrize("wide", [[390, 1024, 1440]], indirect=True)
def test_what_several_share_is_found_read_and_changed_once(wide, site):
    wide.set_default_timeout(60000)
    edition = Edition.objects.get(programme="jc-xsg", status="published")
    draft = copy_to_draft(edition, edition.effective_from.replace(year=2030))
    enter(wide, site, editor_of(PROVINCE, username="省编辑"))
    wide.goto(f"{site}/admin/")
    wide.get_by_label("查找政策的全部内容").fill("7098132")
    wide.get_by_role("button", name="查找").click()
    wide.get_by_text("找到").wait_for()
    check_page(wide, "admin-find")
    wide.get_by_label("查找政策的全部内容").fill("没有这个词")
    wide.keyboard.press("Enter")
    wide.get_by_text("没有找到“没有这个词”").wait_for()
    check_page(wide, "admin-find-nothing")
    wide.goto(f"{site}/admin/catalogue/programme/find/?q=主营业务收入")
    wide.get_by_role("heading", name="指标（").wait_for()
    check_page(wide, "admin-find-much")
    wide.goto(f"{site}/admin/catalogue/programme/find/?q=7098132")
    wide.get_by_role("link", name="经济监测科").first.click()
    wide.get_by_role("heading", name="用在哪里").wait_for()
    check_page(wide, "admin-office")
    office = Office.objects.get(telephone="0356-7098132")
    wide.get_by_label("电话").fill("1" + "3" * 10)
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("不公开手机号码").first.wait_for()
    assert wide.get_by_label("电话").input_value() == "1" + "3" * 10
    check_page(wide, "admin-office-refused")
    wide.get_by_label("电话").fill("0356-7098133")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.locator(".messagelist").wait_for()
    check_page(wide, "admin-offices")
    wide.goto(f"{site}/admin/catalogue/office/{office.pk}/history/")
    wide.get_by_text("0356-7098132").first.wait_for()
    wide.goto(f"{site}/programmes/jc-xsg/")
    wide.get_by_role("link", name="0356-7098133").first.wait_for()
    wide.goto(f"{site}/programmes/?q=县中心电话")
    wide.locator("#whom-to-ask").wait_for()
    check_page(wide, "who-asks-for-a-telephone")
    for address, name in (
        ("fact/enterprise.county/change/", "admin-fact-used-widely"),
        ("fact/enterprise.employees/delete/", "admin-fact-deleting"),
        ("document/1/change/", "admin-document-used"),
    ):
        wide.goto(f"{site}/admin/catalogue/{address}")
        wide.get_by_role("heading", name="用在哪里").wait_for()
        check_page(wide, name)
    wide.goto(f"{site}/admin/portal/jurisdiction/140521/change/")
    wide.get_by_role("heading", name="用在哪里").wait_for()
    check_page(wide, "admin-place-used")
    wide.goto(f"{site}/admin/catalogue/criterion/{draft.criteria.first().pk}/change/")
    with wide.context.expect_page() as opened:
        wide.get_by_role("link", name="新建一个").first.click()
    opened.value.close()
    wide.goto(f"{site}/admin/catalogue/fact/add/")
    check_page(wide, "admin-new-question")
    wide.get_by_label("指标名称").fill("研发人员占比")
    wide.get_by_label("最小值").fill("很多")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.locator(".errornote").wait_for()
    assert wide.get_by_label("指标名称").input_value() == "研发人员占比"
    assert wide.get_by_label("最小值").input_value() == "很多"
    check_page(wide, "admin-new-question-refused")
    wide.get_by_label("最小值").fill("0")
    wide.get_by_label("类型").select_option("ratio")
    wide.get_by_label("分组").fill("研发")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("可以用了：“研发人员占比”").wait_for()
    check_page(wide, "admin-new-question-made")
    assert Fact.objects.filter(key="own.yfryzb").exists()
