"""What rests on every clause of the source documents, in the catalogue as it stands."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.catalogue import current as catalogue
from policies.catalogue.models import Clause, Contact, Window
from policies.consistency import sources
from policies.consistency.sources import PARTS, Citation, citations_of, sources_report


def report_of_sources() -> tuple[list[str], list[str]]:
    """A line for each clause that somebody has told, and what is wrong."""
    contents = catalogue.published_contents()
    windows = [
        Citation(window.document.number, window.clause, window.programme_id, window.title)
        for window in Window.objects.select_related("document")
    ]
    with_contacts = set(Contact.objects.values_list("programme", flat=True))
    parts = {data["id"]: set(_filled(data, with_contacts)) for data in contents}
    told = Clause.objects.select_related("document").order_by("document_id", "position", "pk")
    clauses = [
        sources.Clause(
            document=row.document.number,
            clause=row.name,
            gist=row.gist,
            cited_as=(row.name, *row.cited_as),
            parts=tuple((programme, part) for programme, part in row.parts),
            reason=row.reason,
        )
        for row in told
    ]
    return sources_report(clauses, [*citations_of(contents), *windows], parts)


def _filled(data: Mapping[str, Any], with_contacts: set[str]) -> Iterator[str]:
    for part in PARTS:
        if data["id"] in with_contacts if part == "contacts" else data.get(part):
            yield part
