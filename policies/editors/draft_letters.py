"""Who wrote a draft is told when somebody else deletes it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string

from policies.catalogue.models import Edition
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
    context = {"draft": draft, "by": by, "reason": reason, "site": settings.SITE_URL}
    text = render_to_string("editors/mail/draft_deleted.txt", context)
    for other in others:
        if other.email:
            subject = f"您写的草稿已被删除：{draft}"
            send_mail(subject, text.strip(), settings.DEFAULT_FROM_EMAIL, [other.email])
