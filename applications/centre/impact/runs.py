"""Pages of impact in the admin: asking for a run, its result, and the variants of a draft."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.centre.exports.recording import export_list, file_name, scope_of
from applications.centre.impact.charts import firms_chart, money_chart
from applications.centre.impact.forms import FIRST_DAY, TODAY, RunForm, VariantForm, typed_of
from applications.centre.impact.lists import TOTALS, total_rows
from applications.centre.impact.shown import case_rows, county_rows, money_rows, plan_rows
from applications.impact.models import Run, Variant
from applications.impact.models.variant import MOST_VARIANTS
from applications.impact.services.plans import PlanError, stale_reasons
from applications.impact.services.results import (
    budgets_for,
    firms_without_profile,
    result_of,
    tallies_for,
)
from applications.impact.services.runs import RUNS_KEPT, ask_for_run, remove_run, stop_run
from applications.impact.services.variants import (
    NOT_A_DRAFT,
    VariantError,
    draft_numbers,
    save_variant,
    use_variant,
)
from policies.catalogue.models import Edition
from policies.catalogue.readiness import predecessor_of
from policies.editors.edition_proposals import open_proposal
from policies.editors.jurisdiction import NOT_ONES_OWN, reach_of
from portal.jobs.asking import TooManyJobsError
from portal.jobs.showing import progress_of
from portal.lists.formats import FORMATS
from portal.read_only_admin import ReadOnlyAdmin

RECENT = 10
FILES = ("xlsx", "csv")
USED = "已把方案“{title}”的数字写进草稿。请看看例子还对不对，再重新测算一次。"
WAITS = "这份草稿正在等另一位编辑审核；数字改了，请撤回后重新提交。"
SEE_FIRMS = "impact.view_affected"


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """The runs, each with its page; an edition has a page of its own with its variants."""

    list_display = ["address", "on", "state", "asked_at", "asked_by"]
    list_display_links = None
    list_per_page = 50
    list_select_related = ["edition__programme", "asked_by", "job"]
    search_fields = ["edition__programme__name", "edition__programme__id"]
    search_help_text = "项目名称或编号"

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("", self.changelist_view, "changelist"),
            self.own_page("<int:pk>/", self.result, "result"),
            self.own_page("<int:pk>/stop/", self.stop, "stop"),
            self.own_page("<int:pk>/remove/", self.remove, "remove"),
            self.own_page("<int:pk>/file/", self.file, "file"),
            self.own_page("editions/<int:pk>/", self.edition, "edition"),
            self.own_page("editions/<int:pk>/ask/", self.ask, "ask"),
            self.own_page("editions/<int:pk>/variant/", self.add_variant, "add_variant"),
            self.own_page("variants/<int:pk>/", self.variant, "variant"),
            self.own_page("variants/<int:pk>/remove/", self.remove_variant, "remove_variant"),
            self.own_page("variants/<int:pk>/use/", self.use_variant, "use_variant"),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        # The content of each plan is long, and no list shows it.
        return super().get_queryset(request).exclude(edition=None).defer("plans")

    @admin.display(description="版本")
    def address(self, run: Run) -> str:
        page = reverse("admin:impact_run_result", args=[run.pk])
        return format_html('<a href="{}">{}</a>', page, run.edition)

    @admin.display(description="状态")
    def state(self, run: Run) -> str:
        return state_of(run)

    # --- who ----------------------------------------------------------------------------

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _edits(self, request: HttpRequest, edition: Edition) -> bool:
        """Whether the reader edits this edition, and so asks for runs and tries variants of it."""
        user = request.user
        may = user.has_perm("catalogue.change_edition") and user.has_perm("impact.add_run")
        return may and edition.programme.area_id in reach_of(user).areas

    def _own(self, request: HttpRequest, edition: Edition) -> Edition:
        """PermissionDenied to who is no editor, Http404 where it is another place's edition."""
        if not (
            request.user.has_perm("catalogue.change_edition")
            and request.user.has_perm("impact.add_run")
        ):
            raise PermissionDenied
        if not self._edits(request, edition):
            raise Http404(NOT_ONES_OWN)
        return edition

    def _edition(self, pk: int) -> Edition:
        """A draft, or one that stands."""
        edition = get_object_or_404(Edition.objects.select_related("programme", "corrects"), pk=pk)
        if not (edition.is_draft or edition.is_standing):
            raise Http404("这个版本已经不用了。")
        return edition

    def _run(self, pk: int) -> Run:
        rows = Run.objects.select_related("edition__programme", "predecessor", "job", "asked_by")
        return get_object_or_404(rows, pk=pk, edition__isnull=False)

    def _variant(self, request: HttpRequest, pk: int) -> Variant:
        rows = Variant.objects.select_related("edition__programme")
        found = get_object_or_404(rows, pk=pk)
        self._own(request, found.edition)
        return found

    # --- an edition ---------------------------------------------------------------------

    @method_decorator(require_safe)
    def edition(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._may_look(request)
        return self._edition_page(request, self._edition(pk))

    def _edition_page(
        self,
        request: HttpRequest,
        edition: Edition,
        form: RunForm | None = None,
        problem: str = "",
    ) -> HttpResponse:
        form = form or RunForm(first_day=edition.effective_from, initial={"day": TODAY})
        runs: QuerySet[Run] = Run.objects.filter(edition=edition).select_related("job", "asked_by")
        variants = list(Variant.objects.filter(edition=edition))
        context = {
            "title": "影响和方案",
            "edition": edition,
            "before": predecessor_of(edition),
            "edits": self._edits(request, edition),
            "form": form,
            "variants": variants,
            "may_add": len(variants) < MOST_VARIANTS,
            "most": MOST_VARIANTS,
            "runs": [(run, state_of(run)) for run in runs[:RECENT]],
            "kept": RUNS_KEPT.days,
            "problem": problem,
        }
        status = 400 if problem or form.errors else None
        return self.render(request, "admin/centre/impact/edition.html", context, status)

    @method_decorator(require_POST)
    def ask(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition, now = self._own(request, self._edition(pk)), timezone.now()
        form = RunForm(request.POST, first_day=edition.effective_from)
        if not form.is_valid():
            return self._edition_page(request, edition, form)
        try:
            run = ask_for_run(
                edition,
                user=request.user,
                now=now,
                today=timezone.localdate(now),
                as_of_today=form.cleaned_data["day"] != FIRST_DAY,
            )
        except (PlanError, TooManyJobsError) as error:
            return self._edition_page(request, edition, form, f"没有开始测算：{error}")
        return redirect("admin:impact_run_result", run.pk)

    # --- variants -----------------------------------------------------------------------

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def add_variant(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._own(request, self._edition(pk))
        return self._variant_page(request, Variant(edition=edition))

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def variant(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._variant_page(request, self._variant(request, pk))

    def _variant_page(self, request: HttpRequest, variant: Variant) -> HttpResponse:
        if not variant.edition.is_draft:
            messages.error(request, NOT_A_DRAFT)
            return redirect("admin:impact_run_edition", variant.edition_id)
        numbers, problem = draft_numbers(variant.edition), ""
        # What was typed last time and not saved, kept by the browser: shown again, not saved yet.
        is_resumed = "_resume" in request.POST
        if is_resumed:
            form = VariantForm(numbers=numbers, initial=request.POST.dict())
        elif request.method == "POST":
            form = VariantForm(request.POST, numbers=numbers)
            if form.is_valid():
                variant.title, variant.numbers = form.cleaned_data["title"], form.kept
                try:
                    save_variant(variant)
                except VariantError as error:
                    problem = f"没有保存：{error}"
                else:
                    messages.success(request, f"已保存方案“{variant.title}”。")
                    return redirect("admin:impact_run_edition", variant.edition_id)
        else:
            form = VariantForm(numbers=numbers, initial=typed_of(variant, numbers))
        context = {
            "title": "方案",
            "edition": variant.edition,
            "form": form,
            "seen": variant.changed_at.isoformat() if variant.changed_at else "new",
            "is_sent_back": is_resumed or bool(form.errors),
            "problem": problem,
        }
        status = 400 if problem or form.errors else None
        return self.render(request, "admin/centre/impact/variant.html", context, status)

    @method_decorator(require_POST)
    def remove_variant(self, request: HttpRequest, pk: int) -> HttpResponse:
        variant = self._variant(request, pk)
        variant.delete()
        messages.success(request, f"已删除方案“{variant.title}”。")
        return redirect("admin:impact_run_edition", variant.edition_id)

    @method_decorator(require_POST)
    def use_variant(self, request: HttpRequest, pk: int) -> HttpResponse:
        variant = self._variant(request, pk)
        try:
            use_variant(variant, request.user)
        except VariantError as error:
            messages.error(request, f"没有取用：{error}")
            return redirect("admin:impact_run_edition", variant.edition_id)
        messages.warning(request, USED.format(title=variant.title))
        if open_proposal(variant.edition):
            messages.warning(request, WAITS)
        return redirect("admin:catalogue_edition_change", variant.edition_id)

    # --- a run --------------------------------------------------------------------------

    @method_decorator(require_safe)
    def result(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._may_look(request)
        run = self._run(pk)
        context: dict[str, Any] = {
            "title": f"{run.edition}：影响测算",
            "run": run,
            "edits": self._edits(request, run.edition),
            "kept_until": timezone.localdate(run.asked_at + RUNS_KEPT),
            "state": state_of(run),
        }
        if run.finished_at is None:
            context["progress"] = progress_of(run.job, timezone.now()) if run.job else None
        else:
            context |= self._found(request, run)
        return self.render(request, "admin/centre/impact/result.html", context)

    def _found(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        """What the page of a finished run shows to its reader."""
        user = request.user
        firms, cases = tallies_for(run, user)
        result, of_cases = result_of(run, firms), result_of(run, cases)
        list_of = _list_of(run) if user.has_perm(SEE_FIRMS) else None
        known = {"has_predecessor": run.has_predecessor}
        used = {
            variant.title: variant
            for variant in Variant.objects.filter(edition=run.edition)
            if run.edition.is_draft
        }
        return {
            "stale": stale_reasons(run),
            "scope": scope_of(user),
            "result": result,
            "without_profile": firms_without_profile(user, result.firms),
            "plans": plan_rows(run, result, list_of),
            "money": money_rows(run, result),
            "budgets": budgets_for(run, user, firms),
            "counties": county_rows(run, firms),
            "cases": case_rows(run, of_cases, list_of),
            "cases_money": money_rows(run, of_cases) if of_cases.rows else [],
            "of_cases": of_cases,
            "firms_chart": firms_chart(result, **known),
            "money_chart": money_chart(result, run.on.year, **known),
            "variants": [used[title] for title in run.titles[2:] if title in used],
            "titles": run.titles[0 if run.has_predecessor else 1 :],
            "later": "以后各期",
        }

    @method_decorator(require_POST)
    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._run(pk)
        self._own(request, run.edition)
        stop_run(run, timezone.now())
        return redirect("admin:impact_run_result", run.pk)

    @method_decorator(require_POST)
    def remove(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._run(pk)
        self._own(request, run.edition)
        remove_run(run, timezone.now())
        messages.success(request, "已删除这次测算和它涉及企业的名单。")
        return redirect("admin:impact_run_edition", run.edition_id)

    @method_decorator(require_POST)
    def file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The totals of the reader's counties, on record like every list that leaves the site."""
        self._may_look(request)
        run, ending, now = self._run(pk), request.POST.get("format", ""), timezone.now()
        if run.finished_at is None or ending not in FILES:
            raise Http404("还没有算完，或没有这种格式")
        firms, cases = tallies_for(run, request.user)
        file, _ = export_list(
            data_list=TOTALS,
            queryset=total_rows(run, [*firms, *cases]),
            ending=ending,
            user=request.user,
            filtered=f"{run.edition}，按 {run.on} 测算",
            now=now,
        )
        response = FileResponse(
            file,
            as_attachment=True,
            filename=file_name(TOTALS, ending, now),
            content_type=FORMATS[ending].content_type,
        )
        response.headers["Cache-Control"] = "no-store"
        return response


def state_of(run: Run) -> str:
    """How far a run is, in words."""
    if run.finished_at:
        return "算完了"
    if run.job is None:
        return "没有算完"
    return str(run.job.get_state_display())


def _list_of(run: Run) -> Callable[..., str]:
    """What leads to the list of those whom a figure counts."""
    page = reverse("admin:impact_affected_changelist")

    def address(plan: int, change: str, of: str) -> str:
        return f"{page}?run={run.pk}&plan={plan}&change={change}&of={of}"

    return address
