"""What an edition's page shows of its parts; rules and amounts stand in plain words."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from policies.catalogue import current as catalogue
from policies.catalogue.models import Award, Criterion, Material, Step
from policies.catalogue.models.service_guide import OTHER_MATERIAL
from policies.editors.drafts import DraftOnly
from policies.editors.positions import PlacedFormSet
from policies.editors.reading import in_lines
from policies.editors.wording import Facts, in_words, sentence_in_words
from policies.presentation.words import proves_in_words
from policies.rules.edition import EVERYTHING
from policies.rules.facts import plain
from policies.rules.formulas import with_formulas
from policies.rules.wording import formula_in_words

OFFERED_ANYWAY = "企业本来就可以上传“其他材料”，不用列出；请写明要的是什么材料。"
NAMED_TWICE = "清单里已有这个名称的材料，请换一个名称，或合并成一项。"
WHOLE = "填报的全部内容（整套材料，清单没有分项）"


def _whole_amount(unsplit: Any, facts: Facts) -> str:
    return f"{plain(Decimal(str(unsplit['amount'])))} 万元"


class SummaryInline(admin.TabularInline):
    """Rows to read on the edition's page; each has a page of its own for editing."""

    template = "admin/editors/summary_inline.html"
    extra = 0
    can_delete = False

    @cached_property
    def facts(self) -> Facts:
        """Read once: an inline lives as long as its request."""
        return catalogue.facts()

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """What was published reads the formulas that it carries, a draft the newest."""
        if obj is not None and not obj.is_draft:
            self.facts = with_formulas(self.facts, obj.formulas)
        return super().get_formset(request, obj, **options)

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
        lines = [in_words(criterion.rule, self.facts)]
        if criterion.when is not None:
            lines.append(f"前提：{in_words(criterion.when, self.facts)}")
        if sentence := sentence_in_words(criterion, self.facts):
            lines.insert(0, f"“{sentence}”")
        return in_lines(lines)


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


class MaterialForm(forms.ModelForm):
    """What a material bears out is ticked among what its edition asks."""

    def __init__(self, *args: Any, formset: "MaterialFormSet", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "proves" not in self.fields:
            return  # it is only read
        offered = {EVERYTHING: WHOLE, **formset.offered}
        # What is written and no longer asked is not lost by opening the page.
        kept = {key: key for key in self.instance.proves if key not in offered}
        self.fields["proves"] = forms.MultipleChoiceField(
            label=self.fields["proves"].label,
            required=False,
            choices=[*offered.items(), *kept.items()],
            widget=forms.CheckboxSelectMultiple(attrs={"class": "in-columns"}),
            help_text="审核时，这份材料显示在这些填报项和用到它们的条件旁边。",
        )


class MaterialFormSet(PlacedFormSet):
    def clean(self) -> None:
        """Firms' drafts keep files by the name of the material."""
        super().clean()
        named: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data.get("name") if form not in self.deleted_forms else None
            if name == OTHER_MATERIAL:
                form.add_error("name", OFFERED_ANYWAY)
            elif name in named:
                form.add_error("name", NAMED_TWICE)
            elif name:
                named.add(name)

    @cached_property
    def offered(self) -> dict[str, str]:
        """The facts that the edition asks, with their labels; none where it cannot be read."""
        if not self.instance.pk:
            return {}
        known = catalogue.Catalogue()
        asked = known.pinned_edition(self.instance).fact_keys
        return {key: fact.label for key, fact in known.facts.items() if key in asked}

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "formset": self}


class MaterialInline(DraftOnly, admin.StackedInline):
    model = Material
    form, formset = MaterialForm, MaterialFormSet
    extra = 0

    @cached_property
    def facts(self) -> Facts:
        return catalogue.facts()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        proves = "proves" if self.has_change_permission(request, obj) else "proves_in_words"
        return ["position", "name", "note", proves]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["proves_in_words"]

    @admin.display(description="证明哪些填报项")
    def proves_in_words(self, material: Material) -> str:
        return proves_in_words(material.proves, self.facts) or "—"


class StepInline(DraftOnly, admin.StackedInline):
    model = Step
    formset = PlacedFormSet
    extra = 0
