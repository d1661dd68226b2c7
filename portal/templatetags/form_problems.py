"""One sentence above a form says how many fields are to be filled in and looked at."""

from typing import Any

from django import forms, template

from portal.form_problems import kept_in_words, problems_of

register = template.Library()


@register.inclusion_tag("portal/_form_problems.html")
def form_problems(told: str, *judged: forms.Form) -> dict[str, Any]:
    """`told` says what was not done; nothing is shown where no form has a problem and it is empty."""
    found = problems_of(judged)
    return {
        "told": told,
        "empty": [each for each in found if each.is_empty],
        "wrong": [each for each in found if not each.is_empty],
        # The form shows them itself.
        "others": any(form.non_field_errors() for form in judged),
        "kept": kept_in_words(judged),
    }
