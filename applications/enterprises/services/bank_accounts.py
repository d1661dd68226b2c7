"""A firm's account: entered by one, usable when another has confirmed it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from applications.enterprises.models import BankAccount, Enterprise, Membership
from portal.users import not_beside

State = BankAccount.State
SAME = "这就是现在用的账户，不用再填。"
WAITS_ALREADY = "这个账户已经填过，正在等县中心核对，不用再填。"
DECIDED = "这个账户已被他人处理，您的操作没有生效；请刷新后再看。"
ENTERED_BY_YOU = "这个账户由您填写，要由另一名财务人员核对。"
SAME_PERSON = "填写人的账号由您建立或重设过，或者您的账号由他建立或重设过：两人算同一个人，请另一名财务人员核对。"
OF_YOUR_FIRM = "您是这家企业的成员，要由另一名财务人员核对。"
REASON_MISSING = "请写明哪里不对，企业看得到。"


class BankAccountError(Exception):
    """What cannot be done with an account; the message says why, in Chinese."""


@transaction.atomic
def enter_account(
    *,
    enterprise: Enterprise,
    holder: str,
    bank: str,
    number: str,
    actor: Any,
    now: datetime,
    by_staff: bool = False,
) -> BankAccount:
    """Put an account down to be confirmed; one that still waits is replaced by it."""
    Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    entered = {"holder": holder, "bank": bank, "number": number}
    waiting = BankAccount.objects.pending().filter(enterprise=enterprise).first()
    if waiting is not None and _is_same(waiting, entered):
        raise BankAccountError(WAITS_ALREADY)
    current = BankAccount.objects.current(enterprise)
    if waiting is None and current is not None and _is_same(current, entered):
        raise BankAccountError(SAME)
    if waiting is not None:
        _decide(waiting, State.REPLACED, actor, now)
    return BankAccount.objects.create(
        enterprise=enterprise, entered_at=now, entered_by=actor, by_staff=by_staff, **entered
    )


def _is_same(account: BankAccount, entered: dict[str, str]) -> bool:
    return all(getattr(account, name) == value for name, value in entered.items())


@transaction.atomic
def confirm_account(*, account: BankAccount, actor: Any, now: datetime) -> BankAccount:
    """From now on the firm is paid on it; somebody else than who entered it says so."""
    return _decide(_second_person(account, actor), State.CONFIRMED, actor, now)


@transaction.atomic
def refuse_account(*, account: BankAccount, reason: str, actor: Any, now: datetime) -> BankAccount:
    """It is not used, for a reason that the firm reads; what was used before stays in use."""
    if not reason.strip():
        raise BankAccountError(REASON_MISSING)
    return _decide(_second_person(account, actor), State.REFUSED, actor, now, reason.strip())


def refusal_of(account: BankAccount, actor: Any) -> str:
    """Why the actor is no second person for this account; empty where they are."""
    if account.entered_by_id == actor.pk:
        return ENTERED_BY_YOU
    if not_beside(actor, {account.entered_by_id}):
        return SAME_PERSON
    if Membership.objects.filter(enterprise=account.enterprise_id, user=actor).exists():
        return OF_YOUR_FIRM
    return ""


def _second_person(account: BankAccount, actor: Any) -> BankAccount:
    """The account while it waits, locked; BankAccountError where the actor may not decide on it."""
    Enterprise.objects.select_for_update(no_key=True).get(pk=account.enterprise_id)
    found = BankAccount.objects.pending().filter(pk=account.pk).first()
    if found is None:
        raise BankAccountError(DECIDED)
    if refusal := refusal_of(found, actor):
        raise BankAccountError(refusal)
    return found


def _decide(
    account: BankAccount, state: str, actor: Any, now: datetime, reason: str = ""
) -> BankAccount:
    account.state, account.reason = state, reason
    account.decided_at, account.decided_by = now, actor
    account.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    return account
