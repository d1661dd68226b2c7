"""Publishing, correcting, retiring and withdrawing an edition: one editor proposes, another approves.

Who edits the programme may approve: editors of its place and of those above it, so that a place
with one editor is not stuck. What was changed since it was proposed is another draft: nobody
approves that before it is proposed anew. The database holds to it (policies.editors.guards); what an
operator loads from packs by command is published without, and says so on its page.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from policies.catalogue.content import digest_of, edition_content, with_content
from policies.catalogue.editions import (
    EditionError,
    locked_programme,
    publish_correction,
    publish_edition,
    refuse_correction,
    refuse_publishing,
    refuse_retiring,
    refuse_withdrawing,
    retire_edition,
    withdraw_edition,
)
from policies.catalogue.models import Edition
from policies.editors.jurisdiction import reach_of
from policies.editors.models import EditionProposal
from portal import acts_of_two
from portal.models import Jurisdiction, User
from portal.users import not_beside

BACKEND = "django.contrib.auth.backends.ModelBackend"
Act, State = EditionProposal.Act, EditionProposal.State
WAITS = "这个版本已经提交，正在等另一位编辑审核；要改，请先撤回。"
CHANGED = "提交以后草稿又改过，不再是当时提交的那一份：请退回，由提出人看过后重新提交。"
NOT_YOURS_TO_DECIDE = "这个项目不在您编辑的地区，由那里或上级的编辑审核。"
GONE = "这个版本已经删除。"


def digest_now(edition: Edition) -> str:
    """Of what the edition says as its rows are now."""
    return digest_of(edition_content(with_content(Edition.objects.filter(pk=edition.pk)).get()))


def is_another(proposal: EditionProposal) -> bool:
    """Whether the draft is not the one that was proposed any more."""
    edition = proposal.edition
    if edition is None or not proposal.is_of_draft:
        return edition is None
    return (proposal.digest, proposal.day, proposal.own_end) != (
        digest_now(edition), edition.effective_from, edition.own_end,
    )  # fmt: skip


def open_proposal(edition: Edition) -> EditionProposal | None:
    return edition.proposals.filter(state=State.PENDING).select_related("proposed_by").first()


@transaction.atomic
def propose(
    *,
    edition: Edition,
    act: str,
    user: Any,
    now: datetime,
    day: date | None = None,
    reason: str = "",
    answers: Iterable[Mapping[str, str]] = (),
) -> EditionProposal:
    """Ask a second editor; EditionError where the act could not be done, or one waits already.

    `day` is the one to retire it from.
    """
    locked_programme(edition.programme_id)
    edition = Edition.objects.select_related("programme", "corrects").get(pk=edition.pk)
    if open_proposal(edition):
        raise EditionError(WAITS)
    reason = _refuse_in_vain(edition, act, reason, day, now)
    return EditionProposal.objects.create(
        edition=edition,
        subject=str(edition),
        jurisdiction_code=edition.programme.area_id,
        act=act,
        day=day or edition.effective_from,
        own_end=edition.own_end,
        digest=digest_now(edition) if edition.is_draft else edition.digest,
        reason=reason,
        answers=list(answers),
        proposed_by=user,
        proposed_at=now,
    )


def _refuse_in_vain(
    edition: Edition, act: str, reason: str, day: date | None, now: datetime
) -> str:
    """Raise EditionError for what the approval would end with; the reason as it will stand."""
    if act == Act.PUBLISH:
        refuse_publishing(edition)
        return reason.strip()
    if act == Act.CORRECT:
        return refuse_correction(edition, reason)
    if act == Act.WITHDRAW:
        return refuse_withdrawing(edition, reason)
    if day is None:
        raise ValueError("an edition is retired from a day on")
    return refuse_retiring(edition, reason, day, now)


def waiting_for(user: Any) -> QuerySet[EditionProposal]:
    """The open proposals that the user may decide."""
    others = EditionProposal.objects.filter(state=State.PENDING).exclude(proposed_by=user.pk)
    proposers = set(others.order_by().values_list("proposed_by", flat=True))
    others = others.exclude(proposed_by__in=not_beside(user, proposers))
    return others.filter(jurisdiction_code__in=reach_of(user).areas)


def second_editors(proposal: EditionProposal) -> list[User]:
    """Who is asked: the other editors of the programme's place, or of the nearest above that has any."""
    area = proposal.jurisdiction_code
    places = Jurisdiction.objects.filter(pk=area) | Jurisdiction.objects.above(area)
    if Jurisdiction.objects.filter(pk=area, level=Jurisdiction.Level.NATION).exists():
        # Nobody stands above the province here.
        places |= Jurisdiction.objects.filter(level=Jurisdiction.Level.PROVINCE)
    levels = dict(places.values_list("pk", "level"))
    able = User.objects.with_perm(
        "catalogue.change_edition", include_superusers=False, backend=BACKEND
    )
    able = able.filter(is_staff=True, is_active=True, jurisdiction_code__in=levels)
    able = able.exclude(pk=proposal.proposed_by_id).order_by("pk")
    alike = not_beside(proposal.proposed_by, set(able.values_list("pk", flat=True)))
    others = [user for user in able if user.pk not in alike]
    for level in reversed(Jurisdiction.Level.values):
        if found := [user for user in others if levels[user.jurisdiction_code] == level]:
            return found
    return []


def refusal_to_decide(proposal: EditionProposal, user: Any) -> str:
    """Why the user is not the second person for it; empty where they are."""
    if proposal.jurisdiction_code not in reach_of(user).areas:
        return NOT_YOURS_TO_DECIDE
    return acts_of_two.refusal_of(proposal, user)


@transaction.atomic
def approve(*, proposal: EditionProposal, user: Any, now: datetime) -> EditionProposal:
    """Confirm it and do it at once; EditionError or ActOfTwoError says why not."""
    if proposal.edition is None:
        raise EditionError(GONE)
    locked_programme(proposal.edition.programme_id)
    if refusal := refusal_to_decide(proposal, user):
        raise acts_of_two.ActOfTwoError(refusal)
    found = acts_of_two.confirm(proposal, actor=user, now=now)
    if is_another(found):
        raise EditionError(CHANGED)
    edition = found.edition
    if found.act == Act.PUBLISH:
        publish_edition(edition)
    elif found.act == Act.CORRECT:
        publish_correction(edition, reason=found.reason, now=now)
    elif found.act == Act.RETIRE:
        retire_edition(edition, reason=found.reason, day=found.day, now=now)
    else:
        withdraw_edition(edition, reason=found.reason, now=now)
    return found


@transaction.atomic
def refuse(*, proposal: EditionProposal, reason: str, user: Any, now: datetime) -> EditionProposal:
    """Back to its editors, with what to do about it."""
    if refusal := refusal_to_decide(proposal, user):
        raise acts_of_two.ActOfTwoError(refusal)
    return acts_of_two.refuse(proposal, reason=reason, actor=user, now=now)


@transaction.atomic
def withdraw(*, proposal: EditionProposal, user: Any, now: datetime) -> EditionProposal:
    return acts_of_two.withdraw(proposal, actor=user, now=now)
