"""Calls in the admin: drafted, opened by a second person, prolonged or closed early, and counted."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.cases.services.calls import (
    CallError,
    change_call,
    counties_of,
    discard_call,
    draft_call,
    drafts_cut_short,
    figures_of,
    move_last_day,
    open_call,
    programmes_to_call,
    set_county_day,
    withdraw_call,
)
from applications.centre.cases.forms.calls import (
    CallForm,
    CountyDayForm,
    MoveForm,
    OpeningForm,
    WithdrawalForm,
)
from applications.centre.filters import ProgrammeFilter
from policies.catalogue.models import Call
from portal.models import Jurisdiction
from portal.numbers import whole_number
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW
from portal.second_factor.fresh import fresh_factor_required
from portal.users import not_beside

PERMISSION = "catalogue.manage_calls"
LOOK_FIRST = (
    "还没有改：改到 {day} 截止，有 {count} 家企业的草稿少了时间，截止以后不能提交。"
    "它们会收到消息；请看过后再点一次。"
)


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    change_list_template = "admin/cases/call/change_list.html"
    list_display = ["title", "programme", "state", "opens_on", "last_day", "number_of_places", "cases"]  # fmt: skip
    list_filter = ["status", ("programme", ProgrammeFilter)]
    list_per_page = 50
    search_fields = ["title", "document_number", "programme__name"]
    search_help_text = "标题、通知文号、项目"
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = Call.objects.visible_to(request.user)
        return visible.select_related(
            "programme__area", "document", "drafted_by", "opened_by"
        ).annotate(cases=Count("applications"))

    @admin.display(description="现在")
    def state(self, call: Call) -> str:
        return call.state_on(timezone.localdate())

    @admin.display(description="截止日期", ordering="closes_on")
    def last_day(self, call: Call) -> str:
        return f"{call.closes_on:%Y-%m-%d}" if call.closes_on else "常年受理"

    @admin.display(description="名额", ordering="places")
    def number_of_places(self, call: Call) -> str:
        return call.places_in_words

    @admin.display(description="已提交", ordering="cases")
    def cases(self, call: Any) -> str:
        return f"{call.cases} 件"

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_urls(self) -> list[Any]:
        pages = {
            "write": self.write,
            "discard": self.discard,
            "open": self.open,
            "move": self.move,
            "county": self.county,
            "withdraw": self.withdraw,
        }
        return [
            self.own_page("draft/", self.draft, "draft"),
            *(
                self.own_page(f"<int:object_id>/{name}/", page, name)
                for name, page in pages.items()
            ),
            *super().get_urls(),
        ]

    def _manages(self, request: HttpRequest, call: Call) -> bool:
        own = Call.objects.handled_by(request.user).filter(pk=call.pk)
        return self.has_manage_permission(request) and own.exists()

    def _find_to_manage(self, request: HttpRequest, object_id: Any) -> Call:
        """A call of above is read, but not theirs to change."""
        call = self.find(request, object_id)
        if not self._manages(request, call):
            raise PermissionDenied
        return call

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def draft(self, request: HttpRequest) -> HttpResponse:
        """Write a new notice; it is shown to nobody before a second person opens it."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        form = CallForm(data, programmes=programmes_to_call(request.user))
        problem = CHECK_BELOW if form.is_bound else ""
        if form.is_valid():
            try:
                call = draft_call(
                    programme=form.cleaned_data["programme"],
                    words=form.words,
                    materials=form.cleaned_data["materials"],
                    actor=request.user,
                    now=timezone.now(),
                )
            except CallError as error:
                form.add_error(error.field or None, str(error))
            else:
                return self._done(request, call, "已存为草稿，由另一人核对后开放。")
        context = {"title": "拟征集通知", "form": form, "problem": problem}
        return self.render(request, "admin/cases/call/draft.html", context)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The call, what came of it, and what can be done with it."""
        return self._page(request, self.find(request, object_id))

    def _page(
        self, request: HttpRequest, call: Call, problem: str = "", **forms: Any
    ) -> HttpResponse:
        """`forms` are bound forms to show again: `form`, `opening`, `move`, `withdrawal`."""
        today, manages = timezone.localdate(), self._manages(request, call)
        prefetch_related_objects([call], "county_last_days__county", "county_last_days__actor")
        is_own = call.drafted_by_id == request.user.pk or bool(
            call.is_draft and not_beside(request.user, {call.drafted_by_id})
        )
        context = {
            "title": str(call),
            "call": call,
            "state": call.state_on(today),
            "events": call.events.select_related("actor"),
            "figures": figures_of(call, request.user),
            "reads_cases": request.user.has_perm("cases.view_application"),
            "manages": manages,
            "is_own": is_own,
            "form": forms.get("form") or (CallForm(call=call) if call.is_draft else None),
            "opening": forms.get("opening") or OpeningForm(),
            "move": forms.get("move") or MoveForm(),
            "county": self._county_form(request, call, forms.get("county")),
            "withdrawal": forms.get("withdrawal") or WithdrawalForm(),
            "may_withdraw": call.is_open and not call.applications.exists(),
            "problem": problem,
        }
        return self.render(request, "admin/cases/call/page.html", context)

    @method_decorator(require_POST)
    def write(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Save the words of a draft."""
        call = self._find_to_manage(request, object_id)
        if not call.is_draft:
            return self._page(request, call, "这份征集已经开放，不能再改内容。")
        form = CallForm(request.POST, call=call)
        if not form.is_valid():
            return self._page(request, call, CHECK_BELOW, form=form)
        try:
            change_call(
                call=call,
                seen=_seen(request),
                words=form.words,
                materials=form.cleaned_data["materials"],
                actor=request.user,
                now=timezone.now(),
            )
        except CallError as error:
            return self._refused(request, call, error, form=form)
        return self._done(request, call, "已保存，由另一人核对后开放。")

    @method_decorator(require_POST)
    def discard(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Throw a draft away."""
        call = self._find_to_manage(request, object_id)
        try:
            discard_call(call=call, seen=_seen(request))
        except CallError as error:
            return self._refused(request, call, error)
        self.message_user(request, f"草稿“{call}”已删除。", messages.SUCCESS)
        return redirect("admin:catalogue_call_changelist")

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def open(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """From now on the public sees it, and from its first day on it decides."""
        call = self._find_to_manage(request, object_id)
        form = OpeningForm(request.POST)
        if not form.is_valid():
            return self._page(request, call, CHECK_BELOW, opening=form)
        try:
            open_call(
                call=call,
                seen=_seen(request),
                actor=request.user,
                now=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except CallError as error:
            return self._refused(request, call, error, opening=form)
        return self._done(request, call, f"已开放：{call.when}。")

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def move(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Prolong it or close it early."""
        call = self._find_to_manage(request, object_id)
        form = MoveForm(request.POST.copy())
        if not form.is_valid():
            return self._page(request, call, CHECK_BELOW, move=form)
        if told := _drafts_to_look_at(form, call):
            return self._page(request, call, told, move=form)
        try:
            moved = move_last_day(
                call=call,
                closes_on=form.cleaned_data["closes_on"],
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except CallError as error:
            return self._refused(request, call, error, move=form)
        return self._done(request, call, f"截止日已改：{moved.when}。有草稿的企业会收到消息。")

    def _county_form(
        self, request: HttpRequest, call: Call, bound: CountyDayForm | None
    ) -> CountyDayForm | None:
        """For whoever sets an earlier day for a county's firms; None for all others."""
        if bound or not (call.is_open and self.has_manage_permission(request)):
            return bound
        counties = list(counties_of(call, request.user))
        return CountyDayForm(counties=counties) if counties else None

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def county(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A county closes it earlier for its own firms, which hand in there first."""
        call = self.find(request, object_id)
        counties = list(counties_of(call, request.user))
        if not (self.has_manage_permission(request) and counties):
            raise PermissionDenied
        form = CountyDayForm(request.POST.copy(), counties=counties)
        if not form.is_valid():
            return self._page(request, call, CHECK_BELOW, county=form)
        county = form.cleaned_data["county"]
        if told := _drafts_to_look_at(form, call, county):
            return self._page(request, call, told, county=form)
        try:
            set_county_day(
                call=call,
                county=county,
                last_day=form.cleaned_data["closes_on"],
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except CallError as error:
            return self._refused(request, call, error, county=form)
        told = f"{county}的截止日已改，公众看得到；有草稿的企业会收到消息。"
        return self._done(request, call, told)

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Take back what was opened in error, while nobody has handed in by it."""
        call = self._find_to_manage(request, object_id)
        form = WithdrawalForm(request.POST)
        if not form.is_valid():
            return self._page(request, call, CHECK_BELOW, withdrawal=form)
        try:
            withdraw_call(
                call=call,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except CallError as error:
            return self._refused(request, call, error, withdrawal=form)
        return self._done(request, call, "征集已撤回，有草稿的企业会收到消息。")

    def _refused(
        self, request: HttpRequest, call: Call, error: CallError, **forms: Any
    ) -> HttpResponse:
        """The page as it is now, with what was typed, and what is wrong beside its field."""
        for form in forms.values():
            if error.field in form.fields:
                form.add_error(error.field, str(error))
        found = self.get_object(request, str(call.pk))
        return self._page(request, found, str(error), **forms)

    def _done(self, request: HttpRequest, call: Call, message: str) -> HttpResponse:
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:catalogue_call_change", call.pk)


def _drafts_to_look_at(form: MoveForm, call: Call, county: Jurisdiction | None = None) -> str:
    """What has to be seen before drafts lose days; empty where that was shown, or none do."""
    day = form.cleaned_data["closes_on"]
    if day is None or not (count := drafts_cut_short(call, day, county)):
        return ""
    shown = "/".join(filter(None, (f"{day}", f"{count}", county and county.pk)))
    if form.cleaned_data["seen_drafts"] == shown:
        return ""
    form.data[form.add_prefix("seen_drafts")] = shown
    return LOOK_FIRST.format(day=day, count=count)


def _seen(request: HttpRequest) -> int:
    """Which version of the draft the page showed."""
    return whole_number(request.POST.get("seen"), otherwise=-1)
