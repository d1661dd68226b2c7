"""Which programmes rest on a document, by the editions in force on a day."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from policies.catalogue.models import Citation, Document, Edition

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
