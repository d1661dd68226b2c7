"""Cells beside the columns that they stand in."""

from collections.abc import Iterable
from typing import Any

from django import template

register = template.Library()


@register.filter
def beside(columns: Iterable[Any], cells: Iterable[Any]) -> list[tuple[Any, Any]]:
    return list(zip(columns, cells, strict=True))
