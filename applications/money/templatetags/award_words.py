"""Amounts and changes of awards in plain Chinese."""

from collections.abc import Mapping
from decimal import Decimal

from django import template

from policies.rules.facts import plain

register = template.Library()
CHANGED = {
    "amount": "金额",
    "year": "给付年度",
    "fund": "资金",
    "part": "资金的部分",
    "scheduled": "列入批次待付",
    "paid": "已付",
    "returned": "退回",
    "whole": "整项预算",
}


@register.filter
def figure(amount: Decimal | None) -> str:
    """Every digit of an amount, without trailing zeros."""
    return "" if amount is None else plain(amount)


@register.filter
def wan(amount: Decimal | None) -> str:
    return "" if amount is None else f"{plain(amount)} 万元"


@register.filter
def short_of(left: Decimal) -> str:
    """How much is missing where less than nothing is left."""
    return wan(-left)


@register.filter
def changes_in_words(changes: Mapping[str, list[str | None]]) -> list[str]:
    return [
        f"{CHANGED.get(name, name)}由{before or '空'}改为{after or '空'}"
        for name, (before, after) in changes.items()
    ]
