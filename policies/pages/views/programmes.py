"""The public catalogue: the list of programmes, and a page for each."""

from collections.abc import Mapping
from itertools import pairwise

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue.current import Catalogue
from policies.catalogue.editions import CONTENT, edition_content
from policies.catalogue.models import Contact, Criterion, Edition, Material, Programme, Step
from policies.pages.forms import ProgrammeSearchForm
from policies.pages.listing import is_within, list_entries, select_entries
from policies.pages.programme_page import (
    county_table,
    criterion_rows,
    notes_of,
    related_programmes,
    written_criteria,
)
from policies.presentation.changes import changes_between
from policies.rules.facts import Fact
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
    )
    chosen = form.cleaned_data if form.is_valid() else {}
    found = select_entries(list_entries(editions, areas, today), chosen, areas)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "query": query.urlencode(),
    }
    return render(request, "pages/programmes.html", context)


@require_safe
@cached
def detail(request: HttpRequest, programme: str) -> HttpResponse:
    today = timezone.localdate()
    known = Catalogue()
    editions = known.editions_in_force(today, screened_only=False)
    edition = next((each for each in editions if each.programme == programme), None)
    if edition is None:
        raise Http404("没有这个项目，或今天不在有效期内")
    facts, areas, vocabulary = known.facts, known.areas, known.vocabulary
    counties = [
        place
        for place in areas.values()
        if place.level == Jurisdiction.Level.COUNTY and is_within(place, edition.area, areas)
    ]
    of_edition = {
        "edition__programme": programme,
        "edition__effective_from": edition.edition,
    }
    cited = {
        source["document"]
        for part in (*edition.criteria, *edition.awards)
        for source in part.sources
    }
    documents = {number: known.documents[number] for number in sorted(cited)}
    pages = {number: row.get_absolute_url() for number, row in documents.items()}
    criteria = criterion_rows(edition, vocabulary.conflicts, pages)
    if edition.fault:
        written = Criterion.objects.filter(**of_edition).prefetch_related("citations__document")
        every = {number: row.get_absolute_url() for number, row in known.documents.items()}
        criteria = written_criteria(edition, written, every)
    context = {
        "edition": edition,
        "is_screened": Programme.objects.filter(pk=programme, screened=True).exists(),
        "area": areas[edition.area],
        "counties": county_table(edition, counties, facts, pages),
        "criteria": criteria,
        "related": related_programmes(edition, editions, facts),
        "conflicts": notes_of(edition, vocabulary.conflicts),
        "documents": documents,
        "materials": Material.objects.filter(**of_edition),
        "steps": Step.objects.filter(**of_edition),
        "contacts": Contact.objects.filter(programme=programme).select_related("jurisdiction"),
        "editions": _editions_and_changes(programme, facts),
    }
    return render(request, "pages/programme.html", context)


def _editions_and_changes(
    programme: str, facts: Mapping[str, Fact]
) -> list[tuple[Edition, list[str]]]:
    """Published editions, the newest first, with what each changed of the one before."""
    editions = list(
        Edition.objects.published().filter(programme=programme).order_by("effective_from")
    )
    if len(editions) < 2:
        return [(edition, []) for edition in editions]
    rows = Edition.objects.filter(pk__in=[edition.pk for edition in editions])
    contents = {row.pk: edition_content(row) for row in rows.prefetch_related(*CONTENT)}
    changes: list[list[str]] = [[]]
    for before, after in pairwise(editions):
        changes.append(changes_between(contents[before.pk], contents[after.pk], facts))
    return list(zip(editions, changes, strict=True))[::-1]
