"""The documents that every figure cites: a list to search, and a page for each."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Document, Original
from policies.pages.document_page import NOT_TOLD, checked_in_words, entries_of, what_rests_on
from policies.pages.documents import programmes_resting_on
from policies.pages.fruitless import note_fruitless
from policies.pages.search import SearchForm
from policies.presentation.sources import superseded_in_words
from portal.files.serving import sealed_response
from portal.public_pages import cached

DOCUMENTS_A_PAGE = 20


@require_safe
@cached
def document_list(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    documents = Document.objects.matching(words).select_related("superseded_by")
    page = Paginator(documents, DOCUMENTS_A_PAGE).get_page(request.GET.get("page"))
    if words and not page.paginator.count:
        note_fruitless(words, timezone.localdate())
    resting = programmes_resting_on(page, timezone.localdate())
    rows = [(document, resting.get(document.pk, [])) for document in page]
    context = {"form": form, "words": words, "page": page, "rows": rows, "notes": _general_notes()}
    return render(request, "pages/document_list.html", context)


def _general_notes() -> list[str]:
    """How the documents are read in general: notes that no programme's page says."""
    known = Catalogue()
    editions = known.editions_in_force(timezone.localdate(), screened_only=False)
    said = {code for edition in editions for code in edition.notes}
    return [text for code, text in known.vocabulary.conflicts.items() if code not in said]


@require_safe
@cached
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """What its clauses say in our own words, what rests on them, and the original where there is one."""
    known = Catalogue().documents.values()
    found = next((each for each in known if each.pk == pk), None)
    if found is None:
        raise Http404("没有这份文件")
    originals = list(found.originals.all())
    original = next((each for each in originals if each.closed_at is None), None)
    rests = what_rests_on(found, timezone.localdate())
    used, idle = entries_of(found.clauses.all(), rests.by_clause)
    context = {
        "document": found,
        "superseded": superseded_in_words(found),
        "older": [each for each in known if each.superseded_by_id == found.pk],
        "original": original,
        "former": [each for each in originals if each.closed_at],
        "checked": checked_in_words(rests, found) if rests.current else "",
        "entries": used,
        "idle": idle,
        "not_told": NOT_TOLD,
    }
    return render(request, "pages/document.html", context)


@require_safe
def document_file(request: HttpRequest, pk: int, reference: UUID) -> FileResponse:
    """The original that the document has now; one that was replaced or taken down is not found."""
    current = Original.objects.current().filter(document=pk)
    return sealed_response(get_object_or_404(current, reference=reference))
