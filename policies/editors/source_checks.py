"""Comparing an edition with its sources, in the admin: what was looked at, and what is due."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from policies.catalogue.content import CONTENT, edition_content
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Clause, Document, Edition, Original, SourceCheck
from policies.catalogue.source_checks import (
    VALID_FOR,
    cited_clauses,
    due_for_check,
    latest_checks,
    never_checked,
    not_checked_since,
    record_check,
    superseded_since_checked,
)
from policies.editors.edition_life import EditionLife
from policies.editors.jurisdiction import role_of
from policies.editors.reading import in_lines
from policies.presentation.changes import rows_by_source
from policies.presentation.source_checks import check_in_words
from policies.presentation.sources import superseded_in_words
from portal.forms import STRANGE, at_most

Against = SourceCheck.Against
NO_ORIGINAL = "本站没有 {names} 的原件：请先上传，或改选您对照的是什么。"
NOT_STANDING = "只核对发布过、仍然有效的版本。"


class SourceCheckForm(forms.Form):
    """What was looked at: documents with all their clauses that the edition cites, and what they were
    compared with."""

    documents = forms.MultipleChoiceField(
        label="逐条对照过哪些文件",
        help_text="勾选的文件，上面列出的每一条都要看过，条件和金额都与文件一致。",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选对照过的文件。"},
    )
    against = forms.ChoiceField(
        label="对照的是什么",
        choices=Against.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选对照的是什么。"},
    )
    note = forms.CharField(
        label="核对情况（选填，只有工作人员看得到）",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[at_most(300)],
        error_messages=STRANGE,
    )

    def __init__(
        self, data: Any = None, *, documents: list[Document], originals: dict[int, Original]
    ) -> None:
        super().__init__(data)
        self.by_key = {str(each.pk): each for each in documents}
        self.originals = originals
        self.fields["documents"].choices = [
            (key, f"{each}　{each.title}") for key, each in self.by_key.items()
        ]

    def clean_documents(self) -> list[Document]:
        return [self.by_key[key] for key in self.cleaned_data["documents"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("against") == Against.ORIGINAL:
            lacking = [
                each for each in cleaned.get("documents", ()) if each.pk not in self.originals
            ]
            if lacking:
                self.add_error("against", NO_ORIGINAL.format(names="、".join(map(str, lacking))))
        return cleaned


class CheckFilter(admin.SimpleListFilter):
    """Editions in force by when they were last compared with their sources."""

    title = "出处核对"
    parameter_name = "check"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("due", "要核对的现行版本"),
            ("never", "其中没有核对过的"),
            ("old", "其中超过一年的"),
            ("superseded", "其中依据的文件已被取代的"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        asked: dict[str | None, Q] = {
            "due": due_for_check(today),
            "never": never_checked(),
            "old": not_checked_since(today - VALID_FOR) & ~never_checked(),
            "superseded": superseded_since_checked(),
        }
        if self.value() not in asked:
            return queryset
        in_force = Edition.objects.in_force(today).filter(asked[self.value()])
        return queryset.filter(pk__in=in_force.values("pk"))


class SourceChecking(EditionLife):
    """The page on which an editor says what they compared, mixed into the admin of editions."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<int:pk>/check/", self.check_view, "check"),
            *super().get_urls(),
        ]

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.find_to_change(request, pk)
        cited = cited_clauses(edition)
        current = Original.objects.current().filter(document__in=cited)
        originals = {each.document_id: each for each in current}
        is_sent = request.method == "POST"
        form = SourceCheckForm(
            request.POST if is_sent else None, documents=list(cited), originals=originals
        )
        address = reverse("admin:catalogue_edition_change", args=[edition.pk])
        if is_sent and edition.is_standing and form.is_valid():
            given, role = form.cleaned_data, role_of(request.user)
            record_check(
                edition=edition,
                documents=given["documents"],
                against=given["against"],
                originals=originals,
                note=given["note"],
                user=request.user,
                role=role,
                now=timezone.now(),
            )
            names = "、".join(map(str, given["documents"]))
            self.log_change(request, edition, f"对照{Against(given['against']).label}核对：{names}")
            messages.success(request, f"已记下核对：{names}。公开页面写的是日期和“{role}”。")
            return redirect(address)
        context = {
            "title": "核对出处",
            "edition": edition,
            "rows": _rows(edition, cited, originals),
            "form": form if edition.is_standing and cited else None,
            "problem": "" if edition.is_standing else NOT_STANDING,
            "address": address,
        }
        status = 400 if is_sent else 200
        return self.render(request, "admin/catalogue/edition/check.html", context, status=status)

    @admin.display(description="出处核对")
    def source_checks_in_lines(self, edition: Edition) -> str:
        """For each document how it was compared last, and what has taken its place."""
        checks = latest_checks(edition.source_checks.select_related("original"))
        return in_lines(
            format_html(
                '<a href="{}">{}</a>：{}{}',
                reverse("admin:catalogue_document_change", args=[document.pk]),
                document,
                check_in_words(checks.get((edition.pk, document.pk))),
                f"；{superseded_in_words(document)}" if document.superseded_by else "",
            )
            for document in cited_clauses(edition)
        )


def _rows(
    edition: Edition, cited: dict[Document, list[str]], originals: dict[int, Original]
) -> list[dict[str, Any]]:
    """For each document what to compare: clauses, what they say in our words, and what rests on them."""
    checks = latest_checks(edition.source_checks.select_related("original"))
    gists: dict[tuple[int, str], list[str]] = {}
    for row in Clause.objects.filter(document__in=cited):
        for name in (row.name, *row.cited_as):
            gists.setdefault((row.document_id, name), []).append(row.gist)
    known = Catalogue()
    row = Edition.objects.prefetch_related(*CONTENT).get(pk=edition.pk)
    resting = rows_by_source(edition_content(row), known.facts, known.areas)
    return [
        {
            "document": document,
            "original": originals.get(document.pk),
            "superseded": superseded_in_words(document),
            "checked": check_in_words(checks.get((edition.pk, document.pk))),
            "clauses": [
                {
                    "name": clause or "（未列条款）",
                    "page": document.address_of(clause),
                    "gists": gists.get((document.pk, clause), ()),
                    "resting": resting[document.number, clause],
                }
                for clause in clauses
            ],
        }
        for document, clauses in cited.items()
    ]
