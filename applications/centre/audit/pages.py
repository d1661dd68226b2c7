"""Pages of auditors in the admin: what they did so far, and what they can ask for."""

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.cases.models import Application
from applications.centre.audit.dossier_checks import check_dossier
from applications.centre.audit.dossiers import ask_for_dossiers
from applications.centre.audit.export_checks import (
    RecountError,
    check_export,
    made_in_words,
    recount,
)
from applications.centre.audit.forms import FileForm, SampleForm, TwoRolesForm
from applications.centre.audit.recording import record_audit
from applications.centre.audit.rights import may_audit
from applications.centre.audit.samples import (
    draw_again,
    draw_sample,
    list_of_sample,
    rows_of_sample,
)
from applications.centre.audit.sampling import SampleError
from applications.centre.audit.two_roles import TWO_ROLES, TwoRoles
from applications.centre.cases.bundles import MOST_CASES, BundleError
from applications.centre.exports.recording import export_list, file_name, scope_of
from applications.centre.figures.period import year_to
from applications.centre.models import AuditRecord, ExportLog
from applications.money.models.money_field import FEN_IN_WAN
from portal.files.names import clean_name
from portal.jobs.asking import TooManyJobsError
from portal.lists.declaration import DataList
from portal.lists.formats import FORMATS
from portal.read_only_admin import ReadOnlyAdmin
from portal.sealed.checking import NotSealedError

Kind = AuditRecord.Kind
XLSX = "xlsx"
AT_ONCE = 50
MOST_IN_A_FILE = 10_000
TOO_MANY_ROWS = f"超过 {MOST_IN_A_FILE} 行，没有导出：请选年度、地区、项目或哪一种，分几次。"
NOT_ALL_SEEN = "抽中的申报有的不在您管的地区，您做不了全部案卷；请由抽样的人来做。"


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """The records, and beside them the pages of an auditor."""

    list_display = ["at", "kind", "subject", "short_outcome", "user"]
    list_display_links = ["subject"]
    list_filter = ["kind"]
    list_per_page = 50
    list_select_related = ["user"]
    search_fields = ["subject", "sha256", "user__username"]
    search_help_text = "对什么、SHA-256、审计人"
    fields = ["at", "user", "kind", "subject", "outcome", "sha256"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return AuditRecord.objects.visible_to(request.user)

    @admin.display(description="结果")
    def short_outcome(self, record: AuditRecord) -> str:
        return record.outcome.partition("\n")[0]

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("dossiers/of/<int:pk>/", self.dossier, "dossier"),
            self.own_page("dossiers/check/", self.check_dossier, "check_dossier"),
            self.own_page("two-roles/", self.two_roles, "two_roles"),
            self.own_page("exports/check/", self.check_export, "check_export"),
            self.own_page("exports/<int:pk>/", self.recount, "recount"),
            self.own_page("samples/draw/", self.draw_sample, "draw_sample"),
            self.own_page("samples/<int:pk>/file/", self.sample_file, "sample_file"),
            self.own_page("samples/<int:pk>/dossiers/", self.sample_dossiers, "sample_dossiers"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_audit": may_audit(request.user), **(extra_context or {})}
        return super().changelist_view(request, context)

    @method_decorator(require_POST)
    def dossier(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the dossier of a case made; as long as nothing is done with it, the same is kept."""
        _refuse_others(request)
        case = Application.objects.visible_to(request.user).filter(pk=pk).first()
        if case is None:
            raise Http404("没有这件申报")
        page = reverse("admin:cases_application_change", args=[pk])
        return self._job(request, [case], page)

    def _job(self, request: HttpRequest, cases: list[Application], page: str) -> HttpResponse:
        try:
            job = ask_for_dossiers(cases, user=request.user, page=page, now=timezone.now())
        except (BundleError, TooManyJobsError) as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(page)
        return redirect(job)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def check_dossier(self, request: HttpRequest) -> HttpResponse:
        """Take a dossier that comes back, and say whether anything of it was changed."""
        _refuse_others(request)
        form = _file_form(request, ".zip", "check_dossier")
        found = None
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                found = check_dossier(file.file)
            except NotSealedError as error:
                form.add_error("file", str(error))
            else:
                lines = [*found.words, *(f"{name}：{what}" for name, what in found.files)]
                record_audit(
                    Kind.SEAL,
                    f"{found.title}（{clean_name(file.name)}）",
                    "\n".join(lines),
                    user=request.user,
                    now=timezone.now(),
                    sha256=found.checked.sha256,
                )
        context = {"title": "核对案卷", "form": form, "found": found}
        status = 400 if form.errors else 200
        return self.render(request, "admin/centre/audit/check_dossier.html", context, status)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def two_roles(self, request: HttpRequest) -> HttpResponse:
        """Each case in which one person did what two should; all that was chosen as XLSX by POST."""
        _refuse_others(request)
        form = TwoRolesForm(request.GET, user=request.user)
        is_valid = form.is_valid()
        found = TwoRoles(form.cases, form.cleaned_data.get("rule", ""))
        if request.method == "POST" and is_valid:
            return self._two_roles_file(request, form, found)
        start = max(_whole(request.GET.get("start", "")), 0)
        rows = found.page(start, AT_ONCE + 1) if is_valid else []
        address = request.GET.copy()
        address.pop("start", None)
        context = {
            "title": "一人办了两步的申报",
            "form": form,
            "counts": found.counts if is_valid else [],
            "rows": rows[:AT_ONCE],
            "first": start + 1,
            "last": start + len(rows[:AT_ONCE]),
            "before": max(start - AT_ONCE, 0) if start else None,
            "after": start + AT_ONCE if len(rows) > AT_ONCE else None,
            "rules": found.rules,
            "query": address.urlencode(),
            "scope": scope_of(request.user),
        }
        status = 200 if is_valid else 400
        return self.render(request, "admin/centre/audit/two_roles.html", context, status)

    def _two_roles_file(
        self, request: HttpRequest, form: TwoRolesForm, found: TwoRoles
    ) -> HttpResponse:
        rows = found.page(0, MOST_IN_A_FILE + 1)
        if len(rows) > MOST_IN_A_FILE:
            self.message_user(request, TOO_MANY_ROWS, messages.ERROR)
            return redirect(request.get_full_path())
        return _file(TWO_ROLES, rows, request.user, form.in_words)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def check_export(self, request: HttpRequest) -> HttpResponse:
        """Take a file that somebody handed the auditor: whether the portal made it, and what is otherwise
        today."""
        _refuse_others(request)
        form = _file_form(request, ".xlsx,.csv,.pdf,.zip", "check_list")
        found, counted = None, {}
        if form.is_valid():
            file = form.cleaned_data["file"]
            found = check_export(file.file, request.user)
            if found.log:
                counted = _recounted(found.log, found.rows)
            made = [made_in_words(log) for log in found.logs]
            record_audit(
                Kind.EXPORT,
                clean_name(file.name),
                "\n".join([found.words, *made]),
                user=request.user,
                now=timezone.now(),
                sha256=found.sha256,
            )
        context = {
            "title": "核对导出的文件",
            "form": form,
            "found": found,
            "made": [made_in_words(log) for log in found.logs[:AT_ONCE]] if found else (),
            **counted,
        }
        status = 400 if form.errors else 200
        return self.render(request, "admin/centre/audit/check_export.html", context, status)

    @method_decorator(require_safe)
    def recount(self, request: HttpRequest, pk: int) -> HttpResponse:
        """An export on record beside the same list of today; without its file, by count and checksum."""
        _refuse_others(request)
        logs = ExportLog.objects.visible_to(request.user).select_related("user")
        log = logs.filter(pk=pk).first()
        if log is None:
            raise Http404("没有这份导出")
        context = {
            "title": "和现在比较",
            "log": log,
            "made": [made_in_words(log)],
            **_recounted(log),
        }
        return self.render(request, "admin/centre/audit/recount.html", context)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def draw_sample(self, request: HttpRequest) -> HttpResponse:
        """Ask for a sample; drawn, it is on record and has a page."""
        _refuse_others(request)
        usual = year_to(timezone.localdate())
        sent = request.POST if request.method == "POST" else None
        form = SampleForm(sent, user=request.user)
        form.initial = {"first": usual.first.isoformat(), "last": usual.last.isoformat()}
        if form.is_valid():
            try:
                record = draw_sample(
                    form.question,
                    words=form.in_words,
                    seed=form.cleaned_data["seed"],
                    user=request.user,
                    now=timezone.now(),
                )
            except SampleError as error:
                form.add_error(None, str(error))
            else:
                return redirect("admin:centre_auditrecord_change", record.pk)
        context = {"title": "随机抽样", "form": form, "scope": scope_of(request.user)}
        status = 400 if form.errors else 200
        return self.render(request, "admin/centre/audit/draw_sample.html", context, status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """A sample has a page of its own; of what was checked the record says all."""
        record = self.find(request, object_id)
        if record.kind != Kind.SAMPLE or request.method not in ("GET", "HEAD"):
            return super().change_view(request, object_id, form_url, extra_context)
        context = {
            "title": "抽样结果",
            "record": record,
            "details": record.details,
            "total": Decimal(record.details["total"]) / FEN_IN_WAN,
            "rows": rows_of_sample(record, request.user),
            "again": draw_again(record),
            "may_audit": may_audit(request.user),
            "most": MOST_CASES,
        }
        return self.render(request, "admin/centre/audit/sample.html", context)

    def _sample(self, request: HttpRequest, pk: int) -> AuditRecord:
        _refuse_others(request)
        record = self.get_queryset(request).filter(pk=pk, kind=Kind.SAMPLE).first()
        if record is None:
            raise Http404("没有这次抽样")
        return record

    @method_decorator(require_POST)
    def sample_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self._sample(request, pk)
        rows = rows_of_sample(record, request.user)
        filtered = f"{record.subject}；{record.outcome}；总体摘要 {record.sha256}"
        return _file(list_of_sample(record), rows, request.user, filtered)

    @method_decorator(require_POST)
    def sample_dossiers(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The dossiers of all that were drawn, as one job."""
        record = self._sample(request, pk)
        page = reverse("admin:centre_auditrecord_change", args=[record.pk])
        rows = rows_of_sample(record, request.user)
        cases = [row.case for row in rows if row.case]
        if len(cases) < len(rows):
            self.message_user(request, NOT_ALL_SEEN, messages.ERROR)
            return redirect(page)
        return self._job(request, cases, page)


def _recounted(log: ExportLog, rows: Any = None) -> dict[str, Any]:
    """What a page says of the same list today."""
    try:
        return {"log": log, "recount": recount(log, rows), "shown": AT_ONCE}
    except RecountError as error:
        return {"log": log, "not_counted": str(error)}


def _file(data_list: DataList, rows: Any, user: Any, filtered: str) -> HttpResponse:
    """A list as XLSX, on record like every list that leaves the site."""
    now = timezone.now()
    file, _ = export_list(
        data_list=data_list, queryset=rows, ending=XLSX, user=user, filtered=filtered, now=now
    )
    response = FileResponse(
        file,
        as_attachment=True,
        filename=file_name(data_list, XLSX, now),
        content_type=FORMATS[XLSX].content_type,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _whole(text: str) -> int:
    """A number of an address; nothing else counts."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _refuse_others(request: HttpRequest) -> None:
    if not may_audit(request.user):
        raise PermissionDenied


def _file_form(request: HttpRequest, accept: str, command: str) -> FileForm:
    sent = request.method == "POST"
    return FileForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        accept=accept,
        command=command,
    )
