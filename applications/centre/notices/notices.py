"""Public notices in the admin: posted, objections, the end."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.centre.exports.notices import NOTICES
from applications.centre.exports.pages import ListPage, ListPages
from applications.centre.notices.case_actions import PERMISSION
from applications.centre.notices.forms import (
    NoticeForm,
    RecognitionForm,
    SettlementForm,
    WithdrawalForm,
)
from applications.notices.models import Notice, NoticeLine, Objection
from applications.notices.services.drafts import (
    change_notice,
    discard_notice,
    notice_steps,
    remove_line,
)
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import end_notice, planned_end, post_notice
from applications.notices.services.objections import settle_objection
from applications.notices.services.recognitions import recognise, waiting_for_recognition
from applications.notices.services.withdrawal import withdraw_notice
from portal.numbers import whole_number
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW
from portal.second_factor.fresh import fresh_factor_required

END_CHANGED = "日期在您打开页面之后变了，请按现在的日期再核对一次。"


class ObjectionFilter(admin.SimpleListFilter):
    title = "异议"
    parameter_name = "objections"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unsettled", "有未办结的异议")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(unsettled__gt=0) if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(ListPages, ReadOnlyAdmin):
    list_display = [
        "number",
        "title",
        "jurisdiction",
        "status",
        "posted_on",
        "ends_on",
        "cases",
        "unsettled",
    ]
    list_filter = ["status", ObjectionFilter, ("programme", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 50
    search_fields = ["number", "title", "lines__enterprise_name"]
    search_help_text = "编号、标题、企业"
    list_pages = [ListPage(NOTICES, "导出公示名单")]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_manage_permission(request)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            Notice.objects.visible_to(request.user)
            .select_related(
                "jurisdiction", "programme", "created_by", "posted_by", "ended_by", "withdrawn_by"
            )
            .annotate(
                cases=Count("lines", distinct=True),
                unsettled=Count("objections", filter=Q(objections__outcome=""), distinct=True),
            )
        )

    @admin.display(description="件数", ordering="cases")
    def cases(self, notice: Any) -> int:
        return notice.cases

    @admin.display(description="未办结异议", ordering="unsettled")
    def unsettled(self, notice: Any) -> int:
        return notice.unsettled

    def get_urls(self) -> list[Any]:
        pages = {
            "write": self.write,
            "remove": self.remove,
            "discard": self.discard,
            "post": self.post,
            "end": self.end,
            "withdraw": self.withdraw,
            "settle": self.settle,
            "recognise": self.recognise,
        }
        return [
            *(
                self.own_page(f"<int:object_id>/{name}/", page, name)
                for name, page in pages.items()
            ),
            *super().get_urls(),
        ]

    def _find_to_manage(self, request: HttpRequest, object_id: Any) -> Notice:
        notice = self.find(request, object_id)
        if not self.has_manage_permission(request):
            raise PermissionDenied
        return notice

    @method_decorator(require_safe)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The batch, and what can be done with it now."""
        return self._page(request, self.find(request, object_id))

    def _page(
        self, request: HttpRequest, notice: Notice, problem: str = "", **forms: Any
    ) -> HttpResponse:
        """`forms` are bound forms to show again: `form`, `settlement`, `withdrawal_form`,
        `recognition_form`.
        """
        settlement = forms.get("settlement")
        editions = notice.lines.values("application__edition")
        lines = list(notice.lines.select_related("application"))
        objections = [
            (objection, self._settlement_form(objection, lines, settlement))
            for objection in notice.objections.select_related("line", "settled_by")
        ]
        context = {
            "title": f"公示 {notice}",
            "notice": notice,
            "lines": lines,
            "steps": notice_steps(editions).values_list("actor", flat=True).distinct(),
            "objections": objections,
            "form": forms.get("form") or NoticeForm(notice=notice),
            "earlier": _withdrawn_before(notice),
            "withdrawal_form": forms.get("withdrawal_form") or WithdrawalForm(),
            "recognitions": notice.recognitions.all(),
            "recognition_form": forms.get("recognition_form") or RecognitionForm(),
            "waiting": waiting_for_recognition(notice).count() if notice.ended_on else 0,
            "today": timezone.localdate(),
            "can_manage": self.has_manage_permission(request),
            "problem": problem,
        }
        return self.render(request, "admin/notices/notice/page.html", context)

    def _settlement_form(
        self, objection: Objection, lines: Iterable[NoticeLine], bound: SettlementForm | None
    ) -> SettlementForm | None:
        if objection.outcome:
            return None
        fresh = SettlementForm(objection=objection, lines=lines)
        return bound if bound is not None and bound.prefix == fresh.prefix else fresh

    @method_decorator(require_POST)
    def write(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Save the words of a draft."""
        notice = self._find_to_manage(request, object_id)
        form = NoticeForm(request.POST, notice=notice)
        if not form.is_valid():
            return self._page(request, notice, CHECK_BELOW, form=form)
        try:
            change_notice(notice=notice, **form.cleaned_data)
        except NoticeError as error:
            return self._page(request, notice, str(error), form=form)
        return self._done(request, notice, "已保存。")

    @method_decorator(require_POST)
    def remove(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Take one case out of a draft."""
        notice = self._find_to_manage(request, object_id)
        line = request.POST.get("line", "")
        try:
            remove_line(notice=notice, line_id=whole_number(line))
        except NoticeError as error:
            return self._page(request, notice, str(error))
        return self._done(request, notice, "已移出名单。")

    @method_decorator(require_POST)
    def discard(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Throw a draft away."""
        notice = self._find_to_manage(request, object_id)
        try:
            discard_notice(notice=notice)
        except NoticeError as error:
            return self._page(request, notice, str(error))
        message = f"草稿 {notice} 已删除，其中的申报仍是“审核通过”。"
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:notices_notice_changelist")

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(fresh_factor_required)
    def post(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the last day of the notice; post when it is confirmed."""
        notice, now = self._find_to_manage(request, object_id), timezone.now()
        try:
            ends_on = planned_end(notice, now)
            if request.method == "POST" and request.POST.get("seen") == ends_on.isoformat():
                post_notice(notice=notice, actor=request.user, now=now)
                return self._done(request, notice, f"已张贴，公示到 {ends_on} 止，次日起可以结束。")
        except NoticeError as error:
            notice = self._find_to_manage(request, object_id)
            return self._page(request, notice, str(error))
        context = {
            "title": f"张贴公示 {notice}",
            "notice": notice,
            "lines": notice.lines.all(),
            "today": timezone.localdate(now),
            "ends_on": ends_on,
            "problem": END_CHANGED if request.method == "POST" else "",
        }
        return self.render(request, "admin/notices/notice/post.html", context)

    @method_decorator(require_POST)
    def end(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """End the notice; too early or with objections open, the page says what is awaited."""
        notice = self._find_to_manage(request, object_id)
        try:
            end_notice(notice=notice, actor=request.user, now=timezone.now())
        except NoticeError as error:
            return self._page(request, notice, str(error))
        return self._done(request, notice, "公示已结束。")

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Take back a notice that was posted in error, for a reason that everybody reads."""
        notice = self._find_to_manage(request, object_id)
        form = WithdrawalForm(request.POST)
        if not form.is_valid():
            return self._page(request, notice, CHECK_BELOW, withdrawal_form=form)
        try:
            withdraw_notice(
                notice=notice, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except NoticeError as error:
            return self._page(request, notice, str(error), withdrawal_form=form)
        return self._done(request, notice, "公示已撤回，名单中的申报仍是“审核通过”。")

    @method_decorator(require_POST)
    def settle(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record what was found about one objection."""
        notice = self._find_to_manage(request, object_id)
        number = request.POST.get("objection", "")
        objections = notice.objections.filter(pk=whole_number(number))
        objection = get_object_or_404(objections)
        form = SettlementForm(request.POST, objection=objection, lines=notice.lines.all())
        if not form.is_valid():
            return self._page(request, notice, CHECK_BELOW, settlement=form)
        try:
            settle_objection(
                objection=objection,
                actor=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except NoticeError as error:
            return self._page(request, notice, str(error), settlement=form)
        return self._done(request, notice, "异议已办结。")

    @method_decorator(require_POST)
    def recognise(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record the document that recognises the cases of an ended notice."""
        notice = self._find_to_manage(request, object_id)
        form = RecognitionForm(request.POST)
        if not form.is_valid():
            return self._page(request, notice, CHECK_BELOW, recognition_form=form)
        try:
            recognition = recognise(
                applications=waiting_for_recognition(notice),
                actor=request.user,
                now=timezone.now(),
                notice=notice,
                **form.cleaned_data,
            )
        except NoticeError as error:
            return self._page(request, notice, str(error), recognition_form=form)
        message = f"已登记认定 {recognition}，共 {recognition.lines.count()} 件。"
        return self._done(request, notice, message)

    def _done(self, request: HttpRequest, notice: Notice, message: str) -> HttpResponse:
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:notices_notice_change", notice.pk)


def _withdrawn_before(notice: Notice) -> Any:
    """Withdrawn notices in which cases of this one stood, with how many objections they got."""
    cases = notice.lines.values("application")
    before = Notice.objects.filter(status=Notice.Status.WITHDRAWN, lines__application__in=cases)
    received = before.exclude(pk=notice.pk).annotate(received=Count("objections", distinct=True))
    return received.order_by("pk")
