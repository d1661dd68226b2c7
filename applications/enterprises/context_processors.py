"""What pages of all rooms may know of whoever is logged in."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from applications.enterprises.models import Membership


def acts_for_a_firm(request: HttpRequest) -> dict[str, object]:
    """Whether the reader speaks for a firm; one query, and only where a page asks."""
    return {"acts_for_a_firm": SimpleLazyObject(lambda: _acts_for_a_firm(request))}


def _acts_for_a_firm(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and Membership.objects.filter(user=user).exists()
