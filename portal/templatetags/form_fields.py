"""What a form writes once for each attribute and each choice: so often that templates are dear."""

from collections.abc import Mapping
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import optgroups
from django import forms, template
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def attributes(attrs: Mapping[str, Any], without: str = "") -> SafeString:
    """Each with a blank before it; what is True stands alone, and what is False is left out."""
    written = [
        f" {conditional_escape(name)}"
        if value is True
        else f' {conditional_escape(name)}="{conditional_escape(value)}"'
        for name, value in attrs.items()
        if value is not False and name != without
    ]
    return mark_safe("".join(written))  # noqa: S308 (all of it is escaped)


@register.simple_tag
def choices(field: forms.BoundField) -> SafeString:
    """Boxes or buttons, each with its label; what is wrong stands with the last of them."""
    options = [option for _, group, _ in optgroups(field) for option in group]
    wrong, told = "", ""
    if field.errors:
        context = {"field": field, "form_show_errors": True}
        wrong = " is-invalid"
        told = render_to_string("bootstrap5/layout/field_errors_block.html", context)
    last = len(options) - 1
    return format_html_join(
        "\n",
        '<div class="form-check">\n<input type="{}" class="form-check-input{}" name="{}" value="{}"{}>\n'
        '<label for="{}" class="form-check-label">{}</label>\n{}</div>',
        (
            (
                option["type"], wrong, field.html_name, option["value"],
                attributes(option["attrs"]), option["attrs"].get("id", ""), option["label"],
                told if place == last else "",
            )
            for place, option in enumerate(options)
        ),
    )  # fmt: skip
