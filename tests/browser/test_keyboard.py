"""The whole way from the home page to the firm's case on a phone width, without a pointer."""

import pytest

from applications.cases.models import Application
from tests.browser.walk import NUMBERS, enter
from tests.factories import MembershipFactory

pytestmark = pytest.mark.browser
MOST_TABS = 250
CHOICES = {
    "enterprise__county": "140521",
    "industry__section": "C",
    "stat__entry_path": "below_scale",
}
TEXTS = {
    **NUMBERS,
    "enterprise__employees": "85",
}
FOCUSED = """() => {
    const element = document.activeElement
    const outline = getComputedStyle(element)
    return {tag: element.tagName, type: element.type || "", name: element.name || "",
            value: element.value || "", text: element.innerText || "",
            shown: outline.outlineStyle !== "none" || outline.boxShadow !== "none"}
}"""


def tab(page):
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED)
    assert focused["shown"], f"focus cannot be seen on {focused}"
    return focused


def tab_to(page, text):
    for _ in range(MOST_TABS):
        if text in tab(page)["text"]:
            return
    raise AssertionError(f"the keyboard does not reach “{text}”")


def fill_in(page, submit):
    """Answer each field on the way to the button `submit`: yes, the known values, or nothing."""
    for _ in range(MOST_TABS):
        focused = tab(page)
        name = focused["name"]
        if submit in focused["text"]:
            page.keyboard.press("Enter")
            return
        if focused["type"] == "radio" and focused["value"] == "":
            page.keyboard.press("ArrowDown")
        elif focused["type"] == "checkbox" and (
            name == "truthful" or focused["value"] == "above_scale"
        ):
            page.keyboard.press("Space")
        elif name in CHOICES:
            while page.evaluate(FOCUSED)["value"] != CHOICES[name]:
                page.keyboard.press("ArrowDown")
        elif name in TEXTS:
            page.keyboard.insert_text(TEXTS[name])
    raise AssertionError(f"the keyboard does not reach “{submit}”")


@pytest.mark.parametrize("wide", [390], indirect=True)
def test_a_firm_gets_from_home_to_its_case_by_keyboard(wide, site):
    enter(wide, site, MembershipFactory().user)
    wide.goto(site)
    assert "跳到正文" in tab(wide)["text"]
    wide.keyboard.press("Enter")
    tab_to(wide, "开始自测")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/self-check/")
    for _ in range(20):
        before = wide.url
        fill_in(wide, "下一步")
        wide.wait_for_function("before => location.href !== before", arg=before)
        wide.wait_for_load_state()
        if "/result/" in wide.url:
            break
    tab_to(wide, "小升规奖励")
    wide.keyboard.press("Enter")
    tab_to(wide, "申报这个项目")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/apply/**")
    tab_to(wide, "带入申报")
    wide.keyboard.press("Enter")
    wide.get_by_text("填写的内容会自动保存").or_(wide.get_by_text("草稿：")).wait_for()
    fill_in(wide, "提交申报")
    wide.wait_for_url("**/enterprise/applications/**")
    assert Application.objects.get().number in wide.locator("main").inner_text()
