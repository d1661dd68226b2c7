"""Criteria and awards in the admin: each has a page of its own, for editing while it is a draft's."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.html import escape, format_html
from django.views.decorators.http import require_GET, require_POST

from policies.catalogue import current as catalogue
from policies.catalogue.models import Award, Citation, Conflict, Criterion, Edition, Tranche
from policies.catalogue.models.source import CONFLICT_CODE
from policies.editors.builder import pages
from policies.editors.builder.field import ACT, UnsavedOnAct
from policies.editors.builder.telling import (
    claw_back_in_words,
    joint_cap_in_words,
    undecided_in_words,
    unsplit_in_words,
)
from policies.editors.drafts import DraftOnly
from policies.editors.examples_told import tell_of_examples
from policies.editors.fields import (
    AmountField,
    ClawBackField,
    JointCapField,
    LinesField,
    RuleField,
    ShareField,
    UndecidedField,
    UnsplitField,
    WhenField,
    conflict_codes,
)
from policies.editors.held_back import HoldingBack
from policies.editors.jurisdiction import WithinJurisdiction, own_reach
from policies.editors.positions import PlacedForm, PlacedFormSet
from policies.editors.reading import ReadInWords, in_lines
from policies.editors.wording import Facts, in_words, sentence_in_words
from policies.rules.formulas import with_formulas
from policies.rules.read_rule import RuleError, read_rule
from policies.rules.sentences import sentences_of
from policies.rules.wording import formula_in_words
from portal.autocomplete import KeptAutocompletes
from portal.guarded_admin import GuardedAdmin
from portal.numbers import whole_number

CRITERION_FIELDS = [
    "edition", "position", "code", "kind", "text", "sentence", "rule", "when", "reason",
]  # fmt: skip
ONE_WAY = "已经写了“{other}”：一笔奖补只有一种合并算法。"
TRANCHES = "tranches"  # the prefix of their forms
NO_SENTENCE = "没有写这句话：显示按规则生成的文字。"


class CriterionForm(UnsavedOnAct, PlacedForm):
    def clean_reason(self) -> str:
        """The code of a conflict, or a plain line of its own."""
        reason = self.cleaned_data["reason"]
        conflict_codes([reason] if re.search(CONFLICT_CODE, reason) else [])
        return reason

    def clean(self) -> dict[str, Any]:
        """A sentence fits the rule that it is saved with."""
        given = super().clean()
        if not {"sentence", "rule", "when"} & self.errors.keys():
            facts = catalogue.facts()
            rule, when = (
                None if given[name] is None else read_rule(given[name], facts, name)
                for name in ("rule", "when")
            )
            try:
                sentences_of(given["sentence"], rule, when, facts, "")
            except RuleError as error:
                is_of_row = error.where.startswith(".rule")
                field, told = ("rule", str(error)) if is_of_row else ("sentence", error.message)
                self.add_error(field, told)
        return given

    class Meta:
        model = Criterion
        fields = CRITERION_FIELDS
        field_classes = {"rule": RuleField, "when": WhenField}
        widgets = {
            "sentence": forms.Textarea(
                attrs={
                    "rows": 3,
                    "cols": 80,
                    # Whatever changes in the form, the sentence is told anew as it is typed.
                    "hx-post": reverse_lazy("admin:catalogue_criterion_preview"),
                    "hx-trigger": "input from:closest form delay:400ms",
                    "hx-sync": "this:replace",
                    "hx-target": "#sentence-preview",
                }
            )
        }
        help_texts = {
            "sentence": "公开页面显示的就是这句话；空着就显示按规则生成的文字。每个核对点写成"
            "“[指标|说法]”，界限写成 {}，不写数字，如：[tax.increase|年新增税收达到{}]，且"
            "[size.is_sme|属于中小微企业]。行业用 industry.section，n_of 的个数用 n_of，"
            "来源没有列明的写 [open|说法]；两端的界限写 {0}、{1}；适用前提也可以写进来。",
            "code": "几行同一编号的条件要同时满足。",
            "when": "只在这个前提成立时才核对；总要核对就空着。",
            "reason": "来源不一致时的口径编号（如 C07）或一句说明。",
        }


def _conflicts_in_lines(row: Award | Tranche) -> str:
    if not row.conflicts:
        return "—"
    return in_lines(map(str, Conflict.objects.filter(pk__in=row.conflicts)))


class MoneyForm(UnsavedOnAct, forms.ModelForm):
    def clean_conflicts(self) -> list[str]:
        codes = self.cleaned_data["conflicts"]
        conflict_codes(codes)
        return codes


SELDOM = (
    "headline", "fee_cap", "price_cut", "conflicts", "same_money", "joint_cap", "only_highest",
    "unsplit", "undecided", "claw_back",
)  # fmt: skip


class AwardForm(MoneyForm, PlacedForm):
    def clean_same_money(self) -> str:
        code = self.cleaned_data["same_money"]
        conflict_codes([code] if code else [])
        return code

    def clean(self) -> dict[str, Any]:
        """One way of counting a sum together with others."""
        given = super().clean() or {}
        ways = [name for name in ("same_money", "only_highest", "joint_cap") if given.get(name)]
        for name in ways[1:]:
            self.add_error(name, ONE_WAY.format(other=self.fields[ways[0]].label))
        return given

    class Meta:
        model = Award
        fields = [
            "edition", "position", "level", "payer", "status", "headline", "fee_cap", "price_cut",
            "conflicts", "same_money", "joint_cap", "only_highest", "unsplit", "undecided", "claw_back",
        ]  # fmt: skip
        field_classes = {
            "conflicts": LinesField,
            "only_highest": LinesField,
            "fee_cap": ShareField,
            "price_cut": ShareField,
            "unsplit": UnsplitField,
            "undecided": UndecidedField,
            "joint_cap": JointCapField,
            "claw_back": ClawBackField,
        }
        help_texts = {
            "conflicts": "口径编号，一行一个。",
            "fee_cap": "如 1.5%；一般空着。",
            "price_cut": "如 50%；一般空着。",
            "headline": "还算不出时先显示多少；一般空着。",
            "only_highest": "组的名称，一行一个：同一组的奖补只给最高的一项；一般空着。",
            "joint_cap": "一般没有。",
            "unsplit": "文件只公布合计、没有各期金额时写；一般没有。",
            "undecided": "一般没有。",
            "claw_back": "一般没有。",
        }


class TrancheForm(MoneyForm):
    class Meta:
        model = Tranche
        fields = [
            "position", "title", "amount", "now_when", "past_when", "void_when", "later", "condition",
            "conflicts",
        ]  # fmt: skip
        field_classes = {
            "amount": AmountField,
            "conflicts": LinesField,
            "now_when": WhenField,
            "past_when": WhenField,
            "void_when": WhenField,
        }
        help_texts = {
            "conflicts": "口径编号，一行一个。",
            "amount": "单位是万元，除非写明是元。",
        }


class CitationForm(UnsavedOnAct, forms.ModelForm):
    class Meta:
        model = Citation
        fields = ["position", "document", "clause"]


class CitationInline(KeptAutocompletes, DraftOnly, admin.StackedInline):
    model = Citation
    form, formset = CitationForm, PlacedFormSet
    fields = ["position", "document", "clause"]
    autocomplete_fields = ["document"]
    extra = 0


class TrancheInline(ReadInWords, DraftOnly, admin.StackedInline):
    template = "admin/editors/builder/inline.html"
    model = Tranche
    form, formset = TrancheForm, PlacedFormSet
    extra = 0
    in_words = {
        "amount": "amount_in_words",
        "now_when": "now_in_words",
        "past_when": "past_in_words",
        "void_when": "void_in_words",
        "conflicts": "conflicts_in_words",
    }

    @cached_property
    def facts(self) -> Facts:
        """Read once: an inline lives as long as its request."""
        return catalogue.facts()

    @admin.display(description="金额（万元）")
    def amount_in_words(self, tranche: Tranche) -> str:
        return in_words(tranche.amount, self.facts, formula_in_words)

    @admin.display(description="本期给付的条件")
    def now_in_words(self, tranche: Tranche) -> str:
        return in_words(tranche.now_when, self.facts)

    @admin.display(description="往期已给付的条件")
    def past_in_words(self, tranche: Tranche) -> str:
        return in_words(tranche.past_when, self.facts)

    @admin.display(description="不再给付的条件")
    def void_in_words(self, tranche: Tranche) -> str:
        return in_words(tranche.void_when, self.facts)

    @admin.display(description="口径说明")
    def conflicts_in_words(self, tranche: Tranche) -> str:
        return _conflicts_in_lines(tranche)


class PartAdmin(WithinJurisdiction, HoldingBack, DraftOnly, GuardedAdmin):
    """A criterion or an award: begun from its draft's page, and returning there."""

    autocomplete_fields = ["edition"]
    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Its builders try what is built on the examples of its edition."""
        draft = request.POST.get("edition") or request.GET.get("edition")
        request.builder_edition = obj.edition_id if obj else whole_number(draft) or None
        return super().get_form(request, obj, **options)

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
        own = own_reach(request).within("programme__area")
        drafts = Edition.objects.filter(own, status=Edition.Status.DRAFT)
        if not drafts.filter(pk=whole_number(draft)).exists():
            raise Http404("请从草稿的页面添加")
        return super().add_view(request, *args, **kwargs)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._tried(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._tried(request, obj)

    def _tried(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the draft, whose examples were run on what is saved now."""
        tell_of_examples(request, obj.edition)
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
    readonly_fields = ["edition_link", "sentence_in_words", "rule_in_words", "when_in_words"]
    inlines = [CitationInline]

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("preview/", require_POST(self.preview), "preview"),
            self.own_page("build/<slug:family>/", require_POST(self.build), "build"),
            self.own_page("facts/", require_GET(self.facts), "facts"),
            *super().get_urls(),
        ]

    def build(self, request: HttpRequest, family: str) -> HttpResponse:
        """A builder of any of the pages of a draft, as its form stands now; nothing is saved."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return pages.build(request, family)

    def facts(self, request: HttpRequest) -> HttpResponse:
        """The facts that somebody may mean who types so much."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return pages.found(request)

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The sentence as it is typed, filled in from the rule as it is typed; nothing is saved."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = CriterionForm(request.POST)
        form.is_valid()
        wrong = [form.errors[name] for name in ("sentence", "rule", "when") if name in form.errors]
        if wrong:
            told = f"还不能用：{'；'.join(error for errors in wrong for error in errors)}"
        else:
            given = {name: form.cleaned_data[name] for name in ("sentence", "rule", "when")}
            typed = Criterion(kind=Criterion.Kind.GATE, **given)
            told = sentence_in_words(typed, catalogue.facts()) or NO_SENTENCE
        return HttpResponse(escape(told))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return [*CRITERION_FIELDS[:5], "sentence_in_words", *CRITERION_FIELDS[5:]]
        own = ["edition_link", "position", "code", "kind", "text", "sentence_in_words"]
        if not self.has_change_permission(request, obj):
            return [*own, "rule_in_words", "when_in_words", "reason"]
        return [*own, "sentence", "rule_in_words", "rule", "when_in_words", "when", "reason"]

    @admin.display(description="公开页面上这样显示")
    def sentence_in_words(self, criterion: Criterion) -> str:
        is_new = criterion.pk is None  # then there is nothing to read yet
        told = "" if is_new else sentence_in_words(criterion, self._facts_of(criterion))
        told = told or NO_SENTENCE
        return format_html('<span id="sentence-preview" aria-live="polite">{}</span>', told)

    @admin.display(description="规则（现在）")
    def rule_in_words(self, criterion: Criterion) -> str:
        return in_words(criterion.rule, self._facts_of(criterion))

    @admin.display(description="适用前提（现在）")
    def when_in_words(self, criterion: Criterion) -> str:
        return in_words(criterion.when, self._facts_of(criterion))

    def _facts_of(self, criterion: Criterion) -> Facts:
        """What was published reads the formulas that it carries, a draft the newest."""
        if criterion.pk is None or criterion.edition.is_draft:
            return catalogue.facts()
        return with_formulas(catalogue.facts(), criterion.edition.formulas)


@admin.register(Award)
class AwardAdmin(ReadInWords, PartAdmin):
    form = AwardForm
    in_words = {
        "conflicts": "conflicts_in_words",
        "only_highest": "groups_in_words",
        "unsplit": "unsplit_in_words",
        "undecided": "undecided_in_words",
        "joint_cap": "joint_cap_in_words",
        "claw_back": "claw_back_in_words",
    }
    list_display = ["edition", "level", "payer", "status", "headline"]
    list_filter = ["level", "status", "edition__status", "edition__programme__family"]
    search_fields = ["edition__programme__id", "edition__programme__name"]
    search_help_text = "项目名称或编号"
    list_select_related = ["edition__programme", "payer"]
    readonly_fields = ["edition_link"]
    inlines = [TrancheInline, CitationInline]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = list(AwardForm.Meta.fields)
        if obj is None:
            return names
        is_read = self._is_read(request, obj)
        own = [self.in_words.get(name, name) if is_read else name for name in names[1:]]
        return ["edition_link", *own]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        """What is seldom needed, and says nothing here, is folded; not while somebody fills it in."""
        fields = self.get_fields(request, obj)
        folded = [
            each
            for name in SELDOM
            if (each := self.in_words.get(name, name)) in fields or (each := name) in fields
            if obj is None or getattr(obj, name) in (None, "", [])
        ]
        shown = [name for name in fields if name not in folded]
        fold = () if request.method == "POST" else ("collapse",)
        return [
            (None, {"fields": shown}),
            *([("一般不用填的", {"fields": folded, "classes": fold})] if folded else []),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: Any = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Without JavaScript a button asks for one more tranche."""
        if request.method == "POST" and f"{TRANCHES}{ACT}" in request.POST:
            request.POST = request.POST.copy()
            count = whole_number(request.POST.get(f"{TRANCHES}-TOTAL_FORMS", "")) or 0
            request.POST[f"{TRANCHES}-TOTAL_FORMS"] = str(count + 1)
        return super().changeform_view(request, object_id, form_url, extra_context)

    @admin.display(description="口径说明")
    def conflicts_in_words(self, award: Award) -> str:
        return _conflicts_in_lines(award)

    @admin.display(description="就高不重复的组")
    def groups_in_words(self, award: Award) -> str:
        return in_lines(award.only_highest)

    @admin.display(description="只印合计（金额、前提）")
    def unsplit_in_words(self, award: Award) -> str:
        return self._told(award.unsplit, unsplit_in_words)

    @admin.display(description="是否给付未定的情形")
    def undecided_in_words(self, award: Award) -> str:
        return in_lines(self._told([row], undecided_in_words) for row in award.undecided)

    @admin.display(description="几项奖补合计的最高额")
    def joint_cap_in_words(self, award: Award) -> str:
        return self._told(award.joint_cap, joint_cap_in_words)

    @admin.display(description="收回的情形")
    def claw_back_in_words(self, award: Award) -> str:
        return self._told(award.claw_back, claw_back_in_words)

    def _told(self, value: Any, word: Callable[..., str]) -> str:
        return in_words(value, catalogue.facts(), word) if value else "—"
