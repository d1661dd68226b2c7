"""The calendar in Chromium: read on phone and desktop, the feed fetched by keyboard."""

import pytest

from tests.browser.test_catalogue_admin import log_in
from tests.browser.walk import check_page, keep_picture

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_visitor_reads_the_calendar_and_takes_the_feed(wide, site):
    wide.goto(site)
    wide.get_by_role("link", name="申报日历").click()
    wide.get_by_text("每年约在10月份左右").wait_for()
    check_page(wide, "calendar")
    with wide.expect_download() as download:
        wide.get_by_role("link", name="下载日历文件").focus()
        wide.keyboard.press("Enter")
    assert download.value.suggested_filename == "calendar.ics"
    assert download.value.path().read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_an_editor_changes_a_window(wide, site):
    log_in(wide, site)
    wide.goto(f"{site}/admin/catalogue/programme/jc-xsg/change/")
    keep_picture(wide, "admin-programme")
    wide.locator("[name=windows-0-starts_day]").fill("32")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("确保该值小于或者等于 31").or_(wide.get_by_text("没有32日")).first.wait_for()
    wide.locator("[name=windows-0-starts_day]").fill("8")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.locator("#result_list").wait_for()
    wide.goto(f"{site}/calendar/")
    wide.get_by_text("每年10月8日至10月").wait_for()
