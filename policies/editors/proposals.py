"""Proposing a change of what several share, and deciding it: two people of two places.

Whoever accepts is in charge of an area that uses the row outside the proposer's own, or is of the
province: a colleague of the same office would be a second person, yet none of those who are
affected. That is one of them, not all: a list of signatures would stop a phone number.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from policies.editors.builder.field import Built
from policies.editors.jurisdiction import reach_of
from policies.editors.models import ProposedChange
from policies.editors.uses import areas_using
from portal.models import Jurisdiction, User
from portal.users import not_beside

Outcome = ProposedChange.Outcome
NOT_OPEN = "这项修改已经办理，请刷新后再看。"
NOT_ASKED = "这项修改要由用到它的其他地区的编辑或省级编辑确认。"
NOT_PROPOSER = "只有提出人可以撤回。"
NOTE_MISSING = "请写明为什么退回，提出人看得到。"
ROW_CHANGED = "提出以后，这条记录又改过（{names}），不能再照着改。请退回，由提出人重新提交。"
ROW_GONE = "这条记录已经删除，不能再改。请退回。"


class ProposalError(Exception):
    """A proposal that cannot be decided so; the message says why, in Chinese."""


def as_shown(bound: forms.BoundField) -> Any:
    """What the form shows for the row as it is: what a browser would send back unchanged."""
    value = bound.field.prepare_value(bound.initial)
    if isinstance(value, bool):
        return value
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else bound.field.widget.format_value(value)
    return text.replace("\r\n", "\n")


def _as_typed(bound: forms.BoundField) -> Any:
    value = bound.data
    if isinstance(value, Built):
        value = bound.field.widget.format_value(value)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def differences(form: forms.ModelForm) -> dict[str, Any]:
    """The fields that get another value than the row has, as they were typed."""
    typed = {
        name: _as_typed(form[name]) for name in form.changed_data if not form[name].field.disabled
    }
    return {name: value for name, value in typed.items() if value != as_shown(form[name])}


def open_proposal(row: Model) -> ProposedChange | None:
    kind = ContentType.objects.get_for_model(row)
    return ProposedChange.objects.filter(content_type=kind, object_id=row.pk, outcome="").first()


@transaction.atomic
def propose(
    *,
    form: forms.ModelForm,
    fields: list[str],
    is_new: bool,
    reason: str,
    user: User,
    now: datetime,
) -> ProposedChange:
    """Keep what a valid form would change, and ask those who use the row elsewhere."""
    row, changes = form.instance, differences(form)
    proposal = ProposedChange.objects.create(
        content_type=ContentType.objects.get_for_model(row),
        object_id="" if is_new else str(row.pk),
        # As it is called now: the form has put the new words into its row.
        subject=str(row if is_new else type(row)._base_manager.get(pk=row.pk)),
        before={} if is_new else {name: as_shown(form[name]) for name in fields},
        after={name: changes[name] for name in fields if name in changes},
        reason=reason,
        proposed_by=user,
        jurisdiction_code=user.jurisdiction_code,
        proposed_at=now,
    )
    elsewhere = ~Q(pk__in=Jurisdiction.objects.within(user.jurisdiction_code).values("pk"))
    areas, uses = Jurisdiction.objects.filter(elsewhere), None if is_new else areas_using(row)
    proposal.asked.set(areas if uses is None else areas.filter(pk__in=uses))
    return proposal


def waiting_for(user: Any) -> QuerySet[ProposedChange]:
    """The open proposals that the user may decide.

    Whoever is of the proposer's place, or of one within it, is none of the others: neither of the
    place that the proposer had, nor of the one that they have now. Places may have been moved since.
    Two accounts in one hand are no two people.
    """
    reach = reach_of(user)
    others = ProposedChange.objects.filter(outcome="").exclude(proposed_by=user.pk)
    proposers = set(others.order_by().values_list("proposed_by", flat=True))
    others = others.exclude(proposed_by__in=not_beside(user, proposers))
    if reach.is_whole:
        return others
    above = Jurisdiction.objects.above(user.jurisdiction_code).values_list("pk", flat=True)
    own = [user.jurisdiction_code, *above]
    others = others.exclude(
        Q(jurisdiction_code__in=own) | Q(proposed_by__jurisdiction_code__in=own)
    )
    return others.filter(pk__in=others.filter(asked__in=reach.areas).values("pk"))


def locked_to_decide(proposal: ProposedChange, user: Any) -> ProposedChange:
    """The proposal, locked within a transaction; ProposalError where it is not the user's to decide."""
    found = ProposedChange.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if not found.is_open:
        raise ProposalError(NOT_OPEN)
    if not waiting_for(user).filter(pk=found.pk).exists():
        raise ProposalError(NOT_ASKED)
    return found


def close(
    proposal: ProposedChange, outcome: Outcome, *, user: User, now: datetime, note: str = ""
) -> None:
    proposal.outcome, proposal.note = outcome, note.strip()
    proposal.decided_by, proposal.decided_at = user, now
    proposal.decider_jurisdiction_code = user.jurisdiction_code
    proposal.save(
        update_fields=["outcome", "note", "decided_by", "decided_at", "decider_jurisdiction_code"]
    )


@transaction.atomic
def reject(*, proposal: ProposedChange, note: str, user: User, now: datetime) -> None:
    found = locked_to_decide(proposal, user)
    if not note.strip():
        raise ProposalError(NOTE_MISSING)
    close(found, Outcome.REJECTED, user=user, now=now, note=note)


@transaction.atomic
def withdraw(*, proposal: ProposedChange, user: User, now: datetime) -> None:
    found = ProposedChange.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if not found.is_open:
        raise ProposalError(NOT_OPEN)
    if found.proposed_by_id != user.pk:
        raise ProposalError(NOT_PROPOSER)
    close(found, Outcome.WITHDRAWN, user=user, now=now)
