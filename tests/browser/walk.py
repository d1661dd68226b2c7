"""Steps that several walks through the site share."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Error

SCREENSHOTS = Path(".screenshots")
# Pictures are for people, and axe at a second width finds what it found at the first but for what is
# shown at that width only: both are left to those who ask, as `make night` and `make pictures` do.
THOROUGH = bool(os.environ.get("PICTURES"))
# Cells whose text is broken into lines of fewer than three signs: nobody reads that.
SQUEEZED = """() => [...document.querySelectorAll("#result_list td, #result_list th")]
  .filter(cell => {
    const style = getComputedStyle(cell), size = parseFloat(style.fontSize);
    const width = cell.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return cell.checkVisibility() && cell.innerText.trim().length > 6 && width < 3 * size
      && cell.clientHeight > 4 * size;
  }).map(cell => cell.innerText.trim())"""
# Figures, days and codes in tables that are broken over two lines, as 202 and 6 in a narrow column.
BROKEN = r"""() => {
  const figure = /\d{4}年\d{1,2}月\d{1,2}日|[0-9A-Z]*\d[0-9A-Z.,:\/–-]*[0-9A-Z%]/g, broken = [];
  for (const cell of document.querySelectorAll("td, th")) {
    if (!cell.checkVisibility() || cell.closest(".visually-hidden")) continue;
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (!text.parentElement.checkVisibility()) continue;
      for (const match of text.data.matchAll(figure)) {
        const range = document.createRange();
        range.setStart(text, match.index);
        range.setEnd(text, match.index + match[0].length);
        const shown = [...range.getClientRects()].filter(box => box.width > 0);
        if (match[0].length <= 26 && new Set(shown.map(box => Math.round(box.top))).size > 1)
          broken.push(match[0]);
      }
    }
  }
  return broken;
}"""
# Axe would read style sheets once more, and what they import from beside the page; the one rule that
# asks for them is experimental and not run.
AXE = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
# Public pages and firms' are looked at in the dark too; the admin has colours of its own.
CONTRAST = {**AXE, "runOnly": ["color-contrast"]}
# What is wider than its box: cut off, or scrolled in a box that no keyboard reaches or that has no name.
CLIPPED = """() => [...document.querySelectorAll("main *")].filter(box => {
    const style = getComputedStyle(box);
    if (!box.checkVisibility() || style.overflowX === "visible" || box.closest(".visually-hidden")
      || box.matches("input, select, textarea, svg, svg *")) return false;
    const scrolls = ["auto", "scroll"].includes(style.overflowX);
    const named = box.tabIndex === 0 && box.role === "region" && box.ariaLabel;
    return box.scrollWidth > box.clientWidth + 1 && !(scrolls && named);
  }).map(box => box.outerHTML.slice(0, 120))"""
# A telephone, and a desk zoomed to 200 %.
NARROW = (320, 720)
NUMBERS = {"revenue__main_business__y0": "2000", "stat__first_upgrade_year": "2026"}


def photograph(seen, **options):
    """The picture of a page or a part of it, as PNG; a busy browser is asked a second time."""
    try:
        return seen.screenshot(**options)
    except Error as error:
        if "Unable to capture screenshot" not in error.message:
            raise
        return seen.screenshot(**options)


def at_each_width(page):
    """The page at its own width, then at the others that it is looked at; the walk goes on at its own."""
    own = page.viewport_size
    yield own["width"]
    for width in page.other_widths:
        page.set_viewport_size({**own, "width": width})
        yield width
    if page.other_widths:
        page.set_viewport_size(own)


def keep_picture(page, name):
    """Lay the whole page aside, at each width, for people to look at; with PICTURES only."""
    page.wait_for_load_state()
    for width in at_each_width(page) if THOROUGH else ():
        _keep_picture(page, name, width)


def _keep_picture(page, name, width):
    SCREENSHOTS.mkdir(exist_ok=True)
    photograph(page, path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)


def check_page(page, name):
    """No accessibility violation, nothing refused by the security policy, no sideways scroll.

    No column of a list in the admin is too narrow for its text. All that at each width, but for the
    accessibility, which without PICTURES is looked at in the page's own; other pages clip nothing on a
    small telephone or at 200 %, and, with PICTURES, can be read in the dark.
    """
    page.wait_for_load_state()  # a click returns when the next page has begun, without a document yet
    if "/admin/" not in page.url:
        _check_narrow(page)
        if THOROUGH:
            _check_dark(page)
    for place, width in enumerate(at_each_width(page)):
        if THOROUGH:
            _keep_picture(page, name, width)
        if THOROUGH or place == 0:
            results = Axe().run(page, options=AXE)
            assert results.violations_count == 0, results.generate_report()
        assert not page.problems, page.problems  # nor has axe asked the site for what is not there
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SQUEEZED) == []


def _check_narrow(page):
    own = page.viewport_size
    for width in NARROW:
        page.set_viewport_size({**own, "width": width})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        assert page.evaluate(CLIPPED) == [], width
    page.set_viewport_size(own)


def _check_dark(page):
    # Without motion: colours that are still changing have no contrast.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    results = Axe().run(page, options=CONTRAST)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert results.violations_count == 0, results.generate_report()


def axe_findings(page, options):
    """What axe finds, as rule and place."""
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']} {'; '.join(node['html'][:120] for node in each['nodes'][:3])}"
        for each in violations
    ]


def enter(page, site, user):
    """Log the user in without the form."""
    client = Client()
    client.force_login(user)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": site}])


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
    """Say where and what the firm is, and tick what concerns it."""
    page.goto(site)
    check_page(page, "home")
    page.get_by_role("main").get_by_role("link", name="开始自测").click()
    check_page(page, "start")
    page.locator("[name=enterprise__county]").select_option("140521")
    page.locator("[name=industry__section]").select_option("C")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="哪些与您有关").wait_for()
    check_page(page, "topics")
    page.get_by_label("升为规上").check()
    page.get_by_role("button", name="下一步").click()


def go_to(page, name):
    """Answer step after step until a question is on the page."""
    for _ in range(20):
        if page.locator(f"[name={name}]").count():
            break
        answer_step(page)
    return page.locator(f"[name={name}]")


def finish(page):
    """Answer step after step until the result."""
    for _ in range(20):
        if "/result/" in page.url:
            break
        answer_step(page)
    page.wait_for_url("**/result/**")
