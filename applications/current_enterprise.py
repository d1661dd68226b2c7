"""For which enterprise the visitor acts."""

from django.http import Http404, HttpRequest

from applications.models import Enterprise


def current_enterprise(request: HttpRequest) -> Enterprise:
    """The firm of the first membership; 404 for who has none."""
    enterprise = Enterprise.objects.filter(memberships__user=request.user).order_by(
        "memberships__pk"
    )
    if found := enterprise.first():
        return found
    raise Http404("还没有加入企业")
