"""Who fills in an application: a member for their firm, or staff for one that walks in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode

from applications.cases.models import Application
from applications.enterprises.models import Enterprise, Subject
from applications.firm.current_enterprise import memberships_of
from portal.accounts.adapter import GO_ON
from portal.public_pages import private

STAFF = "县中心工作人员"
NO_FIRM = "申报之前，请先登记您的企业；登记好以后再打开刚才的链接。"
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Applicant:
    """`who` is what members and staff read of them; `contact` is whom to call at first."""

    enterprise: Enterprise
    user: Any
    who: str
    contact: dict[str, str]
    by_staff: bool = False

    @property
    def uploaded_by(self) -> Any:
        """Whose uploads are offered: staff see their own ones, members all of their firm's."""
        return self.user if self.by_staff else None

    def address(
        self, name: str, programme: str = "", subject: Subject | None = None, **query: str
    ) -> str:
        """One of the addresses of applying, on the applicant's side."""
        known: dict[str, Any] = {"programme": programme} if programme else {}
        if self.by_staff:
            name, known = f"{name}-for", {"enterprise": self.enterprise.pk, **known}
        if subject:
            query["subject"] = str(subject.pk)
        address = reverse(f"firm:{name}", kwargs=known)
        return f"{address}?{urlencode(query)}" if query else address

    def case(self, application: Application) -> str:
        if self.by_staff:
            return reverse("admin:cases_application_change", args=[application.pk])
        return reverse("firm:case", args=[application.reference])

    def profile(self, subject: Subject | None, section: str) -> str:
        """Where a section of the profile is filled in."""
        query = {"section": section}
        if self.by_staff:
            address = reverse("admin:enterprises_enterprise_fill_in", args=[self.enterprise.pk])
            query |= {"subject": str(subject.pk)} if subject else {}
        elif subject:
            address = reverse("firm:subject-profile-edit", args=[subject.pk])
        else:
            address = reverse("firm:profile-edit")
        return f"{address}?{urlencode(query)}"


def for_applicants(view: View) -> View:
    """Hand the applicant to the view; 404 where staff are not in charge of the `enterprise`.

    Whoever is not logged in is asked to, and comes back here; whoever has no firm registers one.
    """

    @wraps(view)
    @private
    def wrapper(
        request: HttpRequest, *, enterprise: int | None = None, **kwargs: Any
    ) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.method == "GET":
                request.session[GO_ON] = request.get_full_path()
            return redirect_to_login(request.get_full_path())
        if enterprise is not None:
            return view(request, _staff(request, enterprise), **kwargs)
        memberships = memberships_of(request)
        if not memberships:
            if request.user.is_staff:
                raise Http404("没有企业")
            messages.info(request, NO_FIRM)
            return redirect("firm:enterprise")
        member = memberships[0]
        applicant = Applicant(
            enterprise=member.enterprise,
            user=request.user,
            who=member.contact_name,
            contact={
                "contact_name": member.contact_name,
                "contact_telephone": member.contact_telephone,
            },
        )
        return view(request, applicant, **kwargs)

    return wrapper


def _staff(request: HttpRequest, enterprise: int) -> Applicant:
    if not request.user.has_perm("enterprises.fill_in_for_enterprise"):
        raise Http404("没有这家企业")
    own = Enterprise.objects.registered_with(request.user).select_related("county")
    contact = {"contact_name": "", "contact_telephone": ""}
    found = get_object_or_404(own, pk=enterprise)
    return Applicant(found, request.user, STAFF, contact, by_staff=True)
