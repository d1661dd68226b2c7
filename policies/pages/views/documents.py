"""The documents that every figure cites: a list to search, and a page for each."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Document
from policies.pages.documents import clauses_citing, programmes_resting_on
from policies.pages.fruitless import note_fruitless
from policies.pages.search import SearchForm
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
    found = get_object_or_404(Document.objects.select_related("superseded_by"), pk=pk)
    context = {
        "document": found,
        "older": found.supersedes.all(),
        "programmes": clauses_citing(found, timezone.localdate()),
    }
    return render(request, "pages/document.html", context)
