"""What a visitor's words find in the catalogue, and whom to ask where they find nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Contact, Programme
from policies.catalogue.models.award import Level
from policies.pages.listing import PUBLISHED, Entry, list_entries, select_entries
from policies.search.index import Answer, Index, Place, Subject
from portal.models import Jurisdiction

# What no firm can ask for comes after what it can.
OF_DUTIES = 0.7
MOST_OFFICES = 4
NOT_ASKED = Answer()


@dataclass(frozen=True)
class Office:
    place: str
    office: str
    telephone: str


# What an index is made of beside its subjects.
TABLES = ("synonyms", "areas", "documents", "contacts", "programmes")
# One process keeps the index of the programmes in force that it searched last, and that of the others.
_kept: dict[str, tuple[tuple[Any, ...], Index]] = {}


@dataclass(frozen=True)
class Search:
    """`chosen` are the filters with a place that was named among the words; `near` are the nearest
    where the words find nothing."""

    chosen: Mapping[str, Any]
    found: list[Entry]
    answer: Answer = NOT_ASKED
    near: Sequence[Entry] = ()


def search_entries(
    entries: tuple[Entry, ...], chosen: Mapping[str, Any], known: Catalogue, on: date
) -> Search:
    """What the words find, the best first, of what fits every filter."""
    words, areas = chosen.get("q", ""), known.areas
    if not words:
        return Search(chosen, select_entries(entries, chosen, areas, on))
    asked = chosen.get("county") or chosen.get("city") or ""
    answer = find(words, asked, entries, known)
    chosen = {**chosen, **_place_named(answer.place, asked, areas)}
    by_key = {entry.edition.programme: entry for entry in entries}
    hits = [by_key[hit.key] for hit in answer.hits]
    near = [by_key[hit.key] for hit in answer.near]
    return Search(chosen, select_entries(hits, chosen, areas, on), answer, near)


def _place_named(code: str, asked: str, areas: Mapping[str, Jurisdiction]) -> dict[str, str]:
    """The filter that a place named among the words stands for, where none was chosen."""
    if not code or asked:
        return {}
    return {"county" if areas[code].level == Jurisdiction.Level.COUNTY else "city": code}


def find(typed: str, place: str, entries: tuple[Entry, ...], known: Catalogue) -> Answer:
    """Among the programmes in force; the index is made anew when anything that it holds changes."""
    subjects = (_subject(entry, known) for entry in entries)
    return _index("in_force", entries, subjects, known).ask(typed, place)


def find_closed(typed: str, rows: Sequence[Programme], known: Catalogue) -> list[Programme]:
    """Among programmes without rules in force, the best first."""
    by_key = {row.pk: row for row in rows}
    subjects = (
        Subject(row.pk, row.name, row.family, row.summary, row.area.name, row.area_id)
        for row in rows
    )
    answer = _index("closed", tuple(by_key), subjects, known).ask(typed)
    return [by_key[hit.key] for hit in answer.hits]


def read_ahead(on: date) -> None:
    """Make what the first visitor would search."""
    known = Catalogue()
    editions = known.editions_in_force(on, screened_only=False)
    find("", "", list_entries(editions, known.areas, on), known)


def _index(
    name: str, rows: tuple[Any, ...], subjects: Iterable[Subject], known: Catalogue
) -> Index:
    state = (rows, *known.stamps(TABLES))
    kept = _kept.get(name)
    if kept is None or kept[0] != state:
        kept = _kept[name] = state, Index(subjects, known.synonyms, _places(known.areas))
    return kept[1]


def _places(areas: Mapping[str, Jurisdiction]) -> dict[str, Place]:
    return {
        code: Place(place.name, _chain(code, areas), place.level) for code, place in areas.items()
    }


def _chain(code: str, areas: Mapping[str, Jurisdiction]) -> frozenset[str]:
    codes, step = [], areas.get(code)
    while step is not None:
        codes.append(step.pk)
        step = areas.get(step.parent_id or "")
    return frozenset(codes)


def _subject(entry: Entry, known: Catalogue) -> Subject:
    edition, documents = entry.edition, known.documents
    cited = {
        source["document"]
        for part in (*edition.criteria, *edition.awards)
        for source in part.sources
    }
    more = [entry.area.name, *(Level(level).label for level in entry.levels)]
    for criterion in edition.criteria:
        more += [criterion.text, criterion.in_a_sentence]
    for number in sorted(cited):
        row = documents.get(number)
        more += [number, row.title, row.issuer] if row else [number]
    more += [contact.office.name for contact in known.contacts.get(edition.programme, ())]
    return Subject(
        key=edition.programme,
        name=edition.name,
        family=edition.family,
        summary=edition.summary,
        more=" ".join(more),
        area=edition.area,
        figures=entry.figures,
        pays=frozenset(
            award.payer for award in edition.awards if award.payer and award.status == PUBLISHED
        ),
        documents=tuple(sorted(cited)),
        weight=OF_DUTIES if edition.beneficiary == "government" else 1.0,
    )


def offices_for(place: str, programmes: Iterable[str], known: Catalogue) -> list[Office]:
    """Whom to ask in a place: its offices for these programmes, else its others, else its city's.

    Those with a telephone come first; without a place, only those are told.
    """
    areas, wanted = known.areas, set(programmes)
    every = [contact for own in known.contacts.values() for contact in own]
    if place not in areas:
        return _offices([row for row in every if row.office.telephone], wanted, areas)
    for code in (place, areas[place].parent_id):
        if own := [row for row in every if row.office.jurisdiction_id == code]:
            return _offices(own, wanted, areas)
    return []


def _offices(
    rows: Sequence[Contact], wanted: set[str], areas: Mapping[str, Jurisdiction]
) -> list[Office]:
    ordered = sorted(
        rows, key=lambda row: (not row.office.telephone, row.programme_id not in wanted)
    )
    offices = (
        Office(areas[row.office.jurisdiction_id].name, row.office.name, row.office.telephone)
        for row in ordered
    )
    return list(dict.fromkeys(offices))[:MOST_OFFICES]
