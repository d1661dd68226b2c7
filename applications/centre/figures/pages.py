"""The page of figures in the admin, its tables as files, and the report."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from applications.centre.exports.pages import EXPORT
from applications.centre.exports.recording import export_list, file_name, scope_of
from applications.centre.figures.answer import answer, step_rows
from applications.centre.figures.charts import case_chart, line_chart, step_chart
from applications.centre.figures.counted import Selection
from applications.centre.figures.definitions import definitions
from applications.centre.figures.files import list_of_steps, list_of_table
from applications.centre.figures.followed import followed
from applications.centre.figures.forms import FiguresForm
from applications.centre.figures.looked_for import looked_for
from applications.centre.figures.period import ONE_DAY, Period, month_before, year_to
from applications.centre.figures.quarters import quarters_until
from applications.centre.figures.report import report_paper, title_of
from applications.centre.figures.small_counts import FEWEST
from applications.centre.figures.tables import BREAKDOWNS, case_table, line_table
from applications.centre.models import Figures
from policies.self_check.counting import counted_until
from portal.files.names import clean_name
from portal.jobs.asking import TooManyJobsError
from portal.jobs.papers import ask_for_paper
from portal.lists.formats import FORMATS
from portal.read_only_admin import ReadOnlyAdmin

XLSX = "xlsx"
# As long as the numbers of self-checks are kept.
QUARTERS = 7
NOT_UNDERSTOOD = "下面有几处请核对，已标出；先按本年到今天的列在下面。"


@admin.register(Figures)
class FiguresAdmin(ReadOnlyAdmin):
    """One page and what it gives; without rows, there is no other."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("", self.figures, "changelist"),
            self.own_page("file/<slug:table>/", self.file, "file"),
            self.own_page("report/", self.report, "report"),
            self.own_page("looked-for/", self.looked_for, "looked_for"),
        ]

    def _asked(self, request: HttpRequest) -> FiguresForm:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return FiguresForm(request.GET, user=request.user, today=timezone.localdate())

    @method_decorator(require_safe)
    def figures(self, request: HttpRequest) -> HttpResponse:
        form = self._asked(request)
        today = timezone.localdate()
        problem, usable = "", form
        if not form.is_valid():
            problem, usable = NOT_UNDERSTOOD, FiguresForm({}, user=request.user, today=today)
            usable.is_valid()
        period, by, selection = _question(usable, request.user)
        found = answer(selection, period, by)
        context = {
            "title": "统计",
            "problem": problem,
            "form": form,
            "period": period,
            "before": period.year_before,
            "scope": scope_in_words(usable, request.user),
            "tables": [
                (found.cases, case_chart(found.cases)),
                (found.lines, line_chart(found.lines)),
            ],
            "steps": found.steps,
            "steps_chart": step_chart([row.now for row in found.steps]),
            "definitions": definitions(),
            "periods": _periods(request, today),
            "may_export": request.user.has_perm(EXPORT),
            "report": title_of(period),
            "query": "" if problem else request.GET.urlencode(),
        }
        return self.render(request, "admin/centre/figures/page.html", context)

    @method_decorator(require_POST)
    def file(self, request: HttpRequest, table: str) -> HttpResponse:
        """One table of the page as XLSX, on record like every list that leaves the site."""
        form = self._asked(request)
        if not request.user.has_perm(EXPORT):
            raise PermissionDenied
        if not form.is_valid():
            return redirect(_page_of(request))
        period, by, selection = _question(form, request.user)
        now = timezone.now()
        if table == "steps":
            data_list, rows = list_of_steps(), step_rows(selection, period)
        elif table in TABLES:
            made = TABLES[table](selection, period, BREAKDOWNS[by])
            data_list, rows = list_of_table(made), [*made.rows, made.total]
        else:
            raise Http404("没有这张表")
        filtered = f"{period}；{scope_in_words(form, request.user)}"
        file, _ = export_list(
            data_list=data_list, queryset=rows, ending=XLSX, user=request.user, filtered=filtered,
            now=now,
        )  # fmt: skip
        response = FileResponse(
            file,
            as_attachment=True,
            filename=file_name(data_list, XLSX, now),
            content_type=FORMATS[XLSX].content_type,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @method_decorator(require_POST)
    def report(self, request: HttpRequest) -> HttpResponse:
        """Have the figures of the period set as PDF; as long as nothing changes, the same is kept."""
        form, page, now = self._asked(request), _page_of(request), timezone.now()
        if not form.is_valid():
            return redirect(page)
        period, _, selection = _question(form, request.user)
        scope = scope_in_words(form, request.user)
        try:
            job = ask_for_paper(
                report_paper(selection, period, scope, timezone.localdate(now)),
                title=f"{scope}{title_of(period)}",
                file_name=clean_name(f"{title_of(period)}-{period.first}-{period.last}.pdf"),
                style="office",
                owner=request.user,
                page=page,
                now=now,
            )
        except TooManyJobsError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(page)
        return redirect(job)

    @method_decorator(require_safe)
    def looked_for(self, request: HttpRequest) -> HttpResponse:
        """What firms look for and do not find, by whole quarters."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        offered = quarters_until(counted_until(timezone.localdate()), QUARTERS)
        asked = request.GET.get("quarter", offered[0].key)
        quarter = next((each for each in offered if each.key == asked), None)
        if quarter is None:
            raise Http404("没有这个季度，或还不能看")
        context = {
            "title": "企业没找到什么",
            "quarters": offered,
            "quarter": quarter,
            "found": looked_for(quarter.period),
            "followed": followed(),
            "fewest": FEWEST,
        }
        return self.render(request, "admin/centre/figures/looked_for.html", context)


def _page_of(request: HttpRequest) -> str:
    """The page that a button was on."""
    return f"{reverse('admin:centre_figures_changelist')}?{request.GET.urlencode()}"


TABLES = {"cases": case_table, "lines": line_table}


def _question(form: FiguresForm, user: Any) -> tuple[Period, str, Selection]:
    given = form.cleaned_data
    return form.period, given["by"], Selection(user, given["place"], given["programme"])


def scope_in_words(form: FiguresForm, user: Any) -> str:
    """Whose figures they are: the place, and the programme where one was chosen."""
    given = form.cleaned_data
    place = dict(form.fields["place"].choices)[given["place"]] if given["place"] else scope_of(user)
    if not given["programme"]:
        return place
    return f"{place}，{dict(form.fields['programme'].choices)[given['programme']]}"


def _periods(request: HttpRequest, today: date) -> list[tuple[str, str]]:
    """Usual periods: what the link says, and its query with the rest of the question."""
    year, month = year_to(today), Period(today.replace(day=1), today)
    last_year = year_to(year.first - ONE_DAY)
    offered = [
        ("本月", month), ("上月", month_before(today)), ("本年", year), ("上年", last_year),
    ]  # fmt: skip
    links = []
    for title, period in offered:
        query = request.GET.copy()
        query["first"], query["last"] = period.first.isoformat(), period.last.isoformat()
        links.append((title, query.urlencode()))
    return links
