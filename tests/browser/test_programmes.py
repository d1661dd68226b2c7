"""The public catalogue in Chromium: searching, the page of a programme, by keyboard too."""

import pytest

from tests.browser.walk import check_page

WIDTHS = [[390, 1440]]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_reader_finds_a_programme_and_compares_counties(wide, site):
    wide.goto(site)
    wide.get_by_role("navigation").get_by_role("link", name="政策目录").click()
    check_page(wide, "programmes")
    wide.get_by_label("关键词").fill("小升规")
    wide.get_by_label("县（市、区）").select_option("140522")
    wide.get_by_label("排序").select_option("amount")
    wide.get_by_label("排序").focus()
    wide.keyboard.press("Tab")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**q=**")
    assert "county=140522" in wide.url
    wide.get_by_role("link", name="小升规奖励（首次升规及稳规）").focus()
    wide.keyboard.press("Enter")
    wide.get_by_role("heading", name="谁给多少").wait_for()
    check_page(wide, "programme")
    assert "合计 20 万元，各期金额未公布" in wide.locator("main").inner_text()


@pytest.mark.parametrize("wide", [390], indirect=True)
def test_nothing_found_says_what_to_do(wide, site):
    wide.goto(f"{site}/programmes/?q=没有这样的政策")
    wide.get_by_text("没有找到“没有这样的政策”").wait_for()
    check_page(wide, "programmes-nothing")
