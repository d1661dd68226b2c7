"""Closing an account: what the law wants kept stays, without who it was and how to reach them."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from applications.enterprises.models import Membership
from applications.enterprises.services.memberships import leave_all
from applications.following.subscriptions import end_all_of
from portal.models import Delivery, User
from portal.outbox.sending import post
from portal.users import forget_user

FAREWELL = "account_closed:"


def owned_alone_by(user: User) -> list[Membership]:
    """The firms that have no owner once the user is gone."""
    own = Membership.objects.filter(user=user, role=Membership.Role.OWNER)
    owners = Membership.objects.filter(role=Membership.Role.OWNER).exclude(user=user)
    alone = own.exclude(enterprise__in=owners.values("enterprise"))
    return list(alone.select_related("enterprise").order_by("pk"))


def close_account(user: User, now: datetime) -> None:
    address = user.email
    with transaction.atomic():
        end_all_of(user)
        leave_all(user=user, now=now)
        forget_user(user)
        if address:
            post([_farewell(user, address, now)])


def _farewell(user: User, address: str, now: datetime) -> Delivery:
    """The last letter; once it has left the tidying forgets where it went."""
    text = render_to_string("account/email/closed.txt", {"site": settings.SITE_URL})
    return Delivery(
        key=f"{FAREWELL}{user.pk}",
        channel=Delivery.Channel.EMAIL,
        address=address,
        subject="您的账户已注销",
        text=text.strip(),
        is_secret=True,
        posted_at=now,
        due_at=now,
    )
