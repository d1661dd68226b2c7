"""The first page in Chromium: a county and an industry chosen by keyboard, without JavaScript too."""

import re

import pytest

from tests.browser.walk import check_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_reader_chooses_a_county_and_goes_on_to_the_list(wide, site):
    wide.goto(site)
    check_page(wide, "home")
    wide.get_by_label("企业在哪个县").select_option(label="沁水县")
    wide.get_by_label("主要做哪个行业").select_option(label="制造业")
    wide.get_by_label("主要做哪个行业").focus()
    wide.keyboard.press("Tab")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**county=140521**")
    wide.get_by_role("heading", name="沁水县、制造业").wait_for()
    check_page(wide, "home-county")
    wide.get_by_role("link", name="看县级的全部").click()
    wide.wait_for_url("**/programmes/**")
    assert wide.get_by_label("行业").input_value() == "C"
    check_page(wide, "programmes-county")


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_wrong_address_is_told_beside_its_field(wide, site):
    wide.goto(f"{site}/?county=999999&section=J")
    wide.get_by_text("没有这个县").wait_for()
    check_page(wide, "home-wrong")
    wide.goto(f"{site}/find-result/")
    wide.get_by_label("短码").fill("ABC")
    wide.get_by_role("button", name="找回结果").click()
    wide.get_by_text("短码是 10 个字母和数字，没有").wait_for()
    check_page(wide, "find-result-wrong")


def test_it_works_without_javascript(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.get_by_label("企业在哪个县").select_option(label="盐湖区")
    page.get_by_role("button", name="看给多少").click()
    page.get_by_role("heading", name="盐湖区：").wait_for()
    context.close()


@pytest.mark.parametrize("wide", [390], indirect=True)
def test_the_page_is_dark_where_the_reader_asks_for_it_and_light_on_paper(wide, site):
    wide.goto(site)

    def ground(**media):
        wide.emulate_media(reduced_motion="reduce", **media)
        colour = wide.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in re.findall(r"\d+", colour)[:3])

    assert ground(color_scheme="light") > 3 * 200
    assert ground(color_scheme="dark") < 3 * 60
    assert ground(color_scheme="dark", media="print") > 3 * 200
