"""How a page of the admin asks a second person, and what it does with the answer."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.acts_of_two import refusal_of
from portal.forms import reason_in
from portal.models import ActOfTwo

CONFIRM, REFUSE, WITHDRAW = "confirm", "refuse", "withdraw"
UNKNOWN = "没有这种结论，请重新选择。"
LEFT_TO_OTHERS = "由有权办理的另一人复核。"


def asking(act: ActOfTwo, user: Any, *, may_handle: bool, reason: str = "") -> dict[str, Any]:
    """What the template `_second_person.html` needs: the buttons, or why there are none."""
    if not act.is_pending:
        return {}
    decisions, refusal = {}, "" if may_handle else LEFT_TO_OTHERS
    if may_handle:
        refusal = refusal_of(act, user)
        if not refusal:
            decisions = {CONFIRM: "复核无误，生效", REFUSE: "不通过"}
        elif act.may_be_withdrawn_by(user):
            decisions = {WITHDRAW: "撤回，不提了"}
    return {"decisions": decisions, "refusal": refusal, "reason": reason}


def decided(
    data: Mapping[str, str], services: Mapping[str, Callable[..., Any]], **what: Any
) -> Any:
    """Do what was pressed by the service of that name; ValueError for what no button says."""
    decision = data.get("decision", "")
    if decision not in services:
        raise ValueError(UNKNOWN)
    if decision == REFUSE:
        what["reason"] = reason_in(data)
    return services[decision](**what)
