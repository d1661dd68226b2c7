"""Addresses of firms' calendars: made anew, taken back, and whose a token opens."""

import secrets
from datetime import datetime

from applications.enterprises.models import CalendarAddress, Membership
from applications.enterprises.models.membership import hash_token


def make_address(membership: Membership, now: datetime) -> str:
    """The token of a new address, told this once; an earlier one stops working."""
    token = secrets.token_urlsafe(32)
    CalendarAddress.objects.update_or_create(
        membership=membership, defaults={"token_hash": hash_token(token), "made_at": now}
    )
    return token


def revoke_address(membership: Membership) -> bool:
    """Whether there was one."""
    return bool(CalendarAddress.objects.filter(membership=membership).delete()[0])


def membership_of_token(token: str) -> Membership | None:
    """Whose calendar it opens; nobody's once the member is gone or may not log in any more."""
    found = Membership.objects.filter(
        calendar_address__token_hash=hash_token(token), user__is_active=True
    )
    return found.select_related("enterprise__county").first()
