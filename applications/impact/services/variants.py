"""Variants of a draft: kept beside it, and written into it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction

from applications.impact.models import Variant
from applications.impact.models.variant import MOST_VARIANTS
from applications.impact.services.numbers import (
    Number,
    NumbersChangedError,
    numbers_of,
    plain_number,
    replaced,
    shown,
)
from applications.impact.services.plans import content_of
from policies.catalogue.content import edition_data, with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import locked_programme
from policies.catalogue.models import Award, Criterion, Edition, Tranche
from policies.rules.read_edition import read_edition

NOT_A_DRAFT = "这个版本已经发布，内容不能再改，也不再试方案。"
TOO_MANY = f"一份草稿最多试 {MOST_VARIANTS} 个方案，请先删掉一个。"
NOTHING_CHANGED = "还没有改动任何数字，请至少改一个。"
NOT_COMPILED = "照这些数字不能测算：{fault}"
SAME_TITLE = "这份草稿已有同名的方案。"
TAKEN = "取用方案“{title}”：{numbers}"


class VariantError(Exception):
    """A variant that cannot be kept or used; the message says why, in Chinese."""


def draft_numbers(edition: Edition) -> list[Number]:
    """The numbers of a draft as it is now."""
    return numbers_of(content_of(edition), Catalogue().facts)


def as_kept(numbers: Mapping[str, Decimal], known: Iterable[Number]) -> list[dict[str, str]]:
    """What a variant keeps of new values by path."""
    return [
        {
            "path": each.path,
            "was": f"{each.value:f}",
            "shown": each.shown,
            "value": f"{numbers[each.path]:f}",
            "becomes": shown(numbers[each.path], each.unit),
            "words": f"{each.group}：{each.words}",
        }
        for each in known
        if each.path in numbers and numbers[each.path] != each.value
    ]


@transaction.atomic
def save_variant(variant: Variant) -> None:
    """Keep a variant that compiles; VariantError where it does not, or where there are too many."""
    edition = _locked_draft(variant.edition)
    others = Variant.objects.filter(edition=edition).exclude(pk=variant.pk)
    if variant.pk is None and others.count() >= MOST_VARIANTS:
        raise VariantError(TOO_MANY)
    if others.filter(title=variant.title).exists():
        raise VariantError(SAME_TITLE)
    if not variant.numbers:
        raise VariantError(NOTHING_CHANGED)
    data = edition_data(with_content(Edition.objects.filter(pk=edition.pk)).get())
    try:
        made = replaced(data, variant.numbers)
    except NumbersChangedError as error:
        raise VariantError(str(error)) from error
    if fault := read_edition(made, Catalogue().facts).fault:
        raise VariantError(NOT_COMPILED.format(fault=fault))
    variant.save()


@transaction.atomic
def use_variant(variant: Variant, user: Any) -> None:
    """Write its numbers into the rows of the draft, each on record; the variant is then the draft's.

    VariantError where the edition is no draft any more, where a number was changed meanwhile, or where
    the draft would not compile.
    """
    edition = _locked_draft(variant.edition)
    variant = Variant.objects.filter(pk=variant.pk, edition=edition).first() or _gone()
    try:
        replaced(content_of(edition), variant.numbers)
    except NumbersChangedError as error:
        raise VariantError(str(error)) from error
    rows: dict[tuple[type, int], models.Model] = {}
    changed: dict[tuple[type, int], list[str]] = {}
    for each in variant.numbers:
        row, field, rest = _row_of(edition, each["path"])
        row = rows.setdefault((type(row), row.pk), row)
        setattr(row, field, _written(getattr(row, field), rest, each["value"]))
        changed.setdefault((type(row), row.pk), []).append(f"{each['shown']} → {each['becomes']}")
    for key, row in rows.items():
        row.save()
        told = TAKEN.format(title=variant.title, numbers="、".join(changed[key]))
        _record(row, told, user)
        if not isinstance(row, Edition):
            _record(edition, f"{row._meta.verbose_name} {row}，{told}", user)
    data = edition_data(with_content(Edition.objects.filter(pk=edition.pk)).get())
    if fault := read_edition(data, Catalogue().facts).fault:
        raise VariantError(NOT_COMPILED.format(fault=fault))
    variant.delete()


def _gone() -> Variant:
    raise VariantError("这个方案已被删除。")


def _locked_draft(edition: Edition) -> Edition:
    """The draft as it stands now, with its programme locked: nobody publishes it meanwhile."""
    locked_programme(edition.programme_id)
    found = Edition.objects.select_for_update(of=("self",)).filter(pk=edition.pk).first()
    if found is None or not found.is_draft:
        raise VariantError(NOT_A_DRAFT)
    return found


def _row_of(edition: Edition, path: str) -> tuple[Any, str, list[str]]:
    """The row that holds a number, its field, and the way within the field."""
    first, *rest = path.split("/")
    if first == "places":
        return edition, "places", rest
    place, *rest = rest
    if first == "criteria":
        row: Criterion | Award | Tranche = edition.criteria.all()[int(place)]
    else:
        row = edition.awards.all()[int(place)]
        if rest[0] == "tranches":
            row, rest = row.tranches.all()[int(rest[1])], rest[2:]
    field, *rest = rest
    return row, field, rest


def _written(value: Any, rest: list[str], number: str) -> Any:
    """The value of a field with the number at its place."""
    found = Decimal(number)
    if not rest:
        return found if isinstance(value, Decimal) else plain_number(found)
    owner = value
    for name in rest[:-1]:
        owner = owner[int(name)] if isinstance(owner, list) else owner[name]
    last = int(rest[-1]) if isinstance(owner, list) else rest[-1]
    owner[last] = plain_number(found)
    return value


def _record(row: Any, told: str, user: Any) -> None:
    LogEntry.objects.log_actions(user.pk, [row], CHANGE, change_message=told, single_object=True)
