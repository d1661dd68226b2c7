"""From the result to the centre's desk: a firm applies, a clerk decides and exports."""

import pytest

from applications.models import Application
from tests.browser.walk import check_page
from tests.factories import SelfCheckFactory, UserFactory

WIDTHS = [390, 1440]
pytestmark = pytest.mark.browser


def open_result(page, site):
    check = SelfCheckFactory()
    page.goto(f"{site}/result/{check.token}/")


def fill_in(page):
    page.get_by_label("企业名称").fill("沁水县测试制造有限公司")
    page.get_by_label("统一社会信用代码").fill("91140521MA0K000019")
    page.get_by_label("联系人").fill("办公室")
    page.get_by_label("联系电话").fill("0356-7000000")
    page.get_by_label("以上内容和自测中填写的数据真实").check()


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_applies_and_keeps_its_receipt(wide, site):
    open_result(wide, site)
    programme = wide.locator("details.programme", has_text="小升规奖励").first
    programme.locator("summary").click()
    programme.get_by_role("link", name="申报这个项目").click()
    check_page(wide, "apply")
    fill_in(wide)
    wide.get_by_label("统一社会信用代码").fill("91140521MA0K000018")
    wide.get_by_role("button", name="提交申报").click()
    wide.get_by_text("请核对统一社会信用代码").wait_for()
    assert wide.get_by_label("联系人").input_value() == "办公室"
    check_page(wide, "apply-error")
    wide.get_by_label("统一社会信用代码").fill("91140521MA0K000019")
    wide.get_by_role("button", name="提交申报").click()
    wide.get_by_role("heading", name="申报回执").wait_for()
    check_page(wide, "receipt")
    assert Application.objects.get().number in wide.locator("main").inner_text()


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_a_clerk_reads_decides_and_exports(wide, site):
    open_result(wide, site)
    wide.locator("details.programme", has_text="小升规奖励").first.locator("summary").click()
    wide.get_by_role("link", name="申报这个项目").first.click()
    fill_in(wide)
    wide.get_by_role("button", name="提交申报").click()
    wide.get_by_role("heading", name="申报回执").wait_for()
    receipt = wide.url

    clerk = UserFactory(username="clerk")
    clerk.set_password("a long pass phrase")
    clerk.save()
    wide.goto(f"{site}/admin/")
    wide.get_by_label("用户名").fill("clerk")
    wide.get_by_label("密码").fill("a long pass phrase")
    wide.get_by_role("button", name="登录").click()
    wide.locator("#content-main").get_by_role("link", name="申报", exact=True).first.click()
    check_page(wide, "admin-applications")
    number = Application.objects.get().number
    wide.get_by_role("link", name=number).click()
    check_page(wide, "admin-case")
    wide.get_by_role("button", name="不予通过").click()
    wide.get_by_text("请写明理由，企业会看到。").wait_for()
    wide.get_by_label("意见").fill("材料齐全，同意。")
    wide.get_by_role("button", name="受理").click()
    wide.get_by_text("：受理。").wait_for()
    wide.get_by_label("意见").fill("材料齐全，同意。")
    wide.get_by_role("button", name="本环节通过").click()
    wide.get_by_text("：本环节通过。").wait_for()
    wide.goto(f"{site}/admin/applications/application/?queue=all&status__exact=approved")
    with wide.expect_download() as download:
        wide.get_by_role("link", name="导出奖补名单").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("\ufeff申报编号")
    assert number in text
    assert download.value.suggested_filename.startswith("奖补名单-")
    wide.goto(receipt)
    assert "材料齐全，同意。" in wide.locator("main").inner_text()
