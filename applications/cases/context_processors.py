"""What the frame of every page says to whoever is logged in."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from applications.cases.models import Message


def unread_messages(request: HttpRequest) -> dict[str, object]:
    """How many messages wait for the reader; one query, and only where a page shows it."""
    return {"unread_messages": SimpleLazyObject(lambda: _count_unread(request))}


def _count_unread(request: HttpRequest) -> int:
    user = request.user
    if not user.is_authenticated:
        return 0
    messages = Message.objects.unread()
    own = messages.for_staff(user) if user.is_staff else messages.for_firms_of(user)
    return own.count()
