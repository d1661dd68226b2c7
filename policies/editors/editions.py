"""Editions in the admin: drafts are edited, published ones read; rules stand in plain words."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from policies.catalogue import current as catalogue
from policies.catalogue.editions import locked_programme
from policies.catalogue.models import Edition, Programme
from policies.editors.builder.field import UnsavedOnAct
from policies.editors.builder.telling import places_in_words
from policies.editors.comparing import DraftComparing
from policies.editors.draft_letters import deletion_foretold, others_who_wrote, tell_of_deletion
from policies.editors.drafts import DraftOnly
from policies.editors.edition_reviews import proposals_in_lines
from policies.editors.examples import ExampleInline
from policies.editors.examples_told import told_of
from policies.editors.fields import LinesField, PlacesField
from policies.editors.jurisdiction import WithinJurisdiction
from policies.editors.reading import in_lines
from policies.editors.reasons import ReasonedDeletion
from policies.editors.source_checks import CheckFilter, SourceChecking
from policies.editors.summaries import AwardInline, CriterionInline, MaterialInline, StepInline
from policies.editors.superseded import FlagsSuperseded, SupersededFilter
from policies.editors.wording import in_words
from portal.history_admin import HistoryAdmin
from portal.numbers import whole_number

DAY_HAS_DRAFT = "该项目在这一天已有一份草稿。"
PROGRAMME_GONE = "这个项目刚被别人删除，请另选。"
# Documents are of our time: another year is a slip of the pen, and stands for ever once published.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
DAY_OUT_OF_REACH = "请核对年份：应在 1990 年到 2100 年之间。"
DAY_HAS_EDITION = "该项目在这一天已有一个版本；要改它的内容，请在那个版本的页面用“更正”。"


class EditionForm(UnsavedOnAct, forms.ModelForm):
    class Meta:
        model = Edition
        fields = ["programme", "effective_from", "own_end", "notices", "places"]
        field_classes = {"notices": LinesField, "places": PlacesField}
        help_texts = {
            "notices": "一行一句，结果页原样显示。",
            "places": "没有名额、也不择优的，不写。",
        }

    def clean(self) -> dict[str, Any]:
        """Of one day there is one edition; what corrects it has the same.

        Who saves another draft of the programme meanwhile waits here, and is told of this one.
        """
        cleaned = super().clean() or {}
        for name in ("effective_from", "own_end"):
            if (typed := cleaned.get(name)) and not FIRST_DAY <= typed <= LAST_DAY:
                self.add_error(name, DAY_OUT_OF_REACH)
        programme, day = cleaned.get("programme"), cleaned.get("effective_from")
        if programme and day:
            try:
                programme = locked_programme(programme.pk)
            except Programme.DoesNotExist as error:
                raise ValidationError({"programme": PROGRAMME_GONE}) from error
            of_that_day = programme.editions.filter(effective_from=day).exclude(pk=self.instance.pk)
            if of_that_day.standing().exists():
                raise ValidationError({"effective_from": DAY_HAS_EDITION})
            if of_that_day.filter(status=Edition.Status.DRAFT).exists():
                raise ValidationError({"effective_from": DAY_HAS_DRAFT})
        return cleaned


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
class EditionAdmin(
    FlagsSuperseded,
    ReasonedDeletion,
    WithinJurisdiction,
    DraftOnly,
    SourceChecking,
    DraftComparing,
    HistoryAdmin,
):
    form = EditionForm
    list_display = ["programme", "effective_from", "ends", "status", "superseded_flag"]
    list_filter = [
        "status",
        FaultFilter,
        CheckFilter,
        SupersededFilter,
        "programme__family",
        "programme__area",
    ]
    search_fields = ["programme__id", "programme__name"]
    search_help_text = "项目名称或编号"
    list_select_related = ["programme"]
    autocomplete_fields = ["programme"]
    inlines = [CriterionInline, AwardInline, ExampleInline, MaterialInline, StepInline]
    actions = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None or obj.is_draft:
            own = ["corrects"] if obj and obj.corrects_id else []
            is_changed = obj is None or self.has_change_permission(request, obj)
            said = ["notices", "places"] if is_changed else ["notices_in_lines", "places_told"]
            return [*own, "programme", "effective_from", "own_end", "status", *said]
        closed = ["reason", "closed_at"] if obj.reason else []
        own = ["corrects"] if obj.corrects_id else []
        checks = ["source_checks_in_lines"] if obj.is_standing else []
        first = ["programme", "effective_from", "ends", "status"]
        return [*first, *closed, *own, "notices_in_lines", "places_told", *checks, "decided_by_two"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A correction keeps the day of what it corrects."""
        fixed = ["programme", "effective_from"] if obj and obj.corrects_id else []
        told = ["notices_in_lines", "places_told", "source_checks_in_lines", "decided_by_two"]
        return [*fixed, "status", "ends", "reason", "closed_at", "corrects", *told]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Edition:
        """With what was proposed of it, the latest first."""
        found = super().get_object(request, *args, **kwargs)
        prefetch_related_objects([found], "proposals__proposed_by", "proposals__decided_by")
        return found

    @admin.display(description="提示")
    def notices_in_lines(self, edition: Edition) -> str:
        return in_lines(edition.notices)

    @admin.display(description="名额和择优")
    def places_told(self, edition: Edition) -> str:
        return in_words(edition.places or None, {}, places_in_words)

    @admin.display(description="谁提出、谁审核")
    def decided_by_two(self, edition: Edition) -> str:
        return in_lines(proposals_in_lines(edition))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        draft = self.get_object(request, unquote(object_id))
        told = deletion_foretold(others_who_wrote(draft, request.user))
        return super().delete_view(request, object_id, {"told": told, **(extra_context or {})})

    def delete_model(self, request: HttpRequest, obj: Edition) -> None:
        others = others_who_wrote(obj, request.user)
        tell_of_deletion(obj, others, by=request.user, reason=request.change_reason)
        super().delete_model(request, obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        later = Edition.objects.filter(corrects=whole_number(object_id)).select_related("programme")
        context = {"corrections": later, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        draft = context.get("original")
        # Also beside a form that was sent back: of the draft as it is saved.
        context["examples_told"] = told_of(request, draft) if draft and draft.is_draft else None
        return super().render_change_form(request, context, *args, **options)
