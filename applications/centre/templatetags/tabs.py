"""What a list is divided into, above it."""

from typing import Any

from django import template

from applications.centre.filters import MineFirst

register = template.Library()


@register.inclusion_tag("admin/centre/_tabs.html")
def tabs_of(changelist: Any) -> dict[str, Any]:
    """The filter that says whose the work is, and how many others there are beside or below the list."""
    specs = changelist.filter_specs
    tabs = [spec for spec in specs if isinstance(spec, MineFirst)]
    return {
        "tabs": [(spec.title, list(spec.choices(changelist))) for spec in tabs],
        "others": len(specs) - len(tabs),
    }
