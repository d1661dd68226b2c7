"""Claims to firms that already have a record.

Staff decide of the county where the firm is registered, or that its code names.
"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from applications.enterprises.models import Claim, Membership
from applications.enterprises.services.memberships import (
    MembershipError,
    approve_claim,
    reject_claim,
)
from portal.forms import reason_in
from portal.history_admin import HistoryAdmin
from portal.models import Jurisdiction
from portal.read_only_admin import ReadOnlyAdmin

DECISIONS = {
    "owner": "通过，设为管理员",
    "member": "通过，设为成员",
    "reject": "不通过",
}


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = [
        "enterprise",
        "credit_code",
        "contact_name",
        "contact_telephone",
        "status",
        "claimed_at",
    ]
    list_filter = ["status", ("enterprise__county", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["enterprise"]
    list_per_page = 50
    search_fields = ["credit_code", "enterprise__name", "enterprise_name", "contact_name"]
    search_help_text = "信用代码、企业或联系人"
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return Claim.objects.visible_to(request.user)

    def has_decide_permission(self, request: HttpRequest, claim: Claim) -> bool:
        own = Claim.objects.decided_by_centre_of(request.user).filter(pk=claim.pk)
        return request.user.has_perm("enterprises.decide_claim") and own.exists()

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/decide/", self.decide, "decide"),
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
        """What the claimant says, who is in already, and what can be done."""
        return self._page(request, self.find(request, object_id))

    def _page(
        self, request: HttpRequest, claim: Claim, problem: str = "", reason: str = ""
    ) -> HttpResponse:
        is_own = Claim.objects.decided_by_centre_of(request.user).filter(pk=claim.pk).exists()
        is_pending = claim.status == Claim.Status.PENDING
        can_decide = is_pending and self.has_decide_permission(request, claim)
        context = {
            "title": f"企业认领：{claim.enterprise}",
            "claim": claim,
            "registry": Jurisdiction.objects.filter(pk=claim.credit_code[2:8]).first(),
            "is_own": is_own,
            "members": claim.enterprise.memberships.select_related("user"),
            "number_of_applications": claim.enterprise.applications.count(),
            "decisions": DECISIONS if can_decide else {},
            "problem": problem,
            "reason": reason,
        }
        return self.render(request, "admin/enterprises/claim/claim.html", context)

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        claim = self.find(request, object_id)
        if not self.has_decide_permission(request, claim):
            raise PermissionDenied
        decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
        if decision not in DECISIONS:
            return self._page(request, claim, "没有这种结论，请重新选择。", reason)
        try:
            if decision == "reject":
                reason = reason_in(request.POST)
                reject_claim(claim=claim, reason=reason, actor=request.user, now=timezone.now())
            else:
                role = Membership.Role(decision)
                approve_claim(claim=claim, role=role, actor=request.user, now=timezone.now())
        except (MembershipError, ValueError) as error:
            claim.refresh_from_db()
            return self._page(request, claim, str(error), reason)
        label = claim.get_status_display()
        self.message_user(request, f"{claim.enterprise_name}：{label}。", messages.SUCCESS)
        return redirect("admin:enterprises_claim_change", claim.pk)
