"""Which programmes and clauses rest on a document, by the editions in force on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from policies.catalogue.models import Award, Citation, Criterion, Document, Edition, Programme
from policies.presentation.report_link import report_link

OWNERS = (
    "criterion__edition__programme",
    "award__edition__programme",
    "award__payer",
)
PLACE = ("criterion__edition__programme__position", "award__edition__programme__position")


def citations_in_force(on: date) -> QuerySet[Citation]:
    editions = Edition.objects.in_force(on)
    return Citation.objects.filter(
        Q(criterion__edition__in=editions) | Q(award__edition__in=editions)
    )


def programmes_resting_on(
    documents: Iterable[Document], on: date
) -> dict[int, list[dict[str, str]]]:
    """By document, the programmes that cite it, in the order of the catalogue: one query."""
    rows = (
        citations_in_force(on)
        .filter(document__in=list(documents))
        .annotate(
            programme=Coalesce("criterion__edition__programme", "award__edition__programme"),
            name=Coalesce("criterion__edition__programme__name", "award__edition__programme__name"),
            place=Coalesce(*PLACE),
        )
        .order_by("document_id", "place", "programme")
        .values_list("document_id", "programme", "name")
        .distinct()
    )
    found: dict[int, list[dict[str, str]]] = {}
    for document, programme, name in rows:
        found.setdefault(document, []).append({"id": programme, "name": name})
    return found


def clauses_citing(document: Document, on: date) -> list[dict[str, Any]]:
    """The programmes that cite the document, each with its clauses and what they decide."""
    citations = (
        citations_in_force(on)
        .filter(document=document)
        .select_related(*OWNERS)
        .order_by(
            Coalesce(*PLACE),
            F("criterion__position").asc(nulls_last=True),
            "award__position",
            "position",
            "pk",
        )
    )
    found: dict[Programme, list[dict[str, str]]] = {}
    for citation in citations:
        owner = citation.criterion or citation.award
        found.setdefault(owner.edition.programme, []).append(
            {
                "clause": citation.clause or "（未列条款）",
                "kind": owner._meta.verbose_name,
                "text": owner.text if citation.criterion else str(owner),
                "report": _report_link(owner),
            }
        )
    return [{"programme": programme, "clauses": rows} for programme, rows in found.items()]


def _report_link(owner: Criterion | Award) -> str:
    edition = owner.edition
    starts = edition.effective_from.isoformat()
    if isinstance(owner, Criterion):
        return report_link(edition.programme_id, starts, criterion=owner.code)
    return report_link(edition.programme_id, starts, level=owner.level, payer=owner.payer_id)
