"""Words of the programme list: kinds, levels and amounts."""

from django import template

from policies.catalogue.models import Programme
from policies.catalogue.models.award import Level
from policies.pages.listing import NO_MONEY, NOT_HERE, UNPUBLISHED, Entry
from policies.presentation.money_picture import BY_CASE, level_text
from policies.presentation.words import UNREADABLE, money

register = template.Library()
WITHOUT_FIGURE = {
    NO_MONEY: "不涉及资金",
    UNPUBLISHED: "金额未公布",
    NOT_HERE: "文件没有列本县的金额",
}


@register.filter
def kind_label(kind: str) -> str:
    return Programme.Kind(kind).label


@register.filter
def amount_words(entry: Entry) -> str:
    """What the documents print, or that they print nothing; never 0."""
    if entry.edition.fault:
        return UNREADABLE
    if entry.status in WITHOUT_FIGURE:
        return WITHOUT_FIGURE[entry.status]
    return money(entry.paid.pair) if entry.most else BY_CASE


@register.filter
def level_words(entry: Entry) -> list[dict[str, str]]:
    """What each level pays in the entry's county."""
    return [{"level": Level(name).label, "text": level_text(level)} for name, level in entry.pays]
