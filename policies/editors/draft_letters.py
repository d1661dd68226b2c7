"""Letters of editors to editors: whoever wrote a draft is told when somebody else deletes it, a second
one that an edition waits for them, and the first what became of it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from policies.catalogue.models import Edition
from policies.editors.edition_proposals import second_editors
from policies.editors.models import EditionProposal
from portal.models import User


def others_who_wrote(draft: Edition, user: Any) -> list[User]:
    """Those who made the draft or changed it or a part of it, but for the user; active ones only."""
    parts = Q(pk__in=[])
    for rows in (draft.criteria, draft.awards, draft.examples):
        kind = ContentType.objects.get_for_model(rows.model)
        keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
        parts |= Q(content_type=kind, object_id__in=keys)
    wrote = Q(pk__in=draft.history.values("history_user")) | Q(
        pk__in=LogEntry.objects.filter(parts).values("user")
    )
    return list(User.objects.filter(wrote, is_active=True).exclude(pk=user.pk).order_by("pk"))


def deletion_foretold(others: Iterable[User]) -> list[str]:
    """Who will be written to, and who cannot be."""
    names = {True: [], False: []}
    for other in others:
        names[bool(other.email)].append(str(other))
    lines = [f"会写信告诉写过它的{'、'.join(names[True])}。"] if names[True] else []
    if names[False]:
        lines.append(f"{'、'.join(names[False])}也写过它，没有登记邮箱，请另行告诉。")
    return lines


def tell_of_deletion(draft: Edition, others: Iterable[User], *, by: Any, reason: str) -> None:
    context = {"draft": draft, "by": by, "reason": reason}
    _write(others, f"您写的草稿已被删除：{draft}", "draft_deleted", context)


def tell_of_proposal(proposal: EditionProposal) -> list[User]:
    """Those who are asked to approve it and were written to."""
    asked = second_editors(proposal)
    return _write(asked, f"等您审核：{proposal}", "edition_proposed", _about(proposal))


def tell_of_decision(proposal: EditionProposal) -> list[User]:
    subject = f"{proposal.get_state_display()}：{proposal}"
    return _write([proposal.proposed_by], subject, "edition_decided", _about(proposal))


def _about(proposal: EditionProposal) -> dict[str, Any]:
    page = reverse("admin:editors_editionproposal_change", args=[proposal.pk])
    return {"proposal": proposal, "page": f"{settings.SITE_URL}{page}"}


def _write(
    others: Iterable[User], subject: str, letter: str, context: dict[str, Any]
) -> list[User]:
    """Those who have an address, and are written to."""
    text = render_to_string(f"editors/mail/{letter}.txt", {**context, "site": settings.SITE_URL})
    written = [other for other in others if other.email]
    for other in written:
        send_mail(subject, text.strip(), settings.DEFAULT_FROM_EMAIL, [other.email])
    return written
