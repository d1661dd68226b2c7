"""A draft beside another edition of its programme, part by part, and as its public page will look."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from policies.catalogue.editions import EditionError
from policies.catalogue.models import Edition
from policies.catalogue.readiness import predecessor_of
from policies.editors.draft_review import compare, name_of
from policies.editors.edition_life import EditionLife
from policies.editors.edition_proposals import WAITS, open_proposal
from policies.editors.taking import seen_of, take
from policies.pages.preview import preview
from portal.numbers import whole_number

NO_SUCH_EDITION = "没有这个版本，或者它不是这个项目的：请从下面另选。"
RESTORE, TAKE = "恢复原样", "取用这一项"


class DraftComparing(EditionLife):
    """Pages of a draft, mixed into the admin of editions."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<int:pk>/compare/", require_safe(self.compare_view), "compare"),
            self.own_page("<int:pk>/take/", require_POST(self.take_view), "take"),
            self.own_page("<int:pk>/preview/", require_safe(self.preview_view), "preview"),
            *super().get_urls(),
        ]

    def _find_draft(self, request: HttpRequest, pk: int) -> Edition:
        edition = self.find_to_change(request, pk)
        if not edition.is_draft:
            raise Http404("这个版本不是草稿")
        return edition

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self._find_draft(request, pk)
        back = reverse("admin:catalogue_edition_change", args=[draft.pk])
        return preview(request, draft, timezone.localdate(), back)

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self._find_draft(request, pk)
        chosen = request.GET.get("with")
        if chosen:
            other = get_object_or_404(self._others(draft), pk=whole_number(chosen))
        else:
            other = predecessor_of(draft)
        return self._compared(request, draft, other)

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self._find_draft(request, pk)
        other = self._others(draft).filter(pk=whole_number(request.POST.get("other"))).first()
        if other is None:
            return self._compared(request, draft, predecessor_of(draft), NO_SUCH_EDITION)
        which, seen = (request.POST.get(name, "") for name in ("which", "seen"))
        try:
            taken = take(draft, other, which, seen)
        except EditionError as error:
            return self._compared(request, draft, other, str(error))
        of = name_of(other, of=draft)
        # What the draft said stays on record beside what it says now.
        self.log_change(request, draft, f"改为与{of}一样（改之前：{taken}）")
        messages.success(request, f"已改为与{of}一样：{taken.what}{taken.title}。其余没有动。")
        page = reverse("admin:catalogue_edition_compare", args=[draft.pk])
        return redirect(f"{page}?with={other.pk}")

    def _others(self, draft: Edition) -> Any:
        return Edition.objects.filter(programme=draft.programme_id).exclude(pk=draft.pk)

    def _compared(
        self, request: HttpRequest, draft: Edition, other: Edition | None, problem: str = ""
    ) -> HttpResponse:
        comparison, waits = compare(draft, other), open_proposal(draft)
        takes = RESTORE if other == predecessor_of(draft) else TAKE
        context = {
            "title": "比较和取用",
            "edition": draft,
            "comparison": comparison,
            "seen": seen_of(comparison),
            "takes": "" if waits else takes,
            "waits": WAITS if waits else "",
            "proposal": waits,
            "others": [
                (each, name_of(each, of=draft), each == other)
                for each in self._others(draft).order_by("-effective_from", "-pk")
            ],
            "problem": problem,
        }
        return self.render(request, "admin/catalogue/edition/compare.html", context)
