"""What became of the rules after a self-check: it is judged anew whenever it is opened."""

from django.db.models import Exists, OuterRef, Q

from policies.catalogue.models import Edition, Programme
from policies.presentation.edition_state import closed_in_words
from policies.self_check.models import SelfCheck
from policies.self_check.standing import may_apply

JUDGED_NOW = {
    Edition.Status.CORRECTED: "这里按更正后的规则计算。",
    Edition.Status.WITHDRAWN: "这里按当天仍然有效的版本计算。",
}
TAKEN_OUT, PUT_BACK = "不再参与自测，这里没有算它：", "恢复参与自测，这里算上了它："


def changed_since(check: SelfCheck) -> list[str]:
    """A sentence for each edition of its day and place that was closed since, and for each programme
    that was taken out of the self-check or put back; two queries."""
    counted = Q(ends=None) | Q(ends__gt=check.on) | Q(status=Edition.Status.RETIRED)
    closed = Edition.objects.filter(
        counted,
        closed_at__gt=check.created_at,
        effective_from__lte=check.on,
        programme__screened=True,
    ).select_related("programme")
    if check.families:
        closed = closed.filter(programme__family__in=check.families)
    counting = Edition.objects.in_force(check.on).filter(programme=OuterRef("pk"))
    moved = Programme.objects.filter(Exists(counting), screened_at__gt=check.created_at)
    if check.families:
        moved = moved.filter(family__in=check.families)
    county = check.answers.get("enterprise.county")
    city = county[:4] + "00" if county else check.answers.get("enterprise.city")
    told = [
        (row.programme, f"{closed_in_words(row)}。{JUDGED_NOW.get(row.status, '')}")
        for row in closed.order_by("closed_at", "pk")
    ]
    told += [
        (row, f"{PUT_BACK if row.screened else TAKEN_OUT}{row.screened_reason}。")
        for row in moved.order_by("screened_at", "pk")
    ]
    return [
        f"“{programme}”{what}"
        for programme, what in told
        if may_apply(programme.area_id, city, county)
    ]
