"""Acts that take two: a second person decides what the first has proposed."""

from datetime import datetime
from typing import Any

from portal.models.act_of_two import ActOfTwo
from portal.users import not_beside

State = ActOfTwo.State
BY_YOU = "这一项由您提出，要由另一人复核。"
SAME_PERSON = (
    "提出人的账号由您建立或重设过，或者您的账号由他建立或重设过：两人算同一个人，请另一人复核。"
)
DECIDED = "这一项已被他人处理，您的操作没有生效；请刷新后再看。"
NOT_YOURS = "只有提出人可以撤回。"
REASON_MISSING = "请写明不通过的原因。"


class ActOfTwoError(Exception):
    """A decision that cannot be made; the message says why, in Chinese."""


def refusal_of(act: ActOfTwo, actor: Any) -> str:
    """Why the actor is no second person for this act; empty where they are."""
    if act.proposed_by_id == actor.pk:
        return BY_YOU
    return SAME_PERSON if not_beside(actor, {act.proposed_by_id}) else ""


def second_person(act: Any, actor: Any) -> Any:
    """The act while it waits, locked; ActOfTwoError where the actor may not decide on it.

    What it is about is locked before, by the caller.
    """
    found = _waiting(act)
    if refusal := refusal_of(found, actor):
        raise ActOfTwoError(refusal)
    return found


def _waiting(act: Any) -> Any:
    rows = type(act)._default_manager.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=act.pk, state=State.PENDING).first()
    if found is None:
        raise ActOfTwoError(DECIDED)
    return found


def confirm(act: Any, *, actor: Any, now: datetime) -> Any:
    """Whatever it brings about is the caller's, in the same transaction."""
    return _decide(second_person(act, actor), State.CONFIRMED, actor, now)


def refuse(act: Any, *, reason: str, actor: Any, now: datetime) -> Any:
    if not reason.strip():
        raise ActOfTwoError(REASON_MISSING)
    return _decide(second_person(act, actor), State.REFUSED, actor, now, reason.strip())


def withdraw(act: Any, *, actor: Any, now: datetime) -> Any:
    """Who proposed it takes it back before anybody decided."""
    found = _waiting(act)
    if not found.may_be_withdrawn_by(actor):
        raise ActOfTwoError(NOT_YOURS)
    return _decide(found, State.WITHDRAWN, actor, now)


def _decide(act: Any, state: str, actor: Any, now: datetime, answer: str = "") -> Any:
    act.state, act.decided_at, act.decided_by, act.answer = state, now, actor, answer
    act.save(update_fields=["state", "decided_at", "decided_by", "answer"])
    return act
