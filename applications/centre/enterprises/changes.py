"""Changes of firms in the admin: entered by the registry's document, and confirmed by a second person."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import OPEN
from applications.centre.enterprises.forms import ChangeForm
from applications.centre.long_lists import CREDIT_CODE, LongList
from applications.centre.read_only import ReadOnlyAdmin
from applications.centre.second_person import asking, decided
from applications.enterprises.models import Enterprise, EnterpriseChange
from applications.enterprises.services.changes import (
    ChangeError,
    propose_change,
    refuse_change,
    withdraw_change,
)
from applications.money.models import AwardLine
from applications.notices.models import EnterpriseTitle
from applications.notices.services.enterprise_changes import confirm_change, places_around
from portal.acts_of_two import ActOfTwoError

RIGHT = "enterprises.decide_claim"
SERVICES = {"confirm": confirm_change, "refuse": refuse_change, "withdraw": withdraw_change}
PROPOSED = "已提出{kind}：{change}，由另一人复核后生效。"
DECIDED = "{change}：{state}。"
RENAMES = "生效后不能撤回：企业用新名称，以前的申报和文件不变；收款账户要按新名称重新填写、核对。"
MOVES = "生效后不能撤回：企业归新的县管理，原地区给的称号终止，原地区以后各期的奖补暂停，由付款的地区决定。"


class ChangeEntry(ReadOnlyAdmin):
    """For the admin of enterprises: the page on which a change is entered."""

    can_correct: Callable[[HttpRequest, Enterprise], bool]

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/register-change/", self.register_change, "register"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def register_change(self, request: HttpRequest, object_id: str) -> HttpResponse:
        enterprise = self.find(request, object_id)
        if not self.can_correct(request, enterprise):
            raise PermissionDenied
        form = ChangeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                change = propose_change(
                    enterprise=enterprise,
                    actor=request.user,
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except ChangeError as error:
                form.add_error(error.field or None, str(error))
            else:
                told = PROPOSED.format(kind=change.get_kind_display(), change=change.in_words)
                self.message_user(request, told, messages.SUCCESS)
                return redirect("admin:enterprises_enterprisechange_change", change.pk)
        context = {"title": "登记变更", "enterprise": enterprise, "form": form}
        template = "admin/enterprises/enterprise/register_change.html"
        return self.render(request, template, context, 400 if form.errors else 200)


@admin.register(EnterpriseChange)
class EnterpriseChangeAdmin(LongList, ReadOnlyAdmin):
    list_display = [
        "enterprise", "kind", "in_words", "document_number", "on", "state", "proposed_by",
        "decided_by",
    ]  # fmt: skip
    list_filter = ["state", "kind"]
    codes = {CREDIT_CODE: "enterprise__credit_code"}
    search_fields = ["enterprise__name", "former_name", "name", "document_number"]
    search_help_text = "企业（新旧名称）、信用代码、文号"
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm(RIGHT)

    def get_queryset(self, request: HttpRequest) -> Any:
        return EnterpriseChange.objects.visible_to(request.user).select_related(
            "enterprise__county", "county", "former_county", "proposed_by", "decided_by"
        )

    @admin.display(description="从什么改为什么")
    def in_words(self, change: EnterpriseChange) -> str:
        return change.in_words

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
        self, request: HttpRequest, change: EnterpriseChange, problem: str = ""
    ) -> HttpResponse:
        own = EnterpriseChange.objects.handled_by(request.user).filter(pk=change.pk)
        context = {
            "title": str(change),
            "change": change,
            "act": change,
            "what": RENAMES if change.kind == EnterpriseChange.Kind.RENAMED else MOVES,
            "decide": reverse("admin:enterprises_enterprisechange_decide", args=[change.pk]),
            **asking(
                change,
                request.user,
                may_handle=request.user.has_perm(RIGHT) and own.exists(),
                reason=request.POST.get("reason", ""),
            ),
            **_follows(change, request.user),
            "problem": problem,
        }
        return self.render(request, "admin/enterprises/enterprisechange/change.html", context)

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        change = self.find(request, object_id)
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        what = {"change": change, "actor": request.user, "now": timezone.now()}
        try:
            found = decided(request.POST, SERVICES, **what)
        except (ChangeError, ApplicationError, ActOfTwoError, ValueError) as error:
            return self._page(request, self.find(request, object_id), str(error))
        told = DECIDED.format(change=found.in_words, state=found.get_state_display())
        self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:enterprises_enterprisechange_change", change.pk)


def _follows(change: EnterpriseChange, user: Any) -> dict[str, Any]:
    """What a move touches, of what the user may see: open cases, titles and money of the old place."""
    if change.kind != EnterpriseChange.Kind.MOVED:
        return {}
    firm, around = change.enterprise_id, places_around(change.county_id)
    cases = Application.objects.visible_to(user).filter(enterprise=firm, status__in=OPEN)
    titles = EnterpriseTitle.objects.filter(
        enterprise=firm, ended_on__isnull=not change.is_confirmed
    )
    lines = AwardLine.objects.visible_to(user).filter(
        application__enterprise=firm, state__in=AwardLine.OPEN
    )
    return {
        "cases": cases.exclude(county=change.county_id).select_related("edition__programme"),
        "titles": titles.exclude(recognition__programme__area__in=around).select_related(
            "recognition__programme"
        ),
        "lines": lines.exclude(payer__in=around).select_related("payer", "application"),
    }
