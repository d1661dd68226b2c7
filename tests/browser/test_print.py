"""The print view on paper: A4, nothing cut off, the folded parts unfolded."""

import re

import pytest

from tests.browser.walk import SCREENSHOTS, check_page
from tests.factories import SelfCheckFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_the_print_view_fits_a4(wide, site):
    wide.goto(f"{site}/result/{SelfCheckFactory().token}/print/")
    check_page(wide, "print")
    # The parts of a programme stand below each other, as on the paper that is made as PDF.
    columns = wide.locator(".paper section.entry").evaluate_all(
        "all => all.map(each => new Set([...each.children].map(part => part.offsetLeft)).size)"
    )
    assert columns and set(columns) == {1}
    wide.emulate_media(media="print")
    # 210 mm less the margins, at 96 pixels to the inch.
    wide.set_viewport_size({"width": round((210 - 28) / 25.4 * 96), "height": 1000})
    assert wide.evaluate("document.documentElement.scrollWidth") <= wide.viewport_size["width"]
    assert not wide.get_by_role("navigation").is_visible()
    assert wide.get_by_text("晋市政办〔2021〕35号").first.is_visible()
    paper = wide.pdf(prefer_css_page_size=True, path=SCREENSHOTS / "result.pdf")
    boxes = {
        tuple(map(float, box)) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    }
    assert boxes
    assert all(abs(w - 595) < 2 and abs(h - 842) < 2 for w, h in boxes)
