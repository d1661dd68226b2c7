"""The report to keep: downloaded as PDF, and found again by its short code."""

import pytest

from tests.browser.walk import SCREENSHOTS, check_page
from tests.factories import SelfCheckFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [390, 1440], indirect=True)
def test_a_firm_keeps_the_report_and_comes_back_with_its_code(wide, site):
    check = SelfCheckFactory()
    wide.goto(f"{site}/result/{check.token}/")
    with wide.expect_download() as download:
        wide.get_by_role("link", name="下载报告（PDF）").click()
    assert download.value.suggested_filename == f"测算报告-沁水县-{check.on}.pdf"
    download.value.save_as(SCREENSHOTS / "report.pdf")
    assert (SCREENSHOTS / "report.pdf").read_bytes().startswith(b"%PDF-")
    wide.get_by_role("link", name="惠企政策资格自测").click()
    wide.get_by_role("textbox", name="短码").fill("22222-22222")
    wide.get_by_role("button", name="找回结果").click()
    wide.get_by_text("没有找到这个短码的结果").wait_for()
    assert wide.get_by_role("textbox", name="短码").input_value() == "22222-22222"
    check_page(wide, "wrong-code")
    wide.get_by_role("textbox", name="短码").fill(check.code_in_halves.lower())
    wide.get_by_role("button", name="找回结果").click()
    wide.wait_for_url(f"**/result/{check.token}/")
    check_page(wide, "result-found")
