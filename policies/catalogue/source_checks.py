"""Comparing an edition with the documents that it rests on: by whom it was done last, and what is due."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from policies.catalogue.models import (
    Award,
    Citation,
    Criterion,
    Document,
    Edition,
    Original,
    SourceCheck,
)
from portal.models import User

# How long a check says that an entry still agrees with its source.
VALID_FOR = timedelta(days=365)


def cited_clauses(edition: Edition) -> dict[Document, list[str]]:
    """The documents that criteria and awards of an edition cite, each with its clauses; one query."""
    rows = (
        Citation.objects.filter(Q(criterion__edition=edition) | Q(award__edition=edition))
        .select_related("document__superseded_by")
        .order_by("document_id", "criterion__position", "award__position", "position", "pk")
    )
    found: dict[Document, list[str]] = {}
    for row in rows:
        clauses = found.setdefault(row.document, [])
        if row.clause not in clauses:
            clauses.append(row.clause)
    return found


def latest_checks(checks: Iterable[SourceCheck]) -> dict[tuple[int, int], SourceCheck]:
    """By edition and document the last of them."""
    return {
        (each.edition_id, each.document_id): each
        for each in sorted(checks, key=lambda each: (each.checked_at, each.pk))
    }


@transaction.atomic
def record_check(
    *,
    edition: Edition,
    documents: Iterable[Document],
    against: SourceCheck.Against,
    originals: Mapping[int, Original],
    note: str,
    user: User,
    role: str,
    now: datetime,
) -> list[SourceCheck]:
    """What was compared, a row for each document; `originals` are those on the site, by document."""
    cited = cited_clauses(edition)
    is_original = against == SourceCheck.Against.ORIGINAL
    return [
        SourceCheck.objects.create(
            edition=edition,
            document=document,
            clauses=cited[document],
            against=against,
            original=originals[document.pk] if is_original else None,
            superseded_by=document.superseded_by,
            note=note,
            checked_at=now,
            checked_by=user,
            role=role,
        )
        for document in documents
    ]


def never_checked() -> Q:
    """Editions that rest on a document with which nobody has compared them."""
    return ~_all_cited(SourceCheck.objects.all())


def not_checked_since(day: date) -> Q:
    """Editions that rest on a document with which they were compared before that day only, or never."""
    return ~_all_cited(SourceCheck.objects.filter(checked_at__date__gte=day))


def superseded_since_checked() -> Q:
    """Editions that rest on a document whose place another one took, as nobody knew who checked."""
    knew = SourceCheck.objects.filter(superseded_by=F("document__superseded_by"))
    return ~_all_cited(knew, among=Q(document__superseded_by__isnull=False))


def rests_on_superseded() -> Q:
    """Editions that rest on a document whose place another one took, whoever has looked since."""
    nobody = SourceCheck.objects.none()
    return ~_all_cited(nobody, among=Q(document__superseded_by__isnull=False))


def due_for_check(on: date) -> Q:
    return not_checked_since(on - VALID_FOR) | superseded_since_checked()


def _all_cited(checks: QuerySet[SourceCheck], among: Q | None = None) -> Q:
    """Whether for each document that an edition cites one of the checks is there."""
    is_lacking = Q()
    for owner in (Criterion, Award):
        name = owner._meta.model_name
        of_citation = checks.filter(
            edition=OuterRef(f"{name}__edition"), document=OuterRef("document")
        )
        lacking = Citation.objects.filter(
            among or Q(), ~Exists(of_citation), **{f"{name}__edition": OuterRef("pk")}
        )
        is_lacking |= Q(Exists(lacking))
    return ~is_lacking
