"""Permits to pay alone in the admin: who has one and why, granted from above and ended early."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.centre.money.forms import PermitForm
from applications.money.models import SinglePersonPermit
from applications.money.services.permits import PermitError, end_permit, grant_permit, offices_below
from portal.history_admin import HistoryAdmin
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW
from portal.second_factor.fresh import fresh_factor_required

GRANT = "money.grant_permits"


@admin.register(SinglePersonPermit)
class SinglePersonPermitAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["jurisdiction", "reason", "starts_at", "until", "granted_by", "state"]
    list_filter = [("jurisdiction", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["jurisdiction", "granted_by"]
    list_per_page = 50
    search_fields = ["jurisdiction__name", "reason"]
    search_help_text = "地区、理由"
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = SinglePersonPermit.objects.visible_to(request.user)
        return visible.select_related("jurisdiction", "granted_by", "ended_by")

    @admin.display(description="现在")
    def state(self, permit: SinglePersonPermit) -> str:
        if permit.ended_at:
            return "已提前结束"
        return "有效" if permit.is_in_force(timezone.now()) else "已到期"

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("grant/", self.grant, "grant"),
            self.own_page("<int:object_id>/end/", self.end, "end"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(fresh_factor_required)
    def grant(self, request: HttpRequest) -> HttpResponse:
        """Ask for the office, the reason and the last day."""
        if not request.user.has_perm(GRANT):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        form = PermitForm(data, offices=offices_below(request.user))
        problem = CHECK_BELOW if form.is_bound else ""
        if form.is_valid():
            try:
                permit = grant_permit(actor=request.user, now=timezone.now(), **form.cleaned_data)
            except PermitError as error:
                form.add_error(error.field or None, str(error))
            else:
                self.message_user(request, f"已许可：{permit}。", messages.SUCCESS)
                return redirect("admin:money_singlepersonpermit_change", permit.pk)
        context = {"title": "许可单人办理支付", "form": form, "problem": problem}
        return self.render(request, "admin/money/singlepersonpermit/grant.html", context)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The permit, and what was paid under it."""
        return self._page(request, self.find(request, object_id))

    def _page(
        self, request: HttpRequest, permit: SinglePersonPermit, problem: str = ""
    ) -> HttpResponse:
        may_end = request.user.has_perm(GRANT) and permit.is_in_force(timezone.now())
        context = {
            "title": str(permit),
            "permit": permit,
            "state": self.state(permit),
            "batches": permit.batches.select_related("fund", "paid_by"),
            "may_end": may_end and offices_below(request.user).filter(pk=permit.jurisdiction_id),
            "problem": problem,
        }
        return self.render(request, "admin/money/singlepersonpermit/permit.html", context)

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def end(self, request: HttpRequest, object_id: int) -> HttpResponse:
        permit = self.find(request, object_id)
        if not request.user.has_perm(GRANT):
            raise PermissionDenied
        try:
            end_permit(permit=permit, actor=request.user, now=timezone.now())
        except PermitError as error:
            return self._page(request, permit, str(error))
        self.message_user(request, f"已提前结束：{permit}。", messages.SUCCESS)
        return redirect("admin:money_singlepersonpermit_change", permit.pk)
