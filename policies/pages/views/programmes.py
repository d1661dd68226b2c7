"""The public catalogue: the list of programmes, and a page for each."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue.calls import not_over, state_on, told_of
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Contact, Criterion, Edition, Material, Step
from policies.pages.edition_history import edition_history
from policies.pages.finding import find_closed, offices_for, search_entries
from policies.pages.forms import ProgrammeSearchForm
from policies.pages.fruitless import note_fruitless
from policies.pages.listing import (
    Entry,
    closed_programmes,
    entry_bar,
    is_within,
    list_entries,
    sections_of,
)
from policies.pages.programme_page import (
    cited_documents,
    criterion_rows,
    notes_of,
    paying_bars,
    related_programmes,
    written_criteria,
)
from policies.presentation.edition_state import (
    in_force,
    screening_in_words,
    shown_edition,
    state_in_words,
    told_editions,
)
from policies.presentation.money_picture import FIRST_YEAR, by_year, drawn
from policies.presentation.sources import superseded_in_words
from policies.rules import edition as rules
from policies.search.question import asks_whom
from portal.models import Jurisdiction
from portal.public_pages import cached

A_PAGE = 20


@require_safe
@cached
def index(request: HttpRequest) -> HttpResponse:
    """Programmes in force today; the address holds the whole search and can be shared."""
    today = timezone.localdate()
    known = Catalogue()
    areas = known.areas
    editions = known.editions_in_force(today, screened_only=False)
    form = ProgrammeSearchForm(
        request.GET,
        families=list(dict.fromkeys(edition.family for edition in editions)),
        areas=areas,
        sections=sections_of(known.facts),
    )
    chosen = form.cleaned_data if form.is_valid() else {}
    words = chosen.get("q", "")
    search = search_entries(list_entries(editions, areas, today), chosen, known, today)
    chosen, answer, found = search.chosen, search.answer, search.found
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    family = chosen.get("family", "")
    closed = closed_programmes([edition.programme for edition in editions], family)
    if words and closed:
        closed = find_closed(words, closed, known)
    if _is_by_words_only(form) and not answer.hits and not closed:
        note_fruitless(words, today)
    place = chosen.get("county") or chosen.get("city") or ""
    shown = drawn(entry_bar(entry, today) for entry in page)
    on_page = _keys(page)
    calls = told_of(known.calls, on_page, today, chosen.get("county"))
    why = {hit.key: "、".join(hit.words) for hit in answer.hits if hit.key in on_page}
    context = {
        "form": form,
        "page": page,
        "rows": [
            (entry, picture, why.get(key, ""), calls.get(key))
            for key, entry, picture in zip(on_page, page, shown, strict=True)
        ],
        "county": areas.get(chosen.get("county", "")),
        "query": query.urlencode(),
        "closed": closed,
        "words": words,
        "answer": answer,
        "documents": [known.documents[number] for number in answer.documents],
    }
    asks = asks_whom(words)
    if words and (asks or not found):
        programmes = on_page if found else _keys(search.near)
        context |= {
            "near": search.near,
            "place": areas.get(place),
            "offices": offices_for(place, programmes, known),
            "asks_whom": asks,
        }
    return render(request, "pages/programmes.html", context)


def _keys(entries: Iterable[Entry]) -> list[str]:
    return [entry.edition.programme for entry in entries]


def _is_by_words_only(form: ProgrammeSearchForm) -> bool:
    """Whether it is words alone that were asked for, without any filter."""
    chosen = form.cleaned_data if form.is_valid() else {}
    return bool(chosen.get("q")) and not any(
        value for name, value in chosen.items() if name not in ("q", "sort")
    )


@require_safe
@cached
def detail(request: HttpRequest, programme: str) -> HttpResponse:
    """The edition in force; where there is none, the last one, and since when and why."""
    today = timezone.localdate()
    editions = told_editions(programme)
    if not editions:
        raise Http404("没有这个项目")
    return programme_page(request, shown_edition(editions, today), editions, today)


@require_safe
@cached
def edition(request: HttpRequest, programme: str, pk: int) -> HttpResponse:
    """One edition as it was published, whatever has become of it."""
    today = timezone.localdate()
    editions = told_editions(programme)
    row = next((each for each in editions if each.pk == pk), None)
    if row is None:
        raise Http404("没有这个版本")
    return programme_page(request, row, editions, today)


def programme_page(
    request: HttpRequest,
    row: Edition,
    editions: Sequence[Edition],
    today: date,
    *,
    draft: rules.Edition | None = None,
    back: str = "",
) -> HttpResponse:
    """The page of an edition among all that were published, the newest first.

    A `draft` is compiled by the caller, who leads back to it: to everybody it is no edition yet.
    """
    known = Catalogue()
    is_current = row == in_force(editions, today)
    edition = draft or known.rules_of(row)
    # Among the others as they are; of its own programme it is the one that is shown.
    current = [
        edition if each.programme == edition.programme else each
        for each in known.editions_in_force(today, screened_only=False)
    ]
    facts, areas, vocabulary = known.facts, known.areas, known.vocabulary
    counties = [
        place
        for place in areas.values()
        if place.level == Jurisdiction.Level.COUNTY and is_within(place, edition.area, areas)
    ] or [areas[edition.area]]
    rests_on = [source for part in (*edition.criteria, *edition.awards) for source in part.sources]
    numbers = sorted({source["document"] for source in rests_on})
    documents = {number: known.documents[number] for number in numbers}
    criteria = criterion_rows(edition, vocabulary.conflicts, documents)
    if edition.fault:
        written = Criterion.objects.filter(edition=row).prefetch_related("citations__document")
        criteria = written_criteria(edition, written, known.documents)
    bars, tranches = paying_bars(edition, counties, facts, documents, today)
    calls = known.calls.get(edition.programme, ())
    state = state_on(calls, today)
    context = {
        "edition": edition,
        "row": row,
        "is_current": is_current,
        "is_only_read": row != shown_edition(editions, today),
        "may_report": row.is_standing and not draft,
        "preview_back": back,
        "state": state_in_words(row, editions, today),
        "screening": screening_in_words(row.programme),
        "calls": not_over(calls, today),
        "call_state": state,
        "area": areas[edition.area],
        "money": drawn(bars),
        "years": drawn(by_year(tranches)),
        "first_year": facts[FIRST_YEAR].label if FIRST_YEAR in edition.fact_keys else "",
        "today": today,
        "criteria": criteria,
        "related": related_programmes(edition, current, facts),
        "conflicts": notes_of(edition, vocabulary.conflicts),
        "documents": cited_documents(documents.values(), row),
        "superseded": [
            (document, superseded_in_words(document))
            for document in documents.values()
            if document.superseded_by_id
        ],
        "materials": Material.objects.filter(edition=row),
        "steps": Step.objects.filter(edition=row),
        "contacts": Contact.objects.filter(programme=row.programme).select_related(
            "office__jurisdiction"
        ),
        "history": edition_history(editions, row, known, rests_on, today),
    }
    return render(request, "pages/programme.html", context)
