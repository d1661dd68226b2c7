"""Beginning and ending subscriptions: an address is confirmed first, and kept only then."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from applications.enterprises.models import Enterprise, Membership
from applications.following.models import Follower, Subscription, Told
from applications.following.wanted import Wanted
from portal.accounts.letters import KEY_LASTS, count_letter, key_of, meaning_of
from portal.models import Delivery, User
from portal.outbox.sending import post

PURPOSE = "follow"
# How the keys of letters with news begin.
NEWS = "following:"
TOLD_KEPT = timedelta(days=400)


def confirmed_address(user: Any) -> str:
    """Where a user who is logged in can be written to without asking back; empty where they cannot."""
    if not user.is_authenticated or not user.email:
        return ""
    is_confirmed = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return user.email.casefold() if is_confirmed.exists() else ""


def ask_to_confirm(request: HttpRequest, address: str, wanted: Wanted, now: datetime) -> None:
    """Write to the address, the same whether or not it follows anything; TooManyLettersError.

    What it asks for stands in the letter alone until its owner says yes.
    """
    address = address.casefold()
    count_letter(request, address, PURPOSE)
    key = key_of([address, wanted.address, list(wanted.names)], PURPOSE)
    text = render_to_string(
        "following/mail/confirm.txt",
        {
            "names": wanted.names,
            "is_search": bool(wanted.query),
            "page": settings.SITE_URL + reverse("following:confirm", args=[key]),
            "days": KEY_LASTS.days,
        },
    )
    letter = Delivery(
        key=f"{PURPOSE}:{uuid.uuid4().hex}",
        channel=Delivery.Channel.EMAIL,
        address=address,
        subject="请确认订阅：政策有变化时告诉您",
        text=text.strip(),
        is_secret=True,
        posted_at=now,
        due_at=now,
        expires_at=now + KEY_LASTS,
    )
    post([letter])


def read_key(key: str) -> tuple[str, str] | None:
    """The address and what it asked for; None for a key that is over or made up."""
    found = meaning_of(key, PURPOSE)
    return (found[0], found[1]) if found else None


@transaction.atomic
def follow(address: str, wanted: Wanted, now: datetime, user: User | None = None) -> Follower:
    """From now on the confirmed address is told; what it follows already stays as it is."""
    follower = follower_of(address, now)
    subscriptions = [
        Subscription(follower=follower, programme_id=each, user=user, since=now)
        for each in wanted.programmes
    ]
    if wanted.query:
        subscriptions.append(
            Subscription(follower=follower, query=wanted.query, user=user, since=now)
        )
    Subscription.objects.bulk_create(subscriptions, ignore_conflicts=True)
    return follower


@transaction.atomic
def follow_firm(user: User, address: str, enterprise: Enterprise, now: datetime) -> Follower:
    """Tell a member when a limit comes near for the firm."""
    follower = follower_of(address, now)
    Subscription.objects.bulk_create(
        [Subscription(follower=follower, enterprise=enterprise, user=user, since=now)],
        ignore_conflicts=True,
    )
    return follower


def follower_of(address: str, now: datetime) -> Follower:
    return Follower.objects.get_or_create(address=address.casefold(), defaults={"since": now})[0]


@transaction.atomic
def end(follower: Follower, subscription: int | None = None) -> None:
    """End one subscription, or all: with the last one the address is forgotten."""
    Follower.objects.select_for_update().filter(pk=follower.pk).first()
    own = Subscription.objects.filter(follower=follower)
    (own if subscription is None else own.filter(pk=subscription)).delete()
    if not own.exists():
        forget(follower)


def forget(follower: Follower) -> None:
    """Nothing of it is kept; what waits to leave does not leave any more."""
    letters = Delivery.objects.filter(key__startswith=NEWS, address__iexact=follower.address)
    waiting = letters.filter(state=Delivery.State.WAITING)
    waiting.update(state=Delivery.State.FAILED, text="", unsubscribe_address="")
    letters.forget()
    follower.delete()


def end_all_of(user: User) -> None:
    """Whoever closes their account follows nothing any more."""
    own = Subscription.objects.filter(user=user).order_by().values("follower")
    addresses = [user.email.casefold()] if user.email else []
    for follower in Follower.objects.filter(pk__in=own) | Follower.objects.filter(
        address__in=addresses
    ):
        end(follower)


def settle(now: datetime) -> None:
    """Follow users to their new addresses; of firms that they left they are told no more."""
    rows = Subscription.objects.filter(user__isnull=False).select_related("user", "follower")
    members = set(Membership.objects.order_by().values_list("user_id", "enterprise_id"))
    for row in rows:
        is_over = row.enterprise_id and (row.user_id, row.enterprise_id) not in members
        if is_over or not row.user.is_active or not row.user.email:
            end(row.follower, row.pk)
        elif row.user.email.casefold() != row.follower.address:
            _move(row, now)


@transaction.atomic
def _move(row: Subscription, now: datetime) -> None:
    """What was told at the old address is not told again at the new one."""
    former, new = row.follower, follower_of(row.user.email, now)
    moved = Subscription(
        follower=new, programme_id=row.programme_id, query=row.query,
        enterprise_id=row.enterprise_id, user=row.user, since=row.since,
    )  # fmt: skip
    Subscription.objects.bulk_create([moved], ignore_conflicts=True)
    told = [
        Told(follower=new, key=each.key, at=each.at, delivery_id=each.delivery_id)
        for each in former.told.all()
    ]
    Told.objects.bulk_create(told, ignore_conflicts=True)
    end(former, row.pk)


def forget_told(now: datetime) -> int:
    """What was told long ago need not be known any more; how much that was."""
    return Told.objects.filter(at__lte=now - TOLD_KEPT).delete()[0]
