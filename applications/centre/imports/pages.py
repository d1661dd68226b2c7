"""Spreadsheets in the admin: uploaded, looked at with every problem, recorded all or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.centre.imports.decisions import (
    MOST_FOUND_SHOWN,
    NOT_CONFIRMED,
    answers_sent,
    details_sent,
    found_groups_of,
    groups_of,
    rows_decided,
)
from applications.centre.imports.finding import choices_sent
from applications.centre.imports.forms import SheetForm
from applications.centre.imports.kinds import IMPORTS, may_import
from applications.centre.imports.long import ask_to_record
from applications.centre.imports.recording import (
    ImportKind,
    Rehearsal,
    SheetImportError,
    account_of_sheet,
    keep_decisions,
    keep_sheet,
    record_sheet,
    rehearse,
    rows_for_a_worker,
    sheets_of,
)
from applications.centre.models import SheetImport
from portal.files.names import clean_name
from portal.jobs.asking import TooManyJobsError
from portal.models import Job
from portal.read_only_admin import ReadOnlyAdmin
from portal.second_factor.fresh import ask_for_factor
from portal.sheets.account import Account, State
from portal.sheets.columns import Place, Problem, SheetRow
from portal.sheets.limits import SheetError

SHOWN = 200
SAVED = "选定和回答已保存。"


def _rows_of(account: Account, rehearsal: Rehearsal | None) -> list[SheetRow]:
    """All rows that are read, as far as they are complete."""
    whole = {row.place: row for row in rehearsal.rows} if rehearsal else {}
    return [whole.get(row.place, row) for row in account.rows]


def _with_texts(sheet: SheetImport, problems: Sequence[Problem]) -> list[tuple[Problem, str]]:
    """Each problem with what stands in its cell."""
    if not problems:
        return []
    cells = {
        (order, row.number): row.cells
        for order, page in enumerate(sheets_of(sheet))
        for row in page.rows
    }
    return [(problem, _text_at(cells, problem)) for problem in problems]


def _text_at(cells: Mapping[tuple[int, int], Sequence[str]], problem: Problem) -> str:
    if problem.place is None or problem.column is None:
        return ""
    own = cells.get((problem.place.sheet, problem.place.number), ())
    return own[problem.column] if problem.column < len(own) else ""


def _becoming(account: Account, rehearsal: Rehearsal) -> dict[Place, str]:
    """What recording does with each row that is read, in a word."""
    words = dict.fromkeys((row.place for row in account.rows), "待定")
    words |= {match.place: "略过" for match in rehearsal.matches if match.is_passed}
    words |= {row.place: "新" for row in rehearsal.rows}
    words |= {each.place: "这次不登记" for each in rehearsal.left_out}
    return words | dict.fromkeys(rehearsal.known, "以前已登记")


@admin.register(SheetImport)
class SheetImportAdmin(ReadOnlyAdmin):
    list_display = ["uploaded_at", "title", "file_name", "user", "done_at", "outcome"]
    list_filter = ["title"]
    list_per_page = 50
    list_select_related = ["user"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        importing = any(may_import(request.user, kind) for kind in IMPORTS.values())
        return importing or super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        return SheetImport.objects.visible_to(request.user).defer("sheets")

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("upload/<slug:key>/", self.upload, "upload"),
            self.own_page("<path:object_id>/decide/", self.decide, "decide"),
            self.own_page("<path:object_id>/record/", self.record, "record"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        kinds = [kind for kind in IMPORTS.values() if may_import(request.user, kind)]
        return super().changelist_view(request, {"kinds": kinds, **(extra_context or {})})

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def upload(self, request: HttpRequest, key: str) -> HttpResponse:
        """Take a file and lead to its preview."""
        if key not in IMPORTS:
            raise Http404("没有这种名单")
        kind = IMPORTS[key]
        if not may_import(request.user, kind):
            raise PermissionDenied
        # An upload is not kept: the factor is asked for before a file is chosen, and to record it.
        if kind.takes_factor and request.method != "POST" and (asked := ask_for_factor(request)):
            return asked
        is_sent = request.method == "POST"
        form = SheetForm(request.POST if is_sent else None, request.FILES if is_sent else None)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                sheet = keep_sheet(
                    kind=kind,
                    name=clean_name(file.name),
                    content=file.read(),
                    user=request.user,
                    now=timezone.now(),
                )
            except SheetError as error:
                form.add_error("file", str(error))
            else:
                return redirect("admin:centre_sheetimport_change", sheet.pk)
        context = {
            "title": f"导入{kind.title}",
            "kind": kind,
            "form": form,
        }
        status = 400 if is_sent else 200
        return self.render(request, "admin/centre/sheetimport/upload.html", context, status)

    def _find(self, request: HttpRequest, object_id: str) -> tuple[SheetImport, ImportKind]:
        """The upload within the user's scope and its kind; strangers get 404."""
        sheet = self.find(request, object_id)
        return sheet, IMPORTS[sheet.kind]

    @method_decorator(require_safe)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """What the file says and, to whoever may record it, what recording it would do now."""
        return self._page(request, *self._find(request, object_id))

    def _page(
        self, request: HttpRequest, sheet: SheetImport, kind: ImportKind, problem: str = ""
    ) -> HttpResponse:
        rehearsal = None
        if not sheet.done_at and may_import(request.user, kind):
            rehearsal = rehearse(kind=kind, sheet=sheet, user=request.user, now=timezone.now())
        account = rehearsal.account if rehearsal else account_of_sheet(kind, sheet)
        rows = _rows_of(account, rehearsal)
        matches = rehearsal.matches if rehearsal else ()
        found = [match for match in matches if match.found and not match.why]
        becoming = _becoming(account, rehearsal) if rehearsal else {}
        fields = [
            field
            for field in kind.fields
            if any(row.values.get(field.key) is not None for row in rows)
        ]
        context = {
            "title": f"导入{kind.title}：{sheet.file_name}",
            "sheet": sheet,
            "kind": kind,
            "rehearsal": rehearsal,
            "account": account,
            "counts": [(state, account.counts[state]) for state in State],
            "groups": groups_of(account) if rehearsal else (),
            "others": [
                entry
                for entry in account.entries
                if entry.state == State.PASSED
                or (not rehearsal and entry.state in (State.WRONG, State.DOUBT))
            ],
            "problems": _with_texts(sheet, rehearsal.problems[:SHOWN]) if rehearsal else (),
            "left_out": rehearsal.left_out[:SHOWN] if rehearsal else (),
            "found_groups": found_groups_of(matches),
            "found": found[:MOST_FOUND_SHOWN],
            "found_count": len(found),
            "told_once": sheet.decisions.get("told", ()) if sheet.done_at else (),
            "were_found": sheet.decisions.get("matches", ()) if sheet.done_at else (),
            "fields": fields,
            "lines": [
                (
                    row.place,
                    becoming.get(row.place, ""),
                    [row.values[field.key] for field in fields],
                )
                for row in rows[:SHOWN]
            ],
            "row_count": len(rows),
            "answers": sheet.decisions.get("answers", {}).values() if sheet.done_at else (),
            "problem": problem,
            "not_confirmed": NOT_CONFIRMED,
        }
        return self.render(request, "admin/centre/sheetimport/sheet.html", context)

    def _find_own(self, request: HttpRequest, object_id: str) -> tuple[SheetImport, ImportKind]:
        """An upload that the user may record."""
        sheet, kind = self._find(request, object_id)
        if not may_import(request.user, kind):
            raise PermissionDenied
        return sheet, kind

    def _keep(self, request: HttpRequest, sheet: SheetImport, kind: ImportKind) -> SheetImport:
        """Keep what the form says, whichever of its buttons was pressed; the sheet as it is then."""
        now = timezone.now()
        if not sheet.done_at:
            rehearsal = rehearse(kind=kind, sheet=sheet, user=request.user, now=now)
            sent = request.POST.dict()
            keep_decisions(
                sheet,
                rows=rows_decided(rehearsal.account, sent),
                answers=answers_sent(rehearsal, sent),
                found=choices_sent(rehearsal.matches, sent),
                details=details_sent(rehearsal, sent),
            )
        return SheetImport.objects.get(pk=sheet.pk)

    def _asked(self, request: HttpRequest, sheet: SheetImport, count: int) -> Job:
        return ask_to_record(
            sheet=sheet,
            count=count,
            user=request.user,
            page=reverse("admin:centre_sheetimport_change", args=[sheet.pk]),
            now=timezone.now(),
        )

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Keep what was decided of tables, rows and values, and show what follows."""
        sheet, kind = self._find_own(request, object_id)
        try:
            self._keep(request, sheet, kind)
        except SheetImportError as error:
            return self._page(request, *self._find(request, object_id), str(error))
        self.message_user(request, SAVED, messages.SUCCESS)
        return redirect("admin:centre_sheetimport_change", sheet.pk)

    @method_decorator(require_POST)
    def record(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record every new row, or none."""
        sheet, kind = self._find_own(request, object_id)
        if kind.takes_factor and (asked := ask_for_factor(request)):
            return asked
        try:
            sheet = self._keep(request, sheet, kind)
            if count := rows_for_a_worker(kind, sheet, request.user, timezone.now()):
                return redirect(self._asked(request, sheet, count))
            sheet = record_sheet(kind=kind, sheet=sheet, user=request.user, now=timezone.now())
        except (SheetImportError, TooManyJobsError) as error:
            return self._page(request, *self._find(request, object_id), str(error))
        self.message_user(request, sheet.outcome, messages.SUCCESS)
        return redirect("admin:centre_sheetimport_change", sheet.pk)
