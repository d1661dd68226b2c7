"""The self-check in a real Chromium: from the home page to the result, on phone and desktop."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from policies.models import SelfCheck
from policies.packs import load_packs
from tests.policies.packs import FIXTURES

WIDTHS = [390, 1440]
SCREENSHOTS = Path(".screenshots")
NUMBERS = {"revenue__main_business__y0": "2000", "stat__first_upgrade_year": "2026"}


@pytest.fixture
def site(transactional_db, live_server):
    load_packs(FIXTURES)
    return live_server.url


@pytest.fixture
def wide(page, request):
    page.set_viewport_size({"width": request.param, "height": 900})
    page.problems = []
    page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
    return page


def check_page(page, name):
    """No accessibility violation, nothing refused by the security policy, no sideways scroll."""
    width = page.viewport_size["width"]
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.problems == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def answer_step(page):
    """Answer yes to every yes/no, the known numbers, and leave the rest unclear."""
    for group in page.locator("input[type=radio][value=true]").all():
        group.check()
    for name, text in NUMBERS.items():
        field = page.locator(f"[name={name}]")
        if field.count():
            field.fill(text)
    path = page.locator("[name=stat__entry_path]")
    if path.count():
        path.select_option("below_scale")
    page.get_by_role("button", name="下一步").click()


def start(page, site):
    page.goto(site)
    check_page(page, "home")
    page.get_by_role("main").get_by_role("link", name="开始自测").click()
    check_page(page, "start")
    page.locator("[name=enterprise__county]").select_option("140521")
    page.locator("[name=industry__section]").select_option("C")
    page.locator("[name=enterprise__employees]").fill("85")
    page.get_by_label("小升规").check()
    page.get_by_role("button", name="下一步").click()


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_in_qinshui_reads_what_it_may_claim(wide, site):
    start(wide, site)
    check_page(wide, "step")
    for _ in range(12):
        if "/result/" in wide.url:
            break
        answer_step(wide)
    wide.wait_for_url("**/result/**")
    assert "110 万元" in wide.locator(".headline").inner_text()
    first = wide.locator("details.programme").first
    first.locator("summary").focus()
    wide.keyboard.press("Enter")
    assert "晋市政办〔2021〕35号" in first.inner_text()
    check_page(wide, "result")
    wide.get_by_role("button", name="删除这份测算").click()
    wide.get_by_text("这份测算已删除").wait_for()
    assert not SelfCheck.objects.exists()


@pytest.mark.browser
@pytest.mark.parametrize("wide", [390], indirect=True)
def test_a_wrong_figure_is_named_beside_its_field_and_kept(wide, site):
    start(wide, site)
    wide.locator("[name=revenue__main_business__y0]").fill("两千")
    wide.get_by_role("button", name="下一步").click()
    assert wide.locator("[name=revenue__main_business__y0]").input_value() == "两千"
    wide.get_by_text("请填数字，如 2000 或 1999.99").wait_for()
    wide.locator("[name=revenue__main_business__y0]").fill("20000000")
    wide.get_by_role("button", name="下一步").click()
    wide.get_by_text("请确认单位是万元而不是元").wait_for()
    check_page(wide, "questioned")
