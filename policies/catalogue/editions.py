"""Editions as content: written, published, copied and discarded as a whole."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import PROTECT, QuerySet

from policies.catalogue.models import (
    Award,
    Citation,
    Criterion,
    Document,
    Edition,
    Fact,
    Material,
    Programme,
    Step,
    Tranche,
)
from policies.rules.read_edition import read_edition

CONTENT = (
    "criteria__citations__document",
    "awards__citations__document",
    "awards__tranches",
    "materials",
    "steps",
)


class EditionError(Exception):
    """An edition that cannot be published or replaced; the message says why."""


def _row(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], False)}


def _sources(owner: Criterion | Award) -> list[dict[str, str]]:
    return [
        _row(document=citation.document.number, clause=citation.clause)
        for citation in owner.citations.all()
    ]


def edition_content(edition: Edition) -> dict[str, Any]:
    """The edition's rows in the shape of a pack; needs no query when CONTENT is prefetched."""
    return {
        "effective_from": edition.effective_from.isoformat(),
        "notices": edition.notices,
        "criteria": [
            _row(
                code=criterion.code,
                kind=criterion.kind,
                text=criterion.text,
                rule=criterion.rule,
                when=criterion.when,
                reason=criterion.reason,
                sources=_sources(criterion),
            )
            for criterion in edition.criteria.all()
        ],
        "awards": [_award_content(award) for award in edition.awards.all()],
        "materials": [
            _row(name=material.name, note=material.note) for material in edition.materials.all()
        ],
        "steps": [
            _row(
                level=step.level,
                actor=step.actor,
                title=step.title,
                kind=step.kind,
                text=step.text,
                time_limit=step.time_limit,
                working_days=step.working_days,
            )
            for step in edition.steps.all()
        ],
    }


def with_content(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """The editions with all that edition_data reads."""
    return editions.select_related("programme").prefetch_related("programme__conflicts", *CONTENT)


def edition_data(edition: Edition) -> dict[str, Any]:
    """A programme's entry merged with this edition, as compile_edition takes it."""
    programme = edition.programme
    return {
        "id": programme.pk,
        "name": programme.name,
        "summary": programme.summary,
        "family": programme.family,
        "kind": programme.kind,
        "benefit": programme.benefit,
        "tier": (
            {"fact": programme.tier_fact, "code": programme.tier_code}
            if programme.tier_fact
            else None
        ),
        "area": programme.area_id,
        "beneficiary": programme.beneficiary,
        "screened": programme.screened,
        "conflicts": [conflict.pk for conflict in programme.conflicts.all()],
        "ends": edition.ends.isoformat() if edition.ends else None,
        **edition_content(edition),
    }


def _award_content(award: Award) -> dict[str, Any]:
    return _row(
        level=award.level,
        payer=award.payer_id,
        status=award.status,
        tranches=[
            {"amount": tranche.amount}
            | _row(
                title=tranche.title,
                now_when=tranche.now_when,
                past_when=tranche.past_when,
                void_when=tranche.void_when,
                later=tranche.later,
                condition=tranche.condition,
                conflicts=tranche.conflicts,
            )
            for tranche in award.tranches.all()
        ],
        unsplit=award.unsplit,
        undecided=award.undecided,
        fee_cap=award.fee_cap,
        price_cut=award.price_cut,
        headline=award.headline,
        same_money=award.same_money,
        conflicts=award.conflicts,
        sources=_sources(award),
    )


def digest_of(content: Mapping[str, Any]) -> str:
    """The same for the same content, however its numbers are written."""
    text = json.dumps(_canonical(content), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"#{Decimal(str(value)).normalize():f}"
    return value


def write_content(
    edition: Edition, content: Mapping[str, Any], documents: Mapping[str, Document]
) -> None:
    """Create the rows of `content`, which edition_content would give back."""
    citations: list[Citation] = []
    criteria = Criterion.objects.bulk_create(
        Criterion(
            edition=edition,
            position=position,
            **{key: value for key, value in row.items() if key != "sources"},
        )
        for position, row in enumerate(content["criteria"], 1)
    )
    for criterion, row in zip(criteria, content["criteria"], strict=True):
        citations += _citations(row, documents, criterion=criterion)
    awards = Award.objects.bulk_create(
        Award(
            edition=edition,
            position=position,
            payer_id=row.get("payer"),
            **{
                key: value
                for key, value in row.items()
                if key not in ("sources", "tranches", "payer")
            },
        )
        for position, row in enumerate(content["awards"], 1)
    )
    tranches = []
    for award, row in zip(awards, content["awards"], strict=True):
        citations += _citations(row, documents, award=award)
        tranches += [
            Tranche(award=award, position=position, **tranche)
            for position, tranche in enumerate(row.get("tranches", []), 1)
        ]
    Tranche.objects.bulk_create(tranches)
    Citation.objects.bulk_create(citations)
    for model, key in ((Material, "materials"), (Step, "steps")):
        model.objects.bulk_create(
            model(edition=edition, position=position, **row)
            for position, row in enumerate(content[key], 1)
        )


def _citations(
    row: Mapping[str, Any], documents: Mapping[str, Document], **owner: Any
) -> list[Citation]:
    return [
        Citation(
            document=documents[source["document"]],
            clause=source.get("clause", ""),
            position=position,
            **owner,
        )
        for position, source in enumerate(row.get("sources", []), 1)
    ]


def locked_programme(programme_id: str) -> Programme:
    """The programme, locked: what is done to its editions is done by one after another."""
    return Programme.objects.select_for_update(no_key=True).get(pk=programme_id)


def check_publishable(edition: Edition) -> None:
    """Raise EditionError with the reason where a draft says nothing or cannot be judged by."""
    data = edition_data(with_content(Edition.objects.filter(pk=edition.pk)).get())
    if not (data["criteria"] or data["awards"]):
        raise EditionError("这个版本没有条件，也没有奖补，不能发布。")
    facts = {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()}
    if fault := read_edition(data, facts).fault:
        raise EditionError(fault)


@transaction.atomic
def publish_edition(edition: Edition) -> None:
    """Publish a draft whose rules compile; from now on its rows do not change."""
    locked_programme(edition.programme_id)
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if not edition.is_draft:
        raise EditionError("只有草稿可以发布。")
    check_publishable(edition)
    edition.digest = digest_of(edition_content(edition))
    put_in_force(edition)


def put_in_force(edition: Edition) -> None:
    """Publish it between the editions before and after: one ends where the next begins.

    Call it with the programme locked; `digest` is set.
    """
    others = edition.programme.editions.published()
    following = others.filter(effective_from__gt=edition.effective_from).order_by("effective_from")
    before = others.filter(effective_from__lt=edition.effective_from).order_by("-effective_from")
    next_one, previous = following.first(), before.first()
    if next_one and (edition.ends is None or edition.ends > next_one.effective_from):
        edition.ends = next_one.effective_from
    if previous and (previous.ends is None or previous.ends > edition.effective_from):
        previous.ends = edition.effective_from
        previous.save(update_fields=["ends"])
    edition.status = Edition.Status.PUBLISHED
    edition.save(update_fields=["digest", "ends", "status"])


@transaction.atomic
def retire_edition(edition: Edition) -> None:
    locked_programme(edition.programme_id)
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if edition.status != Edition.Status.PUBLISHED:
        raise EditionError("只有已发布的版本可以停用。")
    edition.status = Edition.Status.RETIRED
    edition.save(update_fields=["status"])


def is_referred_to(edition: Edition) -> bool:
    """Whether anything outside the catalogue, such as an application, is pinned to it."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: edition}).exists()
        for relation in Edition._meta.related_objects
        if relation.on_delete is PROTECT
    )


@transaction.atomic
def discard_edition(edition: Edition) -> None:
    """Delete an edition that nothing refers to; this is the only way a published one goes."""
    if is_referred_to(edition):
        raise EditionError("已有申报使用这个版本，不能改动；请另起一个新的起用日期。")
    Edition.objects.filter(pk=edition.pk).update(status=Edition.Status.DISCARDED)
    edition.delete()


@transaction.atomic
def copy_to_draft(edition: Edition, on: date) -> Edition:
    """A draft with the same content, starting on the first free day from `on`."""
    locked_programme(edition.programme_id)
    days = set(edition.programme.editions.values_list("effective_from", flat=True))
    while on in days:
        on += timedelta(days=1)
    content = edition_content(edition)
    documents = {document.number: document for document in Document.objects.all()}
    draft = Edition.objects.create(
        programme=edition.programme, effective_from=on, notices=content["notices"]
    )
    write_content(draft, content, documents)
    return draft
