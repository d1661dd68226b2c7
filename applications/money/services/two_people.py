"""Two people pay: who confirmed, approved or released a line does not register its payment."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef

from applications.money.models import AwardEvent, AwardLine
from portal.users import not_beside

Action = AwardEvent.Action
OWN_LINES = (
    "有 {count} 项由您确认或批准，支付要由另一人登记：{names}。"
    "请同事登记这一批，或把这些项移出后再登记。"
)
SAME_PERSON = "由您建立或重设过的账号，和建立或重设您账号的人，与您算同一个人。"
MOST_NAMES = 10


def answered_for(lines: Iterable[AwardLine], actor: Any) -> set[int]:
    """Which of these lines the actor confirmed, approved or released, not taken back since.

    Two queries. Who has the actor's account in hand, or whose the actor has, counts as the actor.
    """
    taken_back = AwardEvent.objects.filter(
        line=OuterRef("line"), action=Action.REOPEN, pk__gt=OuterRef("pk")
    )
    granted = AwardEvent.objects.filter(
        ~Exists(taken_back),
        line__in=[line.pk for line in lines],
        action__in=[Action.CONFIRM, Action.APPROVE, Action.RELEASE],
    )
    by_line = list(granted.order_by().values_list("line", "actor"))
    same = {actor.pk, *not_beside(actor, {granter for _, granter in by_line} - {actor.pk})}
    return {line for line, granter in by_line if granter in same}


def refusal_of_own(own: Sequence[AwardLine]) -> str:
    """Why these lines, which the actor confirmed or approved, are not theirs to pay."""
    names = "、".join(str(line) for line in own[:MOST_NAMES])
    more = " 等" if len(own) > MOST_NAMES else ""
    return OWN_LINES.format(count=len(own), names=f"{names}{more}") + SAME_PERSON
