"""The calendar in Chromium: read on phone and desktop, the feed fetched by keyboard."""

import pytest

from tests.browser.walk import check_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [390, 1440], indirect=True)
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
