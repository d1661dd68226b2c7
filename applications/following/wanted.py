"""What somebody wants to be told of, as an address, a letter and a page say it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition, Programme
from policies.pages.finding import search_entries
from policies.pages.forms import ProgrammeSearchForm
from policies.pages.listing import list_entries, sections_of

PROGRAMMES_MOST = 100


@dataclass(frozen=True)
class Wanted:
    """Programmes, or one search of the list; `names` say which in words."""

    programmes: tuple[str, ...] = ()
    query: str = ""
    names: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The part of an address that `read_wanted` understands."""
        return self.query or urlencode([("programme", each) for each in self.programmes])


def read_wanted(asked: QueryDict, known: Catalogue, today: date) -> Wanted | None:
    """What an address asks for; None where it names no programme and no filter that is known."""
    wanted = asked.getlist("programme")[:PROGRAMMES_MOST]
    if wanted:
        told = Edition.objects.told().order_by().values("programme")
        rows = Programme.objects.filter(pk__in=wanted).filter(pk__in=told)
        names = dict(rows.values_list("pk", "name"))
        return Wanted(tuple(names), names=tuple(names.values())) if names else None
    chosen, words = _chosen(asked, known, today)
    if not chosen:
        return None
    return Wanted(query=urlencode(sorted(chosen.items())), names=("，".join(words),))


def search_in_words(query: str, known: Catalogue, today: date) -> str:
    """Such as 县（市、区）：沁水县，类别：小升规."""
    return "，".join(_chosen(QueryDict(query), known, today)[1])


def programmes_found(queries: Iterable[str], known: Catalogue, today: date) -> dict[str, list[str]]:
    """By search, the programmes in force that it finds today."""
    editions = known.editions_in_force(today, screened_only=False)
    entries = list_entries(editions, known.areas, today)
    found = {}
    for query in set(queries):
        chosen, _ = _chosen(QueryDict(query), known, today)
        # A filter that nobody knows any more finds nothing: without it everything would be found.
        is_known = len(chosen) == len(QueryDict(query))
        rows = search_entries(entries, chosen, known, today).found if is_known else []
        found[query] = [entry.edition.programme for entry in rows]
    return found


def _chosen(
    asked: QueryDict, known: Catalogue, today: date
) -> tuple[Mapping[str, Any], Sequence[str]]:
    """The filters that are set, the order not among them, and each in words."""
    editions = known.editions_in_force(today, screened_only=False)
    form = ProgrammeSearchForm(
        asked,
        families=list(dict.fromkeys(edition.family for edition in editions)),
        areas=known.areas,
        sections=sections_of(known.facts),
    )
    form.is_valid()
    chosen = {name: value for name, value in form.cleaned_data.items() if value and name != "sort"}
    words = [
        f"{form.fields[name].label}：{dict(getattr(form.fields[name], 'choices', ())).get(value, value)}"
        for name, value in chosen.items()
    ]
    return chosen, words
