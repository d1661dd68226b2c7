"""Reporting an error in Chromium: from the result to the thanks, then to the editor's note."""

import pytest

from policies.pages.models import ErrorReport
from tests.browser.test_catalogue_admin import log_in
from tests.browser.walk import check_page
from tests.factories import SelfCheckFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [390, 1440], indirect=True)
def test_a_reader_reports_an_error_by_keyboard_and_an_editor_handles_it(wide, site):
    wide.goto(f"{site}/result/{SelfCheckFactory().token}/")
    wide.locator(".programme summary", has_text="小升规奖励").first.click()
    wide.get_by_role("link", name="报错：升规当年的主营业务收入达到2000万元").first.wait_for()
    check_page(wide, "result-with-reports")
    wide.get_by_role("link", name="报错：升规当年的主营业务收入达到2000万元").first.focus()
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/report-error/**")
    check_page(wide, "report-error")
    wide.get_by_label("联系方式（选填）").fill("办公室 0356-7000000")
    wide.get_by_role("button", name="提交").focus()
    wide.keyboard.press("Enter")
    wide.get_by_text("请写明哪里不对。").wait_for()
    assert wide.get_by_label("联系方式（选填）").input_value() == "办公室 0356-7000000"
    check_page(wide, "report-error-refused")
    wide.get_by_label("哪里不对？").focus()
    wide.keyboard.insert_text("原文写的是年营业收入。")
    wide.get_by_role("button", name="提交").focus()
    wide.keyboard.press("Enter")
    wide.get_by_text("已收到，谢谢您").wait_for()
    check_page(wide, "report-error-thanks")
    assert ErrorReport.objects.get().problem == "原文写的是年营业收入。"
    log_in(wide, site)
    wide.goto(f"{site}/admin/pages/errorreport/")
    if wide.viewport_size["width"] > 1000:
        check_page(wide, "admin-reports")
    wide.get_by_role("link", name="XSG.3").click()
    wide.get_by_label("已处理").check()
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("请写明怎样处理的").wait_for()
    if wide.viewport_size["width"] > 1000:
        check_page(wide, "admin-report")
    wide.get_by_label("处理说明").fill("已核对原文，两种说法口径一致。")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("成功修改").first.wait_for()
    assert ErrorReport.objects.get().handled
