"""What loading a pack would change, in words: it is loaded, told, and taken back."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from policies.catalogue.content import edition_content
from policies.catalogue.models import Fact
from policies.catalogue.packs.catalogue_pack import Packs
from policies.catalogue.packs.loader import Counts, LoadedEdition, load_read
from policies.presentation.changes import changes_between
from portal.models import Jurisdiction

NOTHING: dict[str, Any] = {"criteria": [], "awards": [], "materials": [], "steps": []}


@dataclass(frozen=True)
class EditionDifference:
    """`lines` name each criterion, award, material and step that is new, gone or another."""

    what: str
    is_correction: bool
    lines: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{'更正' if self.is_correction else '新增'}{self.what}"


@dataclass(frozen=True)
class Difference:
    """`rows`: what is added, changed and deleted of all else; `kept`: what stays though the pack says
    otherwise, and why; `same`: how many rows of each kind change in nothing."""

    rows: tuple[str, ...]
    editions: tuple[EditionDifference, ...]
    kept: tuple[str, ...]
    same: dict[str, int]

    def __bool__(self) -> bool:
        return bool(self.rows or self.editions)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> "Difference":
        """What `as_data` wrote."""
        editions = tuple(
            EditionDifference(each["what"], each["is_correction"], tuple(each["lines"]))
            for each in data.get("editions", ())
        )
        rows, kept = (tuple(data.get(name, ())) for name in ("rows", "kept"))
        return cls(rows, editions, kept, data.get("same", {}))

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def same_in_words(self) -> str:
        return "，".join(f"{kind} {number}" for kind, number in self.same.items())

    def lines(self) -> Iterator[str]:
        """One after the other, for a terminal."""
        yield from self.rows
        for edition in self.editions:
            yield edition.title
            yield from (f"  {line}" for line in edition.lines)
        yield from (f"与目录包不同：{line}" for line in self.kept)
        if self.same:
            yield f"未变：{self.same_in_words}"


def difference_of(pack: Packs, now: datetime, *, as_drafts: bool = False) -> Difference:
    """What `load_read` would do; PackError where it would be refused."""
    with transaction.atomic():
        try:
            return _told(load_read(pack, now, as_drafts=as_drafts))
        finally:
            transaction.set_rollback(True)


def _told(counts: Counts) -> Difference:
    facts = {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()}
    places = {place.pk: place for place in Jurisdiction.objects.all()}
    return Difference(
        rows=tuple(counts.rows),
        editions=tuple(_edition(each, facts, places) for each in counts.editions),
        kept=tuple(counts.kept),
        same=counts.same,
    )


def _edition(loaded: LoadedEdition, facts: Any, places: Any) -> EditionDifference:
    before = edition_content(loaded.corrects) if loaded.corrects else NOTHING
    changes = changes_between(before, loaded.content, facts, places)
    return EditionDifference(loaded.what, bool(loaded.corrects), tuple(map(str, changes)))
