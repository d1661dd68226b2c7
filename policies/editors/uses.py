"""Whose programmes use a row that several may share."""

from functools import singledispatch
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from policies.catalogue.models import (
    Award,
    Clause,
    Conflict,
    Criterion,
    Document,
    Fact,
    Formula,
    Office,
    Programme,
    Synonym,
    Tranche,
)
from policies.catalogue.shared_guards import RULE_COLUMNS
from policies.rules.derived import BUILT_IN
from policies.self_check.questionnaire import FIRST_QUESTIONS

EVERYBODYS = BUILT_IN.union(FIRST_QUESTIONS)
EDITION_OF = {Criterion: "edition", Award: "edition", Tranche: "award__edition"}


@singledispatch
def areas_using(row: Any) -> frozenset[str] | None:
    """The codes of the areas whose programmes use the row; None where everybody does.

    What nothing uses yet belongs to the place of whoever made it. Places and days off are
    everybody's: firms, cases and payments hang on them too.
    """
    return None


@areas_using.register
def _(row: Fact) -> frozenset[str] | None:
    if row.key in EVERYBODYS:
        return None
    used = _named(row.key) | Q(tier_fact=row.key)
    for key in _formulas_of(row.key):
        used |= _named(key)
    return _areas(used) or place_of_maker(row)


@areas_using.register
def _(row: Document) -> frozenset[str] | None:
    criteria = Criterion.objects.filter(citations__document=row).values("edition")
    awards = Award.objects.filter(citations__document=row).values("edition")
    citing = Q(editions__in=criteria) | Q(editions__in=awards) | Q(windows__document=row)
    citing |= Q(calls__document=row)
    return _areas(citing) or place_of_maker(row)


@areas_using.register
def _(row: Clause) -> frozenset[str] | None:
    return areas_using(row.document)


@areas_using.register
def _(row: Conflict) -> frozenset[str] | None:
    said = Q(editions__criteria__reason=row.code) | Q(editions__awards__same_money=row.code)
    return _areas(_named(row.code) | said | Q(conflicts=row)) or place_of_maker(row)


@areas_using.register
def _(row: Office) -> frozenset[str] | None:
    return _areas(Q(contacts__office=row)) or place_of_maker(row)


@areas_using.register
def _(row: Synonym) -> frozenset[str] | None:
    return place_of_maker(row)


def areas_named(word: str) -> frozenset[str]:
    """The areas of the programmes whose rules or amounts name the word."""
    return _areas(_named(word))


def _areas(used: Q) -> frozenset[str]:
    return frozenset(Programme.objects.filter(used).values_list("area_id", flat=True))


def _named(word: str) -> Q:
    """Programmes with a rule or an amount of any edition, also a draft, that names the word."""
    found = Q()
    for model, path in EDITION_OF.items():
        names = [column.strip('"') for column in RULE_COLUMNS[model._meta.db_table]]
        rows = model.objects.alias(**{f"{name}_text": Cast(name, TextField()) for name in names})
        says = Q.create([(f"{name}_text__contains", f'"{word}"') for name in names], connector=Q.OR)
        found |= Q(editions__in=rows.filter(says).values(path))
    return found


def _formulas_of(fact: str) -> set[str]:
    """The keys of the formulas that name a fact."""
    rows = Formula.objects.alias(text=Cast("quantity", TextField()))
    return set(rows.filter(text__contains=f'"{fact}"').values_list("key", flat=True))


def place_of_maker(row: Any) -> frozenset[str] | None:
    """Rows that nobody's hand made, and those of who has no place, are everybody's."""
    made = row.history.filter(history_type="+").select_related("history_user").last()
    maker = made and made.history_user
    return frozenset({maker.jurisdiction_code}) if maker and maker.jurisdiction_code else None
