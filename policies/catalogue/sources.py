"""What rests on every clause of the source documents, in the catalogue as it stands."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from policies.catalogue import current as catalogue
from policies.catalogue.models import Contact, Window
from policies.catalogue.packs.clauses_pack import read_clauses
from policies.consistency.sources import PARTS, Citation, citations_of, sources_report


def report_of_sources(folder: Path) -> tuple[list[str], list[str]]:
    """A line for each clause that `folder` lists, and what is wrong; raises PackError."""
    contents = catalogue.published_contents()
    windows = [
        Citation(window.document.number, window.clause, window.programme_id, window.title)
        for window in Window.objects.select_related("document")
    ]
    with_contacts = set(Contact.objects.values_list("programme", flat=True))
    parts = {data["id"]: set(_filled(data, with_contacts)) for data in contents}
    return sources_report(read_clauses(folder), [*citations_of(contents), *windows], parts)


def _filled(data: Mapping[str, Any], with_contacts: set[str]) -> Iterator[str]:
    for part in PARTS:
        if data["id"] in with_contacts if part == "contacts" else data.get(part):
            yield part
