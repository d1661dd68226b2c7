"""Merging a pack into rows that editors may have changed: theirs stays, and is told.

A value of a pack is taken where the row still has what a pack put there last. Where an editor has
put something else it stays; so does a deletion.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.db.models.fields.related import ForeignKey

from policies.catalogue.models import PackedRow

Values = dict[str, Any]
GONE = object()


@dataclass
class Merged:
    """`values`: what the row is to hold; `loaded`: what packs put there last, as far as it still
    tells anything; `kept`: the names where the pack says otherwise than an editor."""

    values: Values = field(default_factory=dict)
    loaded: Values = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)


def merge(now: Mapping[str, Any], wanted: Mapping[str, Any], loaded: Mapping[str, Any]) -> Merged:
    """Name by name; a mapping, such as a fact's choices, again name by name. All as `plain` gives it."""
    merged = Merged()
    for name in [*wanted, *(name for name in now if name not in wanted)]:
        own, packed, last = (each.get(name, GONE) for each in (now, wanted, loaded))
        if own in (packed, last):
            own = last = packed
        elif isinstance(own, dict) and isinstance(packed, dict):
            inner = merge(own, packed, last if isinstance(last, dict) else {})
            own, last = inner.values, inner.loaded
            merged.kept += [name] if inner.kept else []
        else:
            merged.kept.append(name)
        merged.values |= {} if own is GONE else {name: own}
        merged.loaded |= {} if last is GONE else {name: last}
    return merged


def plain(value: Any) -> Any:
    """The same in JSON, however numbers are written."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def value_of(row: Model, name: str) -> Any:
    """Of a field by the name of its attribute; of a field with many rows their keys, sorted."""
    if row._meta.get_field(name).many_to_many:
        return sorted(each.pk for each in getattr(row, name).all())
    return getattr(row, name)


def in_words(row: Model, name: str, value: Any) -> str:
    """A value as an editor reads it."""
    its = row._meta.get_field(name)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(its, ForeignKey) and value is not None:
        return str(its.related_model._base_manager.filter(pk=value).first() or value)
    if isinstance(value, dict):
        return "；".join(f"{code} {text}" for code, text in value.items())
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(dict(its.flatchoices).get(value, value))


class PackedRows:
    """The record of what packs loaded: read once, written when the load is done.

    What parts of a catalogue loaded is kept apart from what the whole did: neither takes back the
    other's.
    """

    def __init__(self, *, is_part: bool) -> None:
        self._of = "+" if is_part else ""
        self._known = {(row.kind, row.key): row for row in PackedRow.objects.all()}
        self._touched: set[tuple[str, str]] = set()
        self._forgotten: list[int] = []

    def loaded(self, model: type[Model], key: str) -> Values | None:
        """None for what no pack ever loaded."""
        row = self._known.get(self._place(model, key))
        return row.loaded if row else None

    def keys(self, model: type[Model], beginning: str) -> list[str]:
        kind, beginning = self._place(model, beginning)
        return [
            key.removeprefix(self._of)
            for own, key in self._known
            if own == kind and key.startswith(beginning)
        ]

    def put(self, model: type[Model], key: str, loaded: Values) -> None:
        place = self._place(model, key)
        row = self._known.setdefault(place, PackedRow(kind=place[0], key=place[1]))
        if row.pk is None or row.loaded != loaded:
            row.loaded = loaded
            self._touched.add(place)

    def forget(self, model: type[Model], key: str) -> None:
        row = self._known.pop(self._place(model, key))
        self._forgotten += [row.pk] if row.pk else []

    def _place(self, model: type[Model], key: str) -> tuple[str, str]:
        return str(model._meta.model_name), f"{self._of}{key}"

    def save(self) -> None:
        touched = [self._known[place] for place in sorted(self._touched & self._known.keys())]
        PackedRow.objects.bulk_create([row for row in touched if row.pk is None])
        PackedRow.objects.bulk_update([row for row in touched if row.pk], ["loaded"])
        PackedRow.objects.filter(pk__in=self._forgotten).delete()
