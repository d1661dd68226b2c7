"""Enterprises in the admin: who they are, and filling in the profile of one that walks in."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from applications.cases.models import Application
from applications.centre.enterprises.account_pages import AccountPages
from applications.centre.enterprises.bank_accounts import AccountEntry
from applications.centre.enterprises.changes import ChangeEntry
from applications.centre.enterprises.forms import WalkInForm
from applications.centre.enterprises.visible import enterprises_visible_to
from applications.centre.filters import CountyFilter
from applications.centre.long_lists import CREDIT_CODE, LongList
from applications.enterprises.forms.profile import SectionForm, SubjectForm
from applications.enterprises.models import BankAccount, Enterprise, Membership, Subject
from applications.enterprises.services.profile import Profile, record_answers
from policies.catalogue import current as catalogue
from portal.history_admin import HistoryAdmin
from portal.models import Jurisdiction
from portal.numbers import whole_number
from portal.scope import in_charge

VIEW_ACCOUNTS = "enterprises.view_bankaccount"


@admin.register(Enterprise)
class EnterpriseAdmin(LongList, AccountPages, ChangeEntry, AccountEntry, HistoryAdmin):
    form = WalkInForm
    list_display = ["name", "credit_code", "county", "created_at"]
    list_filter = [("county", CountyFilter)]
    list_select_related = ["county"]
    codes = {CREDIT_CODE: "credit_code"}
    search_fields = ["name", "credit_code", "changes__former_name"]
    search_help_text = "名称、曾用名、信用代码"

    def get_queryset(self, request: HttpRequest) -> Any:
        return enterprises_visible_to(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("enterprises.fill_in_for_enterprise")

    def can_fill_in(self, request: HttpRequest, enterprise: Enterprise) -> bool:
        """Only for firms registered in one's jurisdiction."""
        own = Enterprise.objects.registered_with(request.user)
        return self.has_add_permission(request) and own.filter(pk=enterprise.pk).exists()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "county":
            counties = Jurisdiction.objects.filter(level=Jurisdiction.Level.COUNTY)
            kwargs["queryset"] = counties.filter(in_charge(request.user, "code"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/fill-in/", self.fill_in, "fill_in"),
            self.own_page("<path:object_id>/subject/", self.add_subject, "subject"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The firm, its people, its applications that the user may see, and its profile."""
        enterprise = self.find(request, object_id)
        return self._page(request, enterprise, SubjectForm(enterprise=enterprise))

    def _find_to_fill_in(self, request: HttpRequest, object_id: str) -> Enterprise:
        enterprise = self.find(request, object_id)
        if not self.can_fill_in(request, enterprise):
            raise PermissionDenied
        return enterprise

    def _profile(self, request: HttpRequest, enterprise: Enterprise) -> Profile:
        """The firm's profile, or that of the project or base that the address names."""
        number, subject = request.GET.get("subject", ""), None
        if number:
            own = Subject.objects.filter(enterprise=enterprise)
            subject = get_object_or_404(own, pk=whole_number(number))
        return Profile(enterprise, subject, catalogue.facts(), timezone.localdate())

    def _page(
        self, request: HttpRequest, enterprise: Enterprise, form: SubjectForm
    ) -> HttpResponse:
        can_fill_in = self.can_fill_in(request, enterprise)
        profile = self._profile(request, enterprise)
        fill_in = reverse("admin:enterprises_enterprise_fill_in", args=[enterprise.pk])
        subject = {"subject": profile.subject.pk} if profile.subject else {}
        is_own = Enterprise.objects.registered_with(request.user).filter(pk=enterprise.pk)
        context = {
            "title": str(enterprise),
            "enterprise": enterprise,
            "subject": profile.subject,
            "subjects": enterprise.subjects.all(),
            "members": enterprise.memberships.select_related("user"),
            "applications": Application.objects.visible_to(request.user)
            .filter(enterprise=enterprise)
            .select_related("edition__programme")
            .defer("answers", "assessment"),
            "sections": [
                (
                    section,
                    f"{fill_in}?{urlencode({**subject, 'section': section.name})}"
                    if can_fill_in
                    else "",
                )
                for section in profile.sections
            ]
            if is_own.exists()
            else [],
            "can_fill_in": can_fill_in,
            "accounts": _accounts(enterprise, request.user),
            "can_enter_account": self.can_enter_account(request, enterprise),
            "can_correct": self.can_correct(request, enterprise),
            "changes": enterprise.changes.select_related("county", "former_county"),
            "past_of_members": Membership.history.filter(enterprise=enterprise).select_related(
                "user", "history_user"
            ),
            "form": form,
        }
        status = 400 if form.errors else 200
        return self.render(request, "admin/enterprises/enterprise/enterprise.html", context, status)

    def fill_in(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """One section of the profile, filled in for the firm; each answer says so."""
        enterprise = self._find_to_fill_in(request, object_id)
        profile, section = self._profile(request, enterprise), request.GET.get("section", "")
        if not profile.section_keys(section):
            raise Http404("没有这一部分")
        data = request.POST if request.method == "POST" else None
        form = SectionForm(data, profile=profile, section=section)
        back = reverse("admin:enterprises_enterprise_change", args=[enterprise.pk])
        if profile.subject:
            back = f"{back}?{urlencode({'subject': profile.subject.pk})}"
        if data is not None and form.is_valid():
            number = record_answers(
                enterprise=enterprise,
                subject=profile.subject,
                answers=form.parsed,
                unclear=form.unclear,
                facts=profile.facts,
                now=timezone.now(),
                given_by=request.user,
                by_staff=True,
            )
            self.message_user(request, f"已代填，改动 {number} 项。", messages.SUCCESS)
            return redirect(back)
        context = {
            "title": f"代填：{section}",
            "enterprise": enterprise,
            "subject": profile.subject,
            "year": profile.today.year,
            "form": form,
            "back": back,
        }
        return self.render(request, "admin/enterprises/enterprise/fill_in.html", context)

    @method_decorator(require_POST)
    def add_subject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        enterprise = self._find_to_fill_in(request, object_id)
        form = SubjectForm(request.POST, enterprise=enterprise)
        if not form.is_valid():
            return self._page(request, enterprise, form)
        subject = form.save()
        change = reverse("admin:enterprises_enterprise_change", args=[enterprise.pk])
        return redirect(f"{change}?{urlencode({'subject': subject.pk})}")


def _accounts(enterprise: Enterprise, user: Any) -> list[tuple[BankAccount, str]]:
    """The accounts of a firm, each with its number as the user may see it."""
    if not user.has_perm(VIEW_ACCOUNTS):
        return []
    own = enterprise.bank_accounts.select_related("entered_by")
    return [(account, account.shown_to(user)) for account in own]
