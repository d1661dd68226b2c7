"""The firm that a user acts for: their only one, or the one they chose in this session."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from applications.enterprises.models import Enterprise, Membership
from portal.public_pages import private

SESSION_KEY = "enterprise"
View = Callable[..., HttpResponse]


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The user's memberships, the current one first."""
    found = Membership.objects.filter(user=request.user).select_related("enterprise__county")
    chosen = request.session.get(SESSION_KEY)
    return sorted(found, key=lambda membership: membership.enterprise_id != chosen)


def membership_of(request: HttpRequest) -> Membership:
    """The membership under which the user acts; 404 for whoever speaks for no firm."""
    found = memberships_of(request) if request.user.is_authenticated else []
    if not found:
        raise Http404("没有企业")
    return found[0]


def enterprise_of(request: HttpRequest) -> Enterprise:
    """The firm that the user acts for; 404 for whoever speaks for none."""
    return membership_of(request).enterprise


def choose_enterprise(request: HttpRequest, membership: Membership) -> None:
    request.session[SESSION_KEY] = membership.enterprise_id


def for_members(view: View) -> View:
    """Hand the user's membership to the view; whoever is not logged in is asked to."""

    @wraps(view)
    @login_required
    @private
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return view(request, membership_of(request), *args, **kwargs)

    return wrapper


def for_owners(view: View) -> View:
    """The same for what only an owner may do."""

    @for_members
    @wraps(view)
    def wrapper(
        request: HttpRequest, membership: Membership, *args: object, **kwargs: object
    ) -> HttpResponse:
        if not membership.is_owner:
            raise PermissionDenied
        return view(request, membership, *args, **kwargs)

    return wrapper
