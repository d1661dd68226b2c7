"""Changes of firms in the admin: entered by the registry's document, and confirmed by a second person."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
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
from applications.centre.second_person import asking, decided
from applications.enterprises.models import Enterprise, EnterpriseChange
from applications.enterprises.services.changes import (
    ChangeError,
    propose_change,
    refuse_change,
    withdraw_change,
)
from applications.money.models import AwardLine
from applications.notices.models import EnterpriseTitle, Recognition
from applications.notices.services import mergers
from applications.notices.services.enterprise_changes import confirm_change, places_around
from policies.rules.facts import plain
from portal.acts_of_two import ActOfTwoError
from portal.forms import reason_in
from portal.numbers import whole_number
from portal.read_only_admin import ReadOnlyAdmin

Kind = EnterpriseChange.Kind
RIGHT = "enterprises.decide_claim"
SERVICES = {"confirm": confirm_change, "refuse": refuse_change, "withdraw": withdraw_change}
PROPOSED = "已提出{kind}：{change}，由另一人复核后生效。"
DECIDED = "{change}：{state}。"
RENAMES = "生效后不能撤回：企业用新名称，以前的申报和文件不变；收款账户要按新名称重新填写、核对。"
MOVES = "生效后不能撤回：企业归新的县管理，原地区给的称号终止，原地区以后各期的奖补暂停，由付款的地区决定。"

MERGES = (
    "生效后不能撤回：没有付的奖补先暂停；正在办理的申报、称号和奖补在本页逐项决定由承继企业继续还是终止；"
    "原来的成员仍可以查看以前的申报。"
)
WORDS = {Kind.RENAMED: RENAMES, Kind.MOVED: MOVES, Kind.MERGED: MERGES}
SETTLED = "已决定：{what}{outcome}。"
OUTCOMES = {"over": "由承继企业继续", "end": "终止"}
UNKNOWN = "没有这一项或这种结论，请刷新后再看。"
# By what stands before the key of an item: where it is found, what it takes, and by which service.
ITEMS = {
    "case": ("application", mergers.open_cases, "cases.decide_application", mergers.decide_on_case),
    "title": ("title", mergers.open_titles, "notices.manage_notices", mergers.decide_on_title),
    "line": ("line", mergers.open_lines, "money.manage_awards", mergers.decide_on_line),
}


class UndecidedFilter(admin.SimpleListFilter):
    title, parameter_name = "合并以后", "undecided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "有归我决定的申报或称号")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "mine":
            return queryset
        own = mergers.undecided_for(request.user)
        return queryset.filter(pk__in=own.order_by().values("pk"))


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
    list_filter = ["state", "kind", UndecidedFilter]
    codes = {CREDIT_CODE: "enterprise__credit_code"}
    search_fields = ["enterprise__name", "former_name", "name", "document_number"]
    search_help_text = "企业（新旧名称）、信用代码、文号"
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm(RIGHT)

    def get_queryset(self, request: HttpRequest) -> Any:
        own = EnterpriseChange.objects.visible_to(request.user)
        # Wherever the firm lies by now: who has a case of it decides on it.
        left = mergers.concerning(request.user)
        return EnterpriseChange.objects.filter(
            Q(pk__in=own.order_by().values("pk")) | Q(pk__in=left.order_by().values("pk"))
        ).select_related(
            "enterprise__county",
            "county",
            "former_county",
            "successor",
            "proposed_by",
            "decided_by",
        )

    @admin.display(description="从什么改为什么")
    def in_words(self, change: EnterpriseChange) -> str:
        return change.in_words

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/decide/", self.decide, "decide"),
            self.own_page("<path:object_id>/settle/", self.settle, "settle"),
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
            "what": WORDS[Kind(change.kind)],
            "decide": reverse("admin:enterprises_enterprisechange_decide", args=[change.pk]),
            **asking(
                change,
                request.user,
                may_handle=request.user.has_perm(RIGHT) and own.exists(),
                reason=request.POST.get("reason", ""),
            ),
            **_follows(change, request.user),
            **_left(change, request),
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

    @method_decorator(require_POST)
    def settle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What becomes of one thing that an absorbed firm left."""
        change = self.find(request, object_id)
        if not any(request.user.has_perm(right) for _, _, right, _ in ITEMS.values()):
            raise PermissionDenied
        kind, _, key = request.POST.get("item", "").partition("-")
        outcome = request.POST.get("outcome", "")
        if kind not in ITEMS or outcome not in OUTCOMES:
            return self._page(request, change, UNKNOWN)
        name, found, right, service = ITEMS[kind]
        if not request.user.has_perm(right):
            raise PermissionDenied
        item = found(change).filter(pk=whole_number(key)).first()
        if item is None:
            return self._page(request, change, UNKNOWN)
        try:
            service(
                change=change,
                goes_over=outcome == "over",
                reason=reason_in(request.POST),
                actor=request.user,
                now=timezone.now(),
                **{name: item},
            )
        except (ApplicationError, ValueError) as error:
            return self._page(request, self.find(request, object_id), str(error))
        told = SETTLED.format(what=_called(item), outcome=OUTCOMES[outcome])
        self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:enterprises_enterprisechange_change", change.pk)


def _called(item: Any) -> str:
    return str(item.recognition.programme) if isinstance(item, EnterpriseTitle) else str(item)


def _left(change: EnterpriseChange, request: HttpRequest) -> dict[str, Any]:
    """What an absorbed firm left and nobody decided on, of what the user may see, with what they may do."""
    if change.kind != Kind.MERGED or not change.is_confirmed:
        return {}
    user = request.user
    cases = mergers.open_cases(change).filter(pk__in=_keys(Application.objects.visible_to(user)))
    titles = mergers.open_titles(change).select_related("recognition__programme")
    lines = mergers.open_lines(change).filter(pk__in=_keys(AwardLine.objects.visible_to(user)))
    own_titles = _keys(Recognition.objects.visible_to(user))
    groups = (
        ("case", "正在办理的申报", cases.select_related("edition__programme"), _of_case),
        ("title", "称号", titles.filter(recognition__in=own_titles), _of_title),
        ("line", "没有付的奖补", lines.select_related("application", "payer"), _of_line),
    )
    typed = request.POST.get("item", ""), request.POST.get("reason", "")
    return {
        "left": [
            (
                title,
                user.has_perm(ITEMS[kind][2]),
                [
                    (
                        f"{kind}-{row.pk}",
                        tell(row),
                        typed[1] if typed[0] == f"{kind}-{row.pk}" else "",
                    )
                    for row in rows
                ],
            )
            for kind, title, rows, tell in groups
        ]
    }


def _keys(rows: Any) -> Any:
    return rows.order_by().values("pk")


def _of_case(case: Application) -> str:
    return f"{case.number} {case.edition.programme}，{case.get_status_display()}"


def _of_title(title: EnterpriseTitle) -> str:
    return f"{title.recognition.programme}，{title.recognition.document_number}"


def _of_line(line: AwardLine) -> str:
    amount = line.printed if line.amount is None else f"{plain(line.amount)} 万元"
    return f"{line.application.number} {line.get_level_display()} {line.title}：{amount}，由{line.payer}支付"


def _follows(change: EnterpriseChange, user: Any) -> dict[str, Any]:
    """What a move touches, of what the user may see: open cases, titles and money of the old place."""
    if change.kind != EnterpriseChange.Kind.MOVED:
        return {}
    firm, around = change.enterprise_id, places_around(change.county_id)
    own = Application.objects.visible_to(user).in_hands_of(firm)
    cases = own.filter(status__in=OPEN)
    titles = EnterpriseTitle.objects.filter(
        enterprise=firm, ended_on__isnull=not change.is_confirmed
    )
    lines = AwardLine.objects.visible_to(user).filter(
        application__in=_keys(own), state__in=AwardLine.OPEN
    )
    return {
        "cases": cases.exclude(county=change.county_id).select_related("edition__programme"),
        "titles": titles.exclude(recognition__programme__area__in=around).select_related(
            "recognition__programme"
        ),
        "lines": lines.exclude(payer__in=around).select_related("payer", "application"),
    }
