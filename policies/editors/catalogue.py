"""Jurisdictions, documents, conflicts, facts, synonyms and programmes in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from policies.catalogue.models import (
    Clause,
    Conflict,
    Contact,
    Document,
    Fact,
    Office,
    Programme,
    Synonym,
    Window,
)
from policies.catalogue.packs.export import export_packs
from policies.catalogue.screening import ScreeningError, set_screened
from policies.consistency.sources import PARTS
from policies.editors.consequences import FILL, gaps_of, when_screening_changes
from policies.editors.fact_form import FactForm
from policies.editors.fields import LinesField
from policies.editors.jurisdiction import WithinJurisdiction, own_reach
from policies.editors.originals import OriginalPages
from policies.editors.packs.zipped import packed_response
from policies.editors.reading import ReadInWords, in_lines
from policies.editors.reasons import (
    Deletion,
    ReasonedDeletion,
    ReasonForm,
    RemovingForm,
    RemovingFormSet,
    deletions_of_parts,
    give_reason,
)
from policies.editors.search import LONGEST, search
from policies.editors.shared import SharedAdmin
from policies.editors.superseded import FlagsSuperseded, SupersededFilter
from policies.presentation.edition_state import screening_in_words
from policies.search.text import normalised
from portal.autocomplete import KeptAutocompletes
from portal.guarded_admin import GuardedAdmin, GuardedForm
from portal.history_admin import HistoryAdmin
from portal.models import Jurisdiction
from portal.second_factor.fresh import fresh_factor_required
from portal.typed.fields import ADMIN_FIELDS


@admin.register(Jurisdiction)
class JurisdictionAdmin(SharedAdmin, GuardedAdmin):
    adds_alone = False
    change_form_template = "admin/catalogue/change_form.html"
    list_display = ["code", "name", "level", "parent"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    search_help_text = "代码或名称"
    list_select_related = ["parent"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        # Where a place lies decides who sees its firms and cases: the province's editors move it.
        moved = [] if own_reach(request).is_whole else ["level", "parent"]
        return ["code", *moved] if obj else []


@admin.register(Document)
class DocumentAdmin(OriginalPages, GuardedAdmin, HistoryAdmin):
    change_form_template = "admin/catalogue/document/change_form.html"
    list_display = ["number", "title", "issuer", "issued_on"]
    list_filter = ["issuer"]
    search_fields = ["number", "title", "issuer"]
    search_help_text = "文号、标题或发文机关"
    fields = ["number", "title", "issuer", "issued_on", "note", "superseded_by", "superseded_on"]
    autocomplete_fields = ["superseded_by"]
    view_on_site = False  # its page has a link of its own there

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["number"] if obj else []


class ClauseForm(GuardedForm):
    class Meta:
        model = Clause
        fields = "__all__"
        field_classes = {"cited_as": LinesField}
        widgets = {"gist": forms.Textarea(attrs={"rows": 2, "cols": 80})}
        help_texts = {"cited_as": "一行一个，如 二（一）至（三）；没有就空着。"}


@admin.register(Clause)
class ClauseAdmin(ReadInWords, SharedAdmin, GuardedAdmin, HistoryAdmin):
    """What a clause says in our own words: shown to the public, so a new one takes two as well."""

    form = ClauseForm
    adds_alone = False
    list_display = ["name", "document", "gist"]
    list_filter = ["document"]
    list_select_related = ["document"]
    search_fields = ["name", "gist", "document__number", "document__title"]
    search_help_text = "条款、内容或文号"
    autocomplete_fields = ["document"]
    in_words = {"cited_as": "names_in_lines"}

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        own = list(super().get_readonly_fields(request, obj))
        return [*own, "document", "name", "parts_in_lines"] if obj else own

    @admin.display(description="和别的条款合在一起引用的写法")
    def names_in_lines(self, clause: Clause) -> str:
        return in_lines(clause.cited_as)

    @admin.display(description="列在项目的哪一部分（随目录包载入）")
    def parts_in_lines(self, clause: Clause) -> str:
        names = Programme.objects.in_bulk([programme for programme, _ in clause.parts])
        return in_lines(
            f"{names.get(programme, programme)}的{PARTS.get(part, part)}"
            for programme, part in clause.parts
        )


@admin.register(Conflict)
class ConflictAdmin(SharedAdmin, GuardedAdmin, HistoryAdmin):
    list_display = ["code", "text"]
    search_fields = ["code", "text"]
    search_help_text = "编号或内容"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(Fact)
class FactAdmin(ReadInWords, SharedAdmin, GuardedAdmin, HistoryAdmin):
    form = FactForm
    list_display = ["label", "key", "section", "type", "unit", "changeable"]
    list_filter = ["section", "type", "changeable"]
    search_fields = ["key", "label", "question"]
    search_help_text = "指标、提问或键"
    in_words = {"choices": "choices_in_lines"}

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Where a new one stands is found by itself."""
        names = list(super().get_fields(request, obj))
        return names if obj else [name for name in names if name != "position"]

    def response_add(
        self, request: HttpRequest, obj: Fact, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Whoever came from a rule goes back to it, and picks the new one there."""
        if set(request.POST) & {"_addanother", "_popup"}:
            return super().response_add(request, obj, post_url_continue)
        told = "可以用了：“{}”（{}）。回到条件或奖补的页面，在指标里找这个名称或键。"
        self.message_user(request, told.format(obj.label, obj.key), messages.SUCCESS)
        return redirect("admin:catalogue_fact_change", quote(obj.pk))

    @admin.display(description="选项（代码：文字）")
    def choices_in_lines(self, fact: Fact) -> str:
        return in_lines(f"{code}：{text}" for code, text in fact.choices.items())


class SynonymForm(GuardedForm):
    class Meta:
        model = Synonym
        fields = "__all__"
        field_classes = {"means": LinesField}
        help_texts = {
            "means": "一行一个，写政策的名称、类别或简介里有的词；输入上面的词，也会找到含有这些词的项目。"
        }

    def clean_word(self) -> str:
        """As whoever looks for it types it: IPO and ＩＰＯ are ipo."""
        return normalised(self.cleaned_data["word"])


@admin.register(Synonym)
class SynonymAdmin(ReadInWords, SharedAdmin, GuardedAdmin, HistoryAdmin):
    form = SynonymForm
    list_display = ["word", "means_in_a_line"]
    search_fields = ["word"]
    search_help_text = "人们怎么说"
    in_words = {"means": "means_in_lines"}

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["word"] if obj else [])]

    @admin.display(description="政策里怎么说", ordering="means")
    def means_in_a_line(self, synonym: Synonym) -> str:
        return "、".join(synonym.means)

    @admin.display(description="政策里怎么说")
    def means_in_lines(self, synonym: Synonym) -> str:
        return in_lines(synonym.means)


@admin.register(Office)
class OfficeAdmin(SharedAdmin, GuardedAdmin, HistoryAdmin):
    """Whom to call: changed here once, for all programmes that name it."""

    list_display = ["name", "jurisdiction", "telephone", "address", "programmes"]
    list_filter = ["jurisdiction"]
    list_select_related = ["jurisdiction"]
    search_fields = ["name", "telephone", "address", "note", "jurisdiction__name"]
    search_help_text = "科室、电话、地址或地区"
    autocomplete_fields = ["jurisdiction"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(used_by=Count("contacts"))

    @admin.display(description="几个项目用", ordering="used_by")
    def programmes(self, office: Office) -> int:
        return office.used_by


# What readers see of a programme, whichever edition counts.
PUBLIC_WORDS = (
    "name",
    "family",
    "summary",
    "kind",
    "benefit",
    "tier_fact",
    "tier_code",
    "beneficiary",
)
REASON_OF_WORDS = (
    "改“{names}”要写明原因，请填在“原因”一栏里：保存后公众马上看得到，现行和以后的版本都用它。"
)


class ProgrammeForm(RemovingForm, GuardedForm):
    """It says why where a contact, a window or a conflict is taken away, and where the public reads
    other words at once: they belong to no edition, so no second editor is asked.
    """

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        changed = [name for name in self.changed_data if name in PUBLIC_WORDS]
        is_silent = not cleaned.get("reason", "").strip()
        is_new = self.instance._state.adding
        if changed and is_silent and not is_new and self.instance.editions.standing().exists():
            names = "”“".join(str(self.fields[name].label) for name in changed)
            self.add_error("reason", REASON_OF_WORDS.format(names=names))
        return cleaned


class ContactInline(KeptAutocompletes, admin.StackedInline):
    model = Contact
    formset = RemovingFormSet
    fields = ["office", "note"]
    autocomplete_fields = ["office"]
    extra = 0


class WindowInline(KeptAutocompletes, admin.StackedInline):
    model = Window
    formset = RemovingFormSet
    formfield_overrides = ADMIN_FIELDS
    fields = [
        ("position", "kind", "year"), "title", "wording",
        ("starts_month", "starts_day", "ends_month", "ends_day"), "note", "document", "clause",
    ]  # fmt: skip
    autocomplete_fields = ["document"]
    extra = 0


class ScreeningForm(ReasonForm):
    screened = forms.BooleanField(required=False, widget=forms.HiddenInput)


@admin.register(Programme)
class ProgrammeAdmin(
    FlagsSuperseded, ReasonedDeletion, WithinJurisdiction, GuardedAdmin, HistoryAdmin
):
    form = ProgrammeForm
    list_display = ["name", "family", "area", "kind", "screened", "superseded_flag"]
    list_filter = ["family", "area", "kind", "screened", SupersededFilter]
    search_fields = ["id", "name", "family", "summary"]
    search_help_text = "名称、类别或编号"
    list_select_related = ["area"]
    filter_horizontal = ["conflicts"]
    inlines = [ContactInline, WindowInline]
    actions = ["export_as_pack"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Whether it takes part in the self-check is changed on a page of its own, and why is asked."""
        own = [name for name in super().get_fields(request, obj) if name != "reason"]
        if obj is None:
            return own
        is_changed = self.has_change_permission(request, obj)
        return [*(name for name in own if name != "screened"), *(["reason"] if is_changed else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["id", "screening_now", "editions_in_time"] if obj else []

    def get_urls(self) -> list[Any]:
        page = fresh_factor_required(self.screening)
        return [
            self.own_page("<slug:pk>/screening/", page, "screening"),
            self.own_page("find/", require_safe(self.find_everything), "find"),
            *super().get_urls(),
        ]

    def find_everything(self, request: HttpRequest) -> HttpResponse:
        """What has the words, of all that editors keep."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
        groups = search(words, own_reach(request), timezone.localdate()) if words else []
        context = {
            "title": "查找全部内容",
            "words": words,
            "longest": LONGEST,
            "groups": groups,
            "total": sum(group.count for group in groups),
        }
        return self.render(request, "admin/editors/search.html", context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        give_reason(request, form.cleaned_data.get("reason", ""))
        super().save_model(request, obj, form, change)

    def deletions(self) -> list[Deletion]:
        return [
            *super().deletions(),
            *deletions_of_parts(Contact),
            *deletions_of_parts(Window),
        ]

    def screening(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Ask why it is taken out of the self-check or put back, show what follows, then do it."""
        if not request.user.has_perm("catalogue.change_programme"):
            raise PermissionDenied
        programme = self.get_object(request, unquote(pk))
        is_sent, now, problem = request.method == "POST", timezone.now(), ""
        form = ScreeningForm(
            request.POST if is_sent else None, initial={"screened": not programme.screened}
        )
        # What the page showed is done, or refused, whatever somebody else did meanwhile.
        is_screened = form["screened"].value() in (True, "True")
        address = reverse("admin:catalogue_programme_change", args=[quote(programme.pk)])
        if is_sent and form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                set_screened(programme, is_screened=is_screened, reason=reason, now=now)
            except ScreeningError as error:
                problem = f"没有办成：{error}"
            else:
                told = (
                    "已恢复参与自测。" if is_screened else "已不再参与自测，项目的网页写明了原因。"
                )
                self.log_change(request, programme, f"{told}{reason}")
                messages.success(request, told)
                return redirect(address)
        verb = "恢复参与自测" if is_screened else "不再参与自测"
        context = {
            "title": verb,
            "verb": verb,
            "not_done": "不改了，返回",
            "row": programme,
            "list_address": reverse("admin:catalogue_programme_changelist"),
            "address": address,
            "back_to": "这个项目",
            "form": form,
            "follows": when_screening_changes(programme, now),
            "problem": problem,
        }
        status = 400 if problem or form.errors else 200
        return self.render(request, "admin/catalogue/act.html", context, status=status)

    @admin.action(description="导出为目录包（ZIP）", permissions=["view"])
    def export_as_pack(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        """The chosen programmes with all that they rest on, as `load_catalogue` and others take it."""
        return packed_response(export_packs(queryset.values_list("pk", flat=True)))

    @admin.display(description="参与自测")
    def screening_now(self, programme: Programme) -> str:
        return screening_in_words(programme) or "参与"

    @admin.display(description="版本和没有版本的日子")
    def editions_in_time(self, programme: Programme) -> str:
        """What counts when, and the days from today on of which nothing counts."""
        rows = list(programme.editions.order_by("effective_from", "pk"))
        links = format_html_join(
            mark_safe("<br>"),
            '<a href="{}">{} 起{}</a>（{}）',
            [
                (
                    reverse("admin:catalogue_edition_change", args=[row.pk]),
                    row.effective_from,
                    f"，{row.ends} 前" if row.ends else "",
                    row.get_status_display(),
                )
                for row in rows
            ],
        )
        gaps = [f"{gap}。{FILL}" for gap in gaps_of(programme, timezone.localdate())]
        if not any(row.is_standing for row in rows):
            gaps = ["没有有效的版本，企业查不到这个项目，也不能申报。"]
        warnings = format_html_join(
            "", '<br><strong class="warn">{}</strong>', [(g,) for g in gaps]
        )
        return links + warnings
