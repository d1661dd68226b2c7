"""Revocations in the admin: entered for the lines of a recognition, and confirmed by a second person."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.cases.services.errors import ApplicationError
from applications.centre.filters import CountyFilter
from applications.centre.long_lists import CREDIT_CODE, NUMBER_BEGINS, LongList
from applications.centre.notices.case_actions import PERMISSION
from applications.centre.notices.forms import RevocationForm
from applications.centre.second_person import asking, decided
from applications.notices.models import Recognition, Revocation
from applications.notices.services.revocations import (
    confirm_revocation,
    propose_revocations,
    refuse_revocation,
    withdraw_revocation,
)
from portal.acts_of_two import ActOfTwoError
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW

SERVICES = {
    "confirm": confirm_revocation,
    "refuse": refuse_revocation,
    "withdraw": withdraw_revocation,
}
PROPOSED = "已提出撤销 {count} 件，由另一人复核后生效。"
DECIDED = "{number}：{state}。"


class RevocationEntry(ReadOnlyAdmin):
    """For the admin of recognitions: the page on which a document that revokes is entered."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<int:object_id>/revoke/", self.revoke, "revoke"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def revoke(self, request: HttpRequest, object_id: int) -> HttpResponse:
        recognition: Recognition = self.find(request, object_id)
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        form = RevocationForm(data, recognition=recognition)
        problem = CHECK_BELOW if form.is_bound else ""
        if form.is_valid():
            try:
                made = propose_revocations(
                    recognition=recognition,
                    actor=request.user,
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except ApplicationError as error:
                form.add_error(error.field or None, str(error))
            else:
                told = PROPOSED.format(count=len(made))
                self.message_user(request, told, messages.SUCCESS)
                address = reverse("admin:notices_revocation_changelist")
                return redirect(f"{address}?state__exact=pending")
        context = {
            "title": f"撤销认定 {recognition}",
            "recognition": recognition,
            "form": form,
            "problem": problem,
        }
        return self.render(request, "admin/notices/recognition/revoke.html", context)


@admin.register(Revocation)
class RevocationAdmin(LongList, ReadOnlyAdmin):
    list_display = [
        "case", "enterprise", "recognised_by", "document_number", "on", "state", "proposed_by",
        "decided_by",
    ]  # fmt: skip
    list_filter = ["state", ("line__application__county", CountyFilter)]
    codes = {
        NUMBER_BEGINS: "line__application__number__startswith",
        CREDIT_CODE: "line__application__enterprise__credit_code",
    }
    search_fields = [
        "document_number", "line__application__number", "line__application__enterprise_name",
        "line__application__enterprise__credit_code",
    ]  # fmt: skip
    search_help_text = "文号、编号、企业、信用代码"
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm(PERMISSION)

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            Revocation.objects.visible_to(request.user)
            .select_related(
                "line__application__county", "line__application__edition__programme",
                "line__recognition__jurisdiction", "line__recognition__programme", "proposed_by",
                "decided_by",
            )
            .defer("line__application__answers", "line__application__assessment")
        )  # fmt: skip

    @admin.display(description="申报", ordering="line__application__number")
    def case(self, revocation: Revocation) -> str:
        return revocation.line.application.number

    @admin.display(description="企业", ordering="line__application__enterprise_name")
    def enterprise(self, revocation: Revocation) -> str:
        return revocation.line.application.enterprise_name

    @admin.display(description="认定文号")
    def recognised_by(self, revocation: Revocation) -> str:
        return revocation.line.recognition.document_number

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/decide/", self.decide, "decide"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self.find(request, object_id))

    def _page(
        self, request: HttpRequest, revocation: Revocation, problem: str = ""
    ) -> HttpResponse:
        """What is revoked and why, what comes of it, and who may confirm it."""
        lines = revocation.line.application.award_lines.select_related("payer")
        context = {
            "title": f"撤销认定 {revocation.line.application.enterprise_name}",
            "revocation": revocation,
            "act": revocation,
            "case": revocation.line.application,
            "recognition": revocation.line.recognition,
            "lines": lines,
            "decide": reverse("admin:notices_revocation_decide", args=[revocation.pk]),
            **asking(
                revocation,
                request.user,
                may_handle=self._may_handle(request, revocation),
                reason=request.POST.get("reason", ""),
            ),
            "problem": problem,
        }
        return self.render(request, "admin/notices/revocation/revocation.html", context)

    def _may_handle(self, request: HttpRequest, revocation: Revocation) -> bool:
        own = Revocation.objects.handled_by(request.user).filter(pk=revocation.pk)
        return request.user.has_perm(PERMISSION) and own.exists()

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        revocation = self.find(request, object_id)
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        what = {"revocation": revocation, "actor": request.user, "now": timezone.now()}
        try:
            found = decided(request.POST, SERVICES, **what)
        except (ApplicationError, ActOfTwoError, ValueError) as error:
            return self._page(request, self.find(request, object_id), str(error))
        number = revocation.line.application.number
        told = DECIDED.format(number=number, state=found.get_state_display())
        self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:notices_revocation_change", revocation.pk)
