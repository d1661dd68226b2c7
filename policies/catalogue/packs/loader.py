"""Loading the packs: check everything first, then write it in one transaction."""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models, transaction

from policies.catalogue.editions import (
    EditionError,
    digest_of,
    discard_edition,
    put_in_force,
    write_content,
)
from policies.catalogue.models import Conflict, Contact, Document, Edition, Fact, Programme, Window
from policies.catalogue.packs.catalogue_pack import Packs, ProgrammePack, read_packs
from policies.catalogue.packs.problem import Problems
from policies.catalogue.packs.reader import Mapping
from portal.models import Jurisdiction
from portal.refusals import refused_fields

# What a programme gives where its pack does not say more exactly.
BENEFIT_OF_KIND = {
    "cash": Programme.Benefit.MONEY,
    "rebate": Programme.Benefit.MONEY,
    "price_cut": Programme.Benefit.MONEY,
    "priority": Programme.Benefit.SERVICE,
    "service": Programme.Benefit.SERVICE,
    "duty": Programme.Benefit.SERVICE,
}


@dataclass
class Counts:
    """How many rows of each kind were new, changed or as before."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, outcome: str) -> None:
        counts = getattr(self, outcome)
        counts[what] = counts.get(what, 0) + 1


def load_packs(folder: Path) -> Counts:
    """Load every pack below `folder`; a PackError means that nothing was changed."""
    pack = read_packs(folder)
    with transaction.atomic():
        return _Loading(pack).run()


class _Loading:
    def __init__(self, pack: Packs) -> None:
        self.pack, self.counts, self.problems = pack, Counts(), Problems()

    def run(self) -> Counts:
        for position, row in enumerate(self.pack.fact_rows, 1):
            self._save(Fact, "key", row, _fact_fields(row, position))
        for row in self.pack.jurisdictions:
            fields = {"name": row["name"], "level": row["level"], "parent_id": row.get("parent")}
            self._save(Jurisdiction, "code", row, fields)
        for row in self.pack.conflicts:
            self._save(Conflict, "code", row, {"text": row["text"]})
        self._save_documents()
        self.documents = {document.number: document for document in Document.objects.all()}
        for position, programme in enumerate(self.pack.programmes, 1):
            self._save_programme(programme, position)
        self.problems.raise_if_any()
        return self.counts

    def _save(
        self, model: type[models.Model], key: str, packed: Mapping, fields: dict[str, Any]
    ) -> models.Model:
        """Create or update one row, writing only when something differs and nothing refuses it."""
        value = packed[key]
        row = self._existing(model, key).get(value)
        if row is None:
            row = model._default_manager.create(**{key: value}, **fields)
            self._existing(model, key)[value] = row
            self.counts.add(str(model._meta.verbose_name), "new")
            return row
        differing = [name for name, wanted in fields.items() if getattr(row, name) != wanted]
        if differing:
            for name in differing:
                setattr(row, name, fields[name])
            names = [name.removesuffix("_id") for name in differing]
            refused = refused_fields(row, names)
            for name, refusal in refused.items():
                self.problems.add(packed, name, refusal)
            if refused:
                return row
            row.save()
            self.counts.add(str(model._meta.verbose_name), "changed")
        else:
            self.counts.add(str(model._meta.verbose_name), "same")
        return row

    def _existing(self, model: type[models.Model], key: str) -> dict[str, Any]:
        cache = self.__dict__.setdefault("_rows", {})
        if model not in cache:
            cache[model] = {getattr(row, key): row for row in model._default_manager.all()}
        return cache[model]

    def _save_documents(self) -> None:
        known = {row["number"]: row for row in self.pack.documents}
        saved: dict[str, Any] = {}

        def save(row: Mapping) -> Any:
            if row["number"] not in saved:
                newer = row.get("superseded_by")
                fields = {
                    "title": row["title"],
                    "issuer": row["issuer"],
                    "issued_on": _day(row.get("issued_on")),
                    "note": row.get("note") or "",
                    "superseded_by_id": save(known[newer]).pk if newer else None,
                }
                saved[row["number"]] = self._save(Document, "number", row, fields)
            return saved[row["number"]]

        for row in self.pack.documents:
            save(row)

    def _save_programme(self, pack: ProgrammePack, position: int) -> None:
        row = pack.row
        fields = {
            "position": position,
            "family": pack.family,
            "area_id": row["area"],
            "benefit": row.get("benefit") or BENEFIT_OF_KIND[row["kind"]],
            "tier_fact": (row.get("tier") or {}).get("fact", ""),
            "tier_code": (row.get("tier") or {}).get("code", ""),
            **{name: row[name] for name in ("name", "summary", "kind", "beneficiary", "screened")},
        }
        programme = self._save(Programme, "id", row, fields)
        wanted = set(row.get("conflicts") or ())
        if {conflict.pk for conflict in programme.conflicts.all()} != wanted:
            programme.conflicts.set(wanted)
            programme.save(update_fields=["updated_at"])
        self._save_contacts(programme, pack.contacts)
        self._save_windows(programme, pack.windows)
        for edition_row, content in pack.editions:
            self._save_edition(programme, edition_row, content)

    def _save_contacts(self, programme: Programme, rows: list[dict[str, Any]]) -> None:
        fields = ("jurisdiction_id", "office", "telephone", "note")
        before = sorted(programme.contacts.values_list(*fields))
        if before == sorted(tuple(row[name] for name in fields) for row in rows):
            return
        programme.contacts.all().delete()
        for row in rows:
            Contact.objects.create(programme=programme, **row)

    def _save_windows(self, programme: Programme, rows: list[dict[str, Any]]) -> None:
        """Windows by title; those that editors added stay."""
        known = {window.title: window for window in programme.windows.all()}
        for row in rows:
            fields = {name: value for name, value in row.items() if name != "document"}
            fields["document_id"] = self.documents[row["document"]].pk
            window = known.get(row["title"], Window(programme=programme))
            if any(getattr(window, name, None) != value for name, value in fields.items()):
                outcome = "changed" if window.pk else "new"
                for name, value in fields.items():
                    setattr(window, name, value)
                window.save()
            else:
                outcome = "same"
            self.counts.add("申报时间", outcome)

    def _save_edition(
        self, programme: Programme, row: Mapping, content: AnyMapping[str, Any]
    ) -> None:
        digest = digest_of(content)
        starts = date.fromisoformat(row["effective_from"])
        existing = programme.editions.filter(effective_from=starts).first()
        if existing and existing.digest == digest:
            self.counts.add("版本", "same")
            return
        if existing and existing.is_draft:
            expected = "这一天已有一份草稿，请先在后台发布或删除，或另起一个起用日期"
            self.problems.add(row, "effective_from", expected)
            return
        if existing:
            try:
                discard_edition(existing)
            except EditionError as error:
                self.problems.add(row, "effective_from", str(error))
                return
        edition = Edition.objects.create(
            programme=programme,
            effective_from=starts,
            ends=_day(row.get("ends")),
            notices=content["notices"],
            digest=digest,
        )
        write_content(edition, content, self.documents)
        put_in_force(edition)
        self.counts.add("版本", "changed" if existing else "new")


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _fact_fields(row: Mapping, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "section": row["section"],
        "label": row["label"],
        "type": row["type"],
        "unit": row.get("unit") or "",
        "choices": row.get("choices") or {},
        "minimum": _decimal(row.get("minimum")),
        "maximum": _decimal(row.get("maximum")),
        "decimals": row.get("decimals"),
        "changeable": bool(row.get("changeable")),
        "question": row.get("question") or "",
        "help": row.get("help") or "",
    }
