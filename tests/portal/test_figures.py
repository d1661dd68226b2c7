"""Figures that hold together: what is wrapped, and that nothing else of a page changes."""

import pytest
from django.utils.safestring import mark_safe

from portal.templatetags.figures import figures


def held(text):
    return f'<span class="figure">{text}</span>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-28", held("2026-11-28")),
        ("补正到 2026-11-28 止", f"补正到 {held('2026-11-28')} 止"),
        ("140500-ZF2026-0001", held("140500-ZF2026-0001")),
        ("0356-7000000", held("0356-7000000")),
        ("2026年7月31日", held("2026年7月31日")),
        ("30–50 万元", f"{held('30–50')} 万元"),
        ("20", "20"),
        ("well-known", "well-known"),
        ("a" * 20 + "-" + "1" * 20, "a" * 20 + "-" + "1" * 20),
        ("<b>1-2</b>", f"&lt;b&gt;{held('1-2')}&lt;/b&gt;"),
    ],
)
def test_a_figure_with_a_hyphen_and_a_day_hold_together(text, shown):
    assert figures(text) == shown


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="/x/2026-11-28/?a=1-2" title="1-2">甲</a>',
        '<option value="1-2">1-2</option>',
        "<textarea>2026-11-28</textarea>",
        "&#39;&#x2F;",
        "<td></td>",
    ],
)
def test_tags_and_elements_of_plain_text_stay_as_they_are(markup):
    assert figures(mark_safe(markup)) == markup
