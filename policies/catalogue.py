"""The catalogue for the pages and commands: facts and compiled editions, cached by content."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Max

from policies.editions import CONTENT, edition_content
from policies.models import Conflict, Document, Edition, Fact, Jurisdiction
from policies.presentation import Vocabulary
from policies.rules import edition as rules
from policies.rules.edition import compile_edition
from policies.rules.facts import Fact as RuleFact

Stamp = tuple[Any, ...]

# One process keeps the last facts, and each edition compiled with them.
_facts: dict[Stamp, dict[str, RuleFact]] = {}
_compiled: dict[Stamp, rules.Edition] = {}
MOST_COMPILED = 2000


def _facts_stamp() -> Stamp:
    stamp = Fact.objects.aggregate(latest=Max("updated_at"), number=Count("key"))
    return (stamp["latest"], stamp["number"])


def facts() -> dict[str, RuleFact]:
    """What may be asked, by key, in the order of the questionnaire."""
    return _facts_at(_facts_stamp())


def _facts_at(stamp: Stamp) -> dict[str, RuleFact]:
    found = _facts.get(stamp)
    if found is None:
        found = {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()}
        _facts.clear()
        _compiled.clear()
        _facts[stamp] = found
    return found


def editions_in_force(
    on: date, programmes: Iterable[str] | None = None, *, screened_only: bool = True
) -> tuple[rules.Edition, ...]:
    """The compiled editions in force on a day, by default of programmes that are screened.

    Two small queries when nothing has changed; otherwise the changed ones are read at once.
    """
    wanted = Edition.objects.in_force(on)
    if screened_only:
        wanted = wanted.filter(programme__screened=True)
    if programmes is not None:
        wanted = wanted.filter(programme__in=list(programmes))
    facts_stamp = _facts_stamp()
    known = _facts_at(facts_stamp)
    stamps: dict[int, Stamp] = {
        pk: (pk, digest, changed, facts_stamp)
        for pk, digest, changed in wanted.order_by(
            "programme__position", "programme_id"
        ).values_list("pk", "digest", "programme__updated_at")
    }
    found = {stamp: _compiled.get(stamp) for stamp in stamps.values()}
    lacking = [pk for pk, stamp in stamps.items() if found[stamp] is None]
    if len(_compiled) > MOST_COMPILED:
        _compiled.clear()
    for edition in _with_content(Edition.objects.filter(pk__in=lacking)) if lacking else ():
        stamp = stamps[edition.pk]
        found[stamp] = _compiled[stamp] = compile_edition(edition_data(edition), known)
    return tuple(edition for edition in found.values() if edition)


def _with_content(editions: Any) -> Any:
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
        "area": programme.area_id,
        "beneficiary": programme.beneficiary,
        "screened": programme.screened,
        "conflicts": [conflict.pk for conflict in programme.conflicts.all()],
        **edition_content(edition),
    }


def areas() -> dict[str, Jurisdiction]:
    """Every jurisdiction by its code."""
    return {place.pk: place for place in Jurisdiction.objects.all()}


def vocabulary(known_facts: Mapping[str, RuleFact]) -> Vocabulary:
    """What the codes of an answer stand for: two queries."""
    return Vocabulary(
        facts=known_facts,
        conflicts=dict(Conflict.objects.values_list("code", "text")),
        issued=dict(Document.objects.values_list("number", "issued_on")),
    )
