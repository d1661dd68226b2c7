"""What an edition says, as data: read from its rows, written to them, and told apart by a digest."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from policies.catalogue.models import (
    Award,
    Citation,
    Criterion,
    Document,
    Edition,
    Example,
    Formula,
    Material,
    Step,
    Tranche,
)
from policies.rules.formulas import named_in

CONTENT = (
    "criteria__citations__document",
    "awards__citations__document",
    "awards__tranches",
    "materials",
    "steps",
)


def _row(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], False)}


def _sources(owner: Criterion | Award) -> list[dict[str, str]]:
    return [
        {"document": citation.document.number, "clause": citation.clause}
        for citation in owner.citations.all()
    ]


def edition_content(edition: Edition) -> dict[str, Any]:
    """The edition's rows in the shape of a pack; needs no query when CONTENT is prefetched, but for
    the formulas of a draft."""
    content = _written(edition)
    formulas = formulas_for(edition, content)
    return {**content, "formulas": formulas} if formulas else content


def formulas_for(edition: Edition, content: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that an edition carries, by key: a draft's are those that count on its day, and
    of a pack those that the pack has."""
    if not edition.is_draft or edition.is_packed:
        return edition.formulas
    known = Formula.objects.definitions(edition.effective_from)
    return {key: known[key] for key in sorted(named_in(_ruled(content), known))}


def _ruled(content: Mapping[str, Any]) -> list[Any]:
    return [content["criteria"], content["awards"]]


def _written(edition: Edition) -> dict[str, Any]:
    return {
        "effective_from": edition.effective_from.isoformat(),
        "notices": edition.notices,
        **_row(places=edition.places),
        "criteria": [
            _row(
                code=criterion.code,
                kind=criterion.kind,
                text=criterion.text,
                sentence=criterion.sentence,
                rule=criterion.rule,
                when=criterion.when,
                reason=criterion.reason,
                sources=_sources(criterion),
            )
            for criterion in edition.criteria.all()
        ],
        "awards": [_award_content(award) for award in edition.awards.all()],
        "materials": [
            _row(name=material.name, note=material.note, proves=material.proves)
            for material in edition.materials.all()
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
    # A draft has no place among the others yet.
    ends = edition.own_end if edition.is_draft else edition.ends
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
        "ends": ends.isoformat() if ends else None,
        "is_retired": edition.status == Edition.Status.RETIRED,
        "is_published": not edition.is_draft,
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
        joint_cap=award.joint_cap,
        only_highest=award.only_highest,
        claw_back=award.claw_back,
        conflicts=award.conflicts,
        sources=_sources(award),
    )


def without_sentences(criteria: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of criteria by what they test, however it is told."""
    return _silent(list(criteria))


def without_proofs(materials: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of materials by what is handed in, whatever it bears out."""
    return [{name: value for name, value in row.items() if name != "proves"} for row in materials]


def _silent(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _silent(item) for name, item in value.items() if name != "sentence"}
    return [_silent(item) for item in value] if isinstance(value, list) else value


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
    edition: Edition, content: Mapping[str, Any], documents: Mapping[str, Document], first: int = 1
) -> None:
    """Create the rows of `content`, which edition_content would give back, from a position on."""
    citations: list[Citation] = []
    criteria = Criterion.objects.bulk_create(
        Criterion(
            edition=edition,
            position=position,
            **{key: value for key, value in row.items() if key != "sources"},
        )
        for position, row in enumerate(content["criteria"], first)
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
        for position, row in enumerate(content["awards"], first)
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
            for position, row in enumerate(content[key], first)
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


def examples_of(edition: Edition) -> list[dict[str, Any]]:
    """The edition's examples in the shape of a pack, beside its content: they are no part of it."""
    return [
        {
            "title": example.title,
            "on": example.on.isoformat(),
            "firm": example.firm,
            **_row(criteria=example.criteria, money=example.money),
        }
        for example in edition.examples.all()
    ]


def write_examples(edition: Edition, examples: Iterable[Mapping[str, Any]]) -> None:
    """Create the rows of `examples`, which examples_of would give back."""
    Example.objects.bulk_create(
        Example(edition=edition, position=position, **row)
        for position, row in enumerate(examples, 1)
    )


def texts_in(value: Any) -> Iterator[str]:
    """Every text of what is written in JSON, the names of its parts too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield name
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
