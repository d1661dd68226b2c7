"""Two variants of a result side by side; the address holds them, and nothing is kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from policies.catalogue.current import Catalogue
from policies.rules.firm import add_months
from policies.self_check import questionnaire
from policies.self_check.forms.variants import FACTS_MOST, Side
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import find_self_check
from policies.self_check.variants import Judged, side_by_side
from portal.public_pages import limited_reading, private


@require_safe
@limited_reading
@private
def variants(request: HttpRequest, token: str) -> HttpResponse:
    """The form, and what it says where it can be read; at first as answered, and a year later."""
    check, known = find_self_check(token), Catalogue()
    left_out = set(request.GET.getlist("without"))
    choices = _choices(check, known)
    offered = {key for _, rows in choices for key, _ in rows}
    keys = [
        key
        for key in dict.fromkeys(request.GET.getlist("fact"))
        if key in offered and key not in left_out
    ]
    too_many = len(keys) > FACTS_MOST
    keys = keys[:FACTS_MOST]
    asked = request.GET.copy()
    if "a-on" not in asked:
        asked.update(
            {
                "a-name": f"{check.on.year} 年",
                "a-on": str(check.on),
                "b-name": f"{check.on.year + 1} 年",
                "b-on": str(add_months(check.on, 12)),
            }
        )
    sides = [Side(prefix, asked, keys, check, known.facts) for prefix in ("a", "b")]
    context: dict[str, Any] = {
        "check": check,
        "sides": sides,
        "keys": keys,
        "chosen": [(key, known.facts[key].label) for key in keys],
        "choices": [
            (section, [row for row in rows if row[0] not in keys]) for section, rows in choices
        ],
        "too_many": FACTS_MOST if too_many else 0,
        "problems": [form for side in sides for form in side.problems],
    }
    if all(side.is_valid for side in sides):
        one, other = (Judged(check, side.variant, known) for side in sides)
        context |= {"judged": (one, other), "rows": side_by_side(one, other)}
    return render(request, "self_check/variants.html", context)


def _choices(check: SelfCheck, known: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    """By section, the facts that the firm's programmes turn on: key and label."""
    editions = questionnaire.chosen(known.editions_in_force(check.on), check.families)
    read = {key for edition in editions for key in edition.fact_keys}
    sections: dict[str, list[tuple[str, str]]] = {}
    for key, fact in known.facts.items():
        if key in read:
            sections.setdefault(fact.section, []).append((key, fact.label))
    return list(sections.items())
