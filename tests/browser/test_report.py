"""The report to keep: downloaded as PDF, and found again by its short code."""

import pytest

from tests.browser.walk import SCREENSHOTS, check_page
from tests.factories import SelfCheckFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_firm_keeps_the_report_and_comes_back_with_its_code(wide, site, worker):
    check = SelfCheckFactory()
    wide.goto(f"{site}/result/{check.token}/")
    wide.get_by_role("button", name="下载报告（PDF）").click()
    ready = wide.get_by_role("link", name="下载“测算报告")
    ready.wait_for(timeout=120_000)
    check_page(wide, "report-ready")
    with wide.expect_download() as download:
        ready.click()
    assert download.value.suggested_filename == f"测算报告-沁水县-{check.on}.pdf"
    download.value.save_as(SCREENSHOTS / "report.pdf")
    assert (SCREENSHOTS / "report.pdf").read_bytes().startswith(b"%PDF-")
    wide.get_by_role("link", name="惠企政策资格自测").click()
    wide.get_by_role("link", name="用短码找回结果").click()
    wide.get_by_role("textbox", name="短码").fill("22222-22222")
    wide.get_by_role("button", name="找回结果").click()
    wide.get_by_text("没有找到这个短码的结果").wait_for()
    assert wide.get_by_role("textbox", name="短码").input_value() == "22222-22222"
    check_page(wide, "wrong-code")
    wide.get_by_role("textbox", name="短码").fill(check.code_in_halves.lower())
    wide.get_by_role("button", name="找回结果").click()
    wide.wait_for_url(f"**/result/{check.token}/")
    check_page(wide, "result-found")


@pytest.mark.night
@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_without_a_worker_the_page_says_so_and_goes_on_once_there_is_one(
    wide, site, files_root, request
):
    check = SelfCheckFactory()
    wide.goto(f"{site}/result/{check.token}/")
    wide.get_by_role("button", name="下载报告（PDF）").click()
    wide.get_by_text("后台程序现在没有运行").wait_for()
    check_page(wide, "report-without-worker")
    assert wide.get_by_role("link", name="打印版（A4）").is_visible()
    request.getfixturevalue("worker")
    # The page looks every fifteen seconds for a worker that was not there.
    wide.get_by_role("link", name="下载“测算报告").wait_for(timeout=120_000)


@pytest.fixture
def plain(browser, request):
    """A page of a browser without JavaScript."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": request.param, "height": 900}
    )
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.night
@pytest.mark.parametrize("plain", [390], indirect=True)
def test_without_javascript_the_report_is_fetched_when_ready_too(plain, site, files_root, request):
    check = SelfCheckFactory()
    plain.goto(f"{site}/result/{check.token}/")
    plain.get_by_role("button", name="下载报告（PDF）").click()
    plain.get_by_text("后台程序现在没有运行").wait_for()
    width = plain.viewport_size["width"]
    plain.screenshot(path=SCREENSHOTS / f"report-plain-{width}.png", full_page=True)
    request.getfixturevalue("worker")
    plain.get_by_role("link", name="看看好了没有").click()
    ready = plain.get_by_role("link", name="下载“测算报告")
    ready.wait_for(timeout=120_000)
    plain.screenshot(path=SCREENSHOTS / f"report-plain-ready-{width}.png", full_page=True)
    with plain.expect_download() as download:
        ready.click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
