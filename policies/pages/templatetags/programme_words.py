"""Words of the programme list: kinds, levels and amounts."""

from collections.abc import Iterable

from django import template

from policies.catalogue.models import Programme
from policies.catalogue.models.award import Level
from policies.pages.listing import NO_MONEY, UNPUBLISHED, Entry
from policies.presentation.words import UNREADABLE, money

register = template.Library()


@register.filter
def kind_label(kind: str) -> str:
    return Programme.Kind(kind).label


@register.filter
def level_labels(levels: Iterable[str]) -> str:
    return "、".join(Level(level).label for level in levels)


@register.filter
def amount_words(entry: Entry) -> str:
    """What the documents print, or that they print nothing; never 0."""
    if entry.edition.fault:
        return UNREADABLE
    if entry.status == NO_MONEY:
        return "不涉及资金"
    if entry.status == UNPUBLISHED:
        return "金额未公布"
    return money(entry.paid.pair) if entry.most else "按实际情况计算"
