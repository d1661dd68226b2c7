"""Figures, days and codes that hold together in a narrow column."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# Longer ones may be broken: nobody reads them as one.
LONGEST = 26
# Browsers break a line after a hyphen, and within a Chinese day.
_FIGURE = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日|(?<![\w&#.-])[0-9A-Za-z]+(?:[-–/:.,][0-9A-Za-z]+)+", re.ASCII
)
# Tags, and elements that hold text alone.
_MARKUP = re.compile(r"(<(option|script|style|textarea|title)\b.*?</\2>|<[^>]*>)", re.DOTALL)


@register.filter
def figures(text: object) -> SafeString:
    """Text or markup, as markup in which each figure with a hyphen, and each day, stays on one line."""
    parts = _MARKUP.split(conditional_escape(text))
    # Of three pieces the first is text, the second markup, the third the name of its element.
    told = (
        _FIGURE.sub(_held, part) if place % 3 == 0 else part
        for place, part in enumerate(parts)
        if place % 3 != 2
    )
    return mark_safe("".join(told))  # noqa: S308 (escaped above)


def _held(found: re.Match[str]) -> str:
    figure = found[0]
    is_figure = len(figure) <= LONGEST and any(sign.isdigit() for sign in figure)
    return f'<span class="figure">{figure}</span>' if is_figure else figure
