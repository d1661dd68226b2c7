"""Lists as files: a change list offers them, a page shows what the file will hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from applications.centre.exports.long import ask_for_list, takes_long
from applications.centre.exports.recording import export_list, file_name, scope_of
from applications.centre.models import ExportLog
from portal.jobs.asking import TooManyJobsError
from portal.lists.declaration import DataList
from portal.lists.formats import FORMATS, ListTooLongError
from portal.lists.pdf_file import most_rows
from portal.lists.preview import preview_of
from portal.read_only_admin import ReadOnlyAdmin

EXPORT = "centre.export_lists"
EVERYTHING = "无，全部列出"
NO_SUCH_FORMAT = "请选择要下载的格式。"


@dataclass(frozen=True)
class ListPage:
    """A list that a change list offers, and what its link says."""

    data_list: DataList
    label: str


class ListPages:
    """Gives a change list its lists: a link for each, a preview and the files."""

    list_pages: Sequence[ListPage] = ()

    def offered_lists(self, user: Any) -> Sequence[ListPage]:
        """What this user is offered; by the first part of their keys they belong to `list_pages`."""
        return self.list_pages

    def _offered(self, user: Any, key: str) -> ListPage | None:
        return next((page for page in self.offered_lists(user) if page.data_list.key == key), None)

    def get_urls(self) -> list[Any]:
        return [self.own_page("lists/<slug:key>/", self.list_page, "list"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_list"
        links = [
            (offered.label, reverse(name, args=[offered.data_list.key]))
            for offered in (self.offered_lists(request.user) if self._may_export(request) else ())
        ]
        context = {"list_links": links, "query": request.GET.urlencode(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _may_export(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(EXPORT)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def list_page(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show what the file will hold, with the filter of the change list; make it by POST."""
        offered = self._offered(request.user, key)
        if offered is None:
            raise Http404("没有这份名单")
        if not self._may_export(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        chosen = changelist.queryset
        filtered = filter_in_words(request, changelist)
        if request.method != "POST":
            return self._preview(request, offered, chosen, filtered)
        ending = request.POST.get("format", "")
        if ending not in FORMATS:
            return self._preview(request, offered, chosen, filtered, NO_SUCH_FORMAT)
        data_list, now = offered.data_list, timezone.now()
        try:
            if takes_long(data_list, chosen, ending):
                job = ask_for_list(
                    data_list=data_list,
                    ending=ending,
                    query=request.GET.urlencode(),
                    user=request.user,
                    page=request.get_full_path(),
                    now=now,
                )
                return redirect(job)
            file, _ = export_list(
                data_list=data_list,
                queryset=chosen,
                ending=ending,
                user=request.user,
                filtered=filtered,
                now=now,
                query=request.GET.urlencode(),
            )
        except (ListTooLongError, TooManyJobsError) as error:
            return self._preview(request, offered, chosen, filtered, str(error))
        response = FileResponse(
            file,
            as_attachment=True,
            filename=file_name(data_list, ending, now),
            content_type=FORMATS[ending].content_type,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def list_for(self, user: Any, key: str, query: str) -> tuple[DataList, Any, str]:
        """The list of a change list as this user sees it now: it, its queryset, the filter in words.

        For a worker, who has no request; PermissionDenied where the user may not export any more,
        LookupError where the list itself is gone.
        """
        request = HttpRequest()
        request.method, request.GET, request.user = "GET", QueryDict(query), user
        if not (user.is_active and self._may_export(request)):
            raise PermissionDenied
        if (offered := self._offered(user, key)) is None:
            raise LookupError(key)
        changelist = self.get_changelist_instance(request)
        filtered = filter_in_words(request, changelist)
        return offered.data_list, changelist.queryset, filtered

    def _preview(
        self,
        request: HttpRequest,
        offered: ListPage,
        chosen: Any,
        filtered: str,
        problem: str = "",
    ) -> HttpResponse:
        data_list = offered.data_list
        preview = preview_of(data_list, chosen)
        totals = preview.summary.totals
        columns = data_list.numbered_columns
        context = {
            "title": f"导出{data_list.title}",
            "problem": problem,
            "columns": columns,
            "lines": preview.lines,
            "summary": preview.summary,
            "totals": [totals.get(column.header, "") for column in columns],
            "has_totals": bool(totals),
            "scope": scope_of(request.user),
            "filtered": filtered,
            "pdf_most": most_rows(data_list),
            "holds_money": data_list.holds_money,
        }
        return self.render(request, "admin/centre/list.html", context)


def filter_in_words(request: HttpRequest, changelist: Any) -> str:
    """What narrows a change list, as its sidebar names it: “状态：已认定；县（市、区）：沁水县”."""
    nothing = {gettext("All"), gettext("Any date")}
    specs, _, others, *_ = changelist.get_filters(request)
    words = []
    for spec in specs:
        chosen = [
            str(choice["display"]) for choice in spec.choices(changelist) if choice["selected"]
        ]
        if spec.used_parameters and not chosen:
            # Such as a range of dates that the sidebar does not offer.
            chosen = [f"{name}={_joined(value)}" for name, value in spec.used_parameters.items()]
        words += [f"{spec.title}：{display}" for display in chosen if display not in nothing]
    if changelist.query:
        words.append(f"查找：{changelist.query}")
    words += [f"{name}={_joined(values)}" for name, values in others.items()]
    return "；".join(words) or EVERYTHING


def _joined(values: Any) -> str:
    return "、".join(map(str, values)) if isinstance(values, list) else str(values)


class EndingFilter(admin.AllValuesFieldListFilter):
    """By the kind of file, as people write it."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield {**choice, "display": str(choice["display"]).upper()}


@admin.register(ExportLog)
class ExportLogAdmin(ReadOnlyAdmin):
    """Which files were made; within the user's jurisdiction."""

    list_display = ["at", "title", "kind", "rows", "user", "filtered", "short_checksum"]
    list_filter = ["title", ("ending", EndingFilter)]
    list_per_page = 50
    list_select_related = ["user"]
    search_fields = ["checksum", "user__username"]
    search_help_text = "校验码、制表人"
    fields = ["at", "user", "title", "kind", "filtered", "rows", "checksum", "sha256", "recount"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return ExportLog.objects.visible_to(request.user)

    @admin.display(description="格式", ordering="ending")
    def kind(self, log: ExportLog) -> str:
        return log.ending.upper()

    @admin.display(description="现在重算")
    def recount(self, log: ExportLog) -> str:
        address = reverse("admin:centre_auditrecord_recount", args=[log.pk])
        return format_html('<a href="{}">和现在的同一份名单比较</a>', address)

    @admin.display(description="校验码")
    def short_checksum(self, log: ExportLog) -> str:
        return f"{log.checksum[:12]}…"
