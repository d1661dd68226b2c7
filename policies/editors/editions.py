"""Editions in the admin: drafts are edited, published ones read; rules stand in plain words."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from policies.catalogue import current as catalogue
from policies.catalogue.editions import (
    EditionError,
    check_publishable,
    copy_to_draft,
    publish_edition,
    retire_edition,
)
from policies.catalogue.models import Award, Citation, Criterion, Edition, Material, Step, Tranche
from policies.catalogue.models.source import CONFLICT_CODE
from policies.editors.drafts import DraftOnly
from policies.editors.effects import effect_of
from policies.editors.fields import (
    AmountField,
    JSONField,
    LinesField,
    RuleField,
    checked,
    conflict_codes,
)
from policies.rules.awards import compile_award
from policies.rules.edition import UNREADABLE
from policies.rules.facts import Fact, plain
from policies.rules.wording import formula_in_words, rule_in_words
from portal.guarded_admin import GuardedAdmin
from portal.history_admin import HistoryAdmin
from portal.numbers import whole_number
from portal.second_factor.fresh import fresh_factor_required

Facts = Mapping[str, Fact]


def in_words(value: Any, facts: Facts, word: Callable[..., str] = rule_in_words) -> str:
    """The rule or amount in a sentence, or what is wrong with it."""
    if value is None:
        return "—"
    try:
        return word(value, facts)
    except UNREADABLE as error:
        return f"写法有误：{error}"


class EditionForm(forms.ModelForm):
    class Meta:
        model = Edition
        fields = ["programme", "effective_from", "ends", "notices"]
        field_classes = {"notices": LinesField}
        help_texts = {"notices": "一行一句，结果页原样显示。"}


class CriterionForm(forms.ModelForm):
    def clean_reason(self) -> str:
        """The code of a conflict, or a plain line of its own."""
        reason = self.cleaned_data["reason"]
        conflict_codes([reason] if re.search(CONFLICT_CODE, reason) else [])
        return reason

    class Meta:
        model = Criterion
        fields = ["edition", "position", "code", "kind", "text", "rule", "when", "reason"]
        field_classes = {"rule": RuleField, "when": RuleField}
        help_texts = {
            "code": "几行同一编号的条件要同时满足。",
            "when": "只在这个前提成立时才核对；总要核对就空着。",
            "reason": "来源不一致时的口径编号（如 C07）或一句说明。",
        }


def _whole_amount(unsplit: Any, facts: Facts) -> str:
    return f"{plain(Decimal(str(unsplit['amount'])))} 万元"


def _award(facts: Facts, where: str, **data: Any) -> None:
    compile_award({"level": "city", **data}, facts, where)


class AwardForm(forms.ModelForm):
    def clean_same_money(self) -> str:
        code = self.cleaned_data["same_money"]
        conflict_codes([code] if code else [])
        return code

    def clean_conflicts(self) -> list[str]:
        codes = self.cleaned_data["conflicts"]
        conflict_codes(codes)
        return codes

    def clean_unsplit(self) -> Any:
        """As the edition will read it: an award that pays so much."""
        unsplit = self.cleaned_data["unsplit"]
        if unsplit is None:
            return None
        return checked(
            unsplit, lambda value, *rest: _award(*rest, unsplit=value), catalogue.facts()
        )

    def clean_undecided(self) -> Any:
        undecided = self.cleaned_data["undecided"] or []
        return checked(
            undecided,
            lambda value, *rest: _award(*rest, status="unpublished", undecided=value),
            catalogue.facts(),
        )

    class Meta:
        model = Award
        fields = [
            "edition", "position", "level", "payer", "status", "headline", "fee_cap", "price_cut",
            "conflicts", "same_money", "unsplit", "undecided",
        ]  # fmt: skip
        field_classes = {"conflicts": LinesField, "unsplit": JSONField, "undecided": JSONField}
        help_texts = {
            "conflicts": "口径编号，一行一个。",
            "unsplit": "只印合计、没有各期金额时填；一般空着。",
            "undecided": "一般空着。",
        }


class TrancheForm(forms.ModelForm):
    class Meta:
        model = Tranche
        fields = [
            "position", "title", "amount", "now_when", "past_when", "void_when", "later", "condition",
        ]  # fmt: skip
        field_classes = {
            "amount": AmountField,
            "now_when": RuleField,
            "past_when": RuleField,
            "void_when": RuleField,
        }
        help_texts = {
            "amount": '数字，如 20；或公式：{"range": [25, 50]}、{"cap": 50}、{"at_least": 5}、'
            '{"share": {"fact": "rd.expense.y1", "rate": 0.1, "cap": 100}}、'
            '{"ladder": {"fact": "project.total_investment", "steps": [[1000, 20], [2000, 40]]}}'
        }


class SummaryInline(admin.TabularInline):
    """Rows to read on the edition's page; each has a page of its own for editing."""

    template = "admin/editors/summary_inline.html"
    extra = 0
    can_delete = False

    @cached_property
    def facts(self) -> Facts:
        """Read once: an inline lives as long as its request."""
        return catalogue.facts()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CriterionInline(SummaryInline):
    model = Criterion
    fields = ["code", "kind", "text", "rule_in_words"]
    readonly_fields = fields

    @admin.display(description="规则")
    def rule_in_words(self, criterion: Criterion) -> str:
        if criterion.when is None:
            return in_words(criterion.rule, self.facts)
        words = (in_words(rule, self.facts) for rule in (criterion.rule, criterion.when))
        return format_html("{}<br>前提：{}", *words)


class AwardInline(SummaryInline):
    model = Award
    fields = ["level", "payer", "status", "amounts"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("payer").prefetch_related("tranches")

    @admin.display(description="金额")
    def amounts(self, award: Award) -> str:
        rows = [
            (tranche.title, in_words(tranche.amount, self.facts, formula_in_words))
            for tranche in award.tranches.all()
        ]
        for name in ("fee_cap", "price_cut"):
            if getattr(award, name) is not None:
                label = Award._meta.get_field(name).verbose_name
                rows.append((label, f"{plain(getattr(award, name) * 100)}%"))
        if award.unsplit:
            rows.append(("只公布合计", in_words(award.unsplit, self.facts, _whole_amount)))
        return format_html_join(mark_safe("<br>"), "{}：{}", rows) or "—"


class MaterialInline(DraftOnly, admin.StackedInline):
    model = Material
    extra = 0


class StepInline(DraftOnly, admin.StackedInline):
    model = Step
    extra = 0


class CitationInline(DraftOnly, admin.StackedInline):
    model = Citation
    fields = ["position", "document", "clause"]
    autocomplete_fields = ["document"]
    extra = 0


class TrancheInline(DraftOnly, admin.StackedInline):
    model = Tranche
    form = TrancheForm
    extra = 0


class FaultFilter(admin.SimpleListFilter):
    """Editions in force whose rules do not compile."""

    title = "测算"
    parameter_name = "fault"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "暂不能测算")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=catalogue.Catalogue().faults(timezone.localdate()))


@admin.register(Edition)
class EditionAdmin(DraftOnly, GuardedAdmin, HistoryAdmin):
    form = EditionForm
    list_display = ["programme", "effective_from", "ends", "status"]
    list_filter = ["status", FaultFilter, "programme__family", "programme__area"]
    search_fields = ["programme__id", "programme__name"]
    search_help_text = "项目名称或编号"
    list_select_related = ["programme"]
    fields = ["programme", "effective_from", "ends", "status", "notices"]
    readonly_fields = ["status"]
    autocomplete_fields = ["programme"]
    inlines = [CriterionInline, AwardInline, MaterialInline, StepInline]
    actions = None

    def get_urls(self) -> list[Any]:
        # What changes the rules in force takes a fresh second factor.
        in_force = {"publish": self._publish, "retire": self._retire}
        views = {name: fresh_factor_required(self._button(act)) for name, act in in_force.items()}
        views["copy"] = self._button(self._copy)
        return [self.own_page(f"<int:pk>/{name}/", view, name) for name, view in views.items()] + [
            self.own_page("<int:pk>/effect/", self.effect, "effect"),
            *super().get_urls(),
        ]

    def _button(self, act: Callable[[HttpRequest, Edition], Edition]) -> Callable[..., Any]:
        @require_POST
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            # Of a published edition nothing is changed, but what to do with it is an editor's.
            if not request.user.has_perm("catalogue.change_edition"):
                raise PermissionDenied
            edition = get_object_or_404(Edition.objects.select_related("programme"), pk=pk)
            try:
                shown = act(request, edition)
            except EditionError as error:
                messages.error(request, f"没有办成：{error}")
                shown = edition
            return redirect("admin:catalogue_edition_change", shown.pk)

        return view

    @method_decorator(require_safe)
    @method_decorator(fresh_factor_required)
    def effect(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What publishing the draft would change, before it is done."""
        if not request.user.has_perm("catalogue.change_edition"):
            raise PermissionDenied
        drafts = Edition.objects.filter(status=Edition.Status.DRAFT).select_related("programme")
        edition = get_object_or_404(drafts, pk=pk)
        context: dict[str, Any] = {"title": "发布前看影响", "edition": edition}
        try:
            check_publishable(edition)
            context["effect"] = effect_of(edition, timezone.localdate())
        except EditionError as error:
            context["problem"] = f"还不能发布：{error}"
        return self.render(request, "admin/catalogue/edition/effect.html", context, status=200)

    def _publish(self, request: HttpRequest, edition: Edition) -> Edition:
        publish_edition(edition)
        messages.success(request, "已发布，今后不能再改；要改请复制为新草稿。")
        return edition

    def _copy(self, request: HttpRequest, edition: Edition) -> Edition:
        draft = copy_to_draft(edition, timezone.localdate())
        messages.success(request, f"已复制为草稿，起用日期暂定 {draft.effective_from}，可以修改。")
        return draft

    def _retire(self, request: HttpRequest, edition: Edition) -> Edition:
        retire_edition(edition)
        messages.success(request, "已停用，今后的测算不再包括它。")
        return edition


class PartAdmin(DraftOnly, GuardedAdmin):
    """A criterion or an award: begun from its draft's page, and returning there."""

    autocomplete_fields = ["edition"]
    actions = None

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return super().get_model_perms(request) | {"add": False}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"has_add_permission": False, **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        own = tuple(super().get_readonly_fields(request, obj))
        return (*own, "edition") if obj else own

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        rows = self.model.objects.filter(edition=initial.get("edition") or None)
        initial["position"] = (rows.aggregate(last=Max("position"))["last"] or 0) + 1
        return initial

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = request.POST.get("edition") or request.GET.get("edition") or ""
        drafts = Edition.objects.filter(status=Edition.Status.DRAFT)
        if not drafts.filter(pk=whole_number(draft)).exists():
            raise Http404("请从草稿的页面添加")
        return super().add_view(request, *args, **kwargs)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:catalogue_edition_change", obj.edition_id)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:catalogue_edition_change", obj.edition_id)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, f"已删除：{obj_display}")
        return redirect("admin:catalogue_edition_changelist")

    @admin.display(description="版本")
    def edition_link(self, row: Any) -> str:
        url = reverse("admin:catalogue_edition_change", args=[row.edition_id])
        return format_html('<a href="{}">{}</a>', url, row.edition)


@admin.register(Criterion)
class CriterionAdmin(PartAdmin):
    form = CriterionForm
    list_display = ["code", "text", "kind", "edition"]
    list_filter = ["kind", "edition__status", "edition__programme__family"]
    search_fields = ["code", "text", "edition__programme__name"]
    search_help_text = "编号、条件或项目名称"
    list_select_related = ["edition__programme"]
    readonly_fields = ["edition_link", "rule_in_words", "when_in_words"]
    inlines = [CitationInline]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["edition", "position", "code", "kind", "text", "rule", "when", "reason"]
        own = ["edition_link", "position", "code", "kind", "text", "rule_in_words"]
        if not self.has_change_permission(request, obj):
            return [*own, "when_in_words", "reason"]
        return [*own, "rule", "when_in_words", "when", "reason"]

    @admin.display(description="规则（现在）")
    def rule_in_words(self, criterion: Criterion) -> str:
        return in_words(criterion.rule, catalogue.facts())

    @admin.display(description="适用前提（现在）")
    def when_in_words(self, criterion: Criterion) -> str:
        return in_words(criterion.when, catalogue.facts())


@admin.register(Award)
class AwardAdmin(PartAdmin):
    form = AwardForm
    list_display = ["edition", "level", "payer", "status", "headline"]
    list_filter = ["level", "status", "edition__status", "edition__programme__family"]
    search_fields = ["edition__programme__id", "edition__programme__name"]
    search_help_text = "项目名称或编号"
    list_select_related = ["edition__programme", "payer"]
    readonly_fields = ["edition_link"]
    inlines = [TrancheInline, CitationInline]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = list(AwardForm.Meta.fields)
        return ["edition_link", *names[1:]] if obj else names
