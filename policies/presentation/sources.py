"""What a criterion or an award rests on, and where readers find it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.catalogue.models import Document
from policies.presentation.edition_state import day_in_words


@dataclass(frozen=True)
class Source:
    """A document, mostly with a clause; `page` is its address, empty where there is none any more."""

    text: str
    page: str = ""

    def __str__(self) -> str:
        return self.text


def cited(sources: Iterable[Mapping[str, str]], documents: Mapping[str, Document]) -> list[Source]:
    """Each document and clause once; one may be cited as a whole."""
    found: dict[str, Source] = {}
    for source in sources:
        number, clause = source["document"], source.get("clause", "")
        text = f"{number} {clause}".strip()
        if text not in found:
            document = documents.get(number)
            found[text] = Source(text, document.address_of(clause) if document else "")
    return list(found.values())


def by_document(
    sources: Iterable[Mapping[str, str]], documents: Mapping[str, Document]
) -> list[tuple[Source, list[Source]]]:
    """Each document once, with its clauses that are cited."""
    clauses: dict[str, list[str]] = {}
    for source in sources:
        own, clause = clauses.setdefault(source["document"], []), source.get("clause", "")
        if clause and clause not in own:
            own.append(clause)
    return [
        (
            Source(number, documents[number].get_absolute_url()),
            [Source(clause, documents[number].address_of(clause)) for clause in own],
        )
        for number, own in clauses.items()
        if number in documents
    ]


def dated(numbers: Iterable[str], documents: Mapping[str, Document]) -> list[Source]:
    """Documents with their days and what has taken their place, those that the catalogue has."""
    return [
        Source(f"{number}（{_when(documents[number])}）", documents[number].get_absolute_url())
        for number in numbers
        if number in documents
    ]


def superseded(numbers: Iterable[str], documents: Mapping[str, Document]) -> list[Source]:
    """Those of the documents whose place others took, with what that is; each leads to the new one."""
    return [
        Source(f"{number} {superseded_in_words(documents[number])}", newer.get_absolute_url())
        for number in numbers
        if number in documents and (newer := documents[number].superseded_by)
    ]


def _when(document: Document) -> str:
    issued = f"{document.issued_on or '未印日期'}"
    return f"{issued}，{superseded_in_words(document)}" if document.superseded_by else issued


def superseded_in_words(document: Document) -> str:
    """What took its place and since when; empty where nothing did, as far as is known."""
    newer = document.superseded_by
    if newer is None:
        return ""
    if document.superseded_on:
        return f"{day_in_words(document.superseded_on)}起被 {newer} 取代"
    issued = f"（{day_in_words(newer.issued_on)}印发）" if newer.issued_on else " "
    return f"已被 {newer}{issued}取代，从哪一天起没有写明"
