"""What became of the rules after a self-check: it is judged anew whenever it is opened."""

from django.db.models import Q

from policies.catalogue.models import Edition
from policies.presentation.edition_state import closed_in_words
from policies.self_check.models import SelfCheck
from policies.self_check.result_page import may_apply

JUDGED_NOW = {
    Edition.Status.CORRECTED: "这里按更正后的规则计算。",
    Edition.Status.WITHDRAWN: "这里按当天仍然有效的版本计算。",
}


def changed_since(check: SelfCheck) -> list[str]:
    """A sentence for each edition of its day and place that was closed since; one query."""
    counted = Q(ends=None) | Q(ends__gt=check.on) | Q(status=Edition.Status.RETIRED)
    closed = Edition.objects.filter(
        counted,
        closed_at__gt=check.created_at,
        effective_from__lte=check.on,
        programme__screened=True,
    ).select_related("programme")
    if check.families:
        closed = closed.filter(programme__family__in=check.families)
    county = check.answers.get("enterprise.county")
    city = county[:4] + "00" if county else check.answers.get("enterprise.city")
    return [
        f"“{row.programme}”{closed_in_words(row)}。{JUDGED_NOW.get(row.status, '')}"
        for row in closed.order_by("closed_at", "pk")
        if may_apply(row.programme.area_id, city, county)
    ]
