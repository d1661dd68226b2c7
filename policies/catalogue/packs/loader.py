"""Loading the packs: check everything first, then write it in one transaction.

A published edition whose pack has changed is corrected from the same day, as an editor would do
it. What editors published, corrected or withdrew themselves stays theirs: the load lists it.
"""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models, transaction

from policies.catalogue.content import digest_of, write_content
from policies.catalogue.editions import locked_programme, put_in_force, replace_edition
from policies.catalogue.models import Conflict, Contact, Document, Edition, Fact, Programme, Window
from policies.catalogue.packs.catalogue_pack import Packs, ProgrammePack, read_packs
from policies.catalogue.packs.problem import Problems
from policies.catalogue.packs.reader import Mapping
from portal.models import Jurisdiction
from portal.refusals import refused_fields

CORRECTED_BY_PACK = "随目录更新更正：已按来源文件重新核对"
KEPT_EDITED = "后台改过，与目录包不一致；保留后台的，要用目录包的请在后台更正"
KEPT_WITHDRAWN = "已在后台撤回，没有载入"
KEPT_DRAFT = "后台有同一天的草稿，没有动它；目录包的版本已发布"

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
    """How many rows of each kind were new, changed or as before.

    `corrected` names each edition that was replaced from the same day, and why; `kept` each one
    where the pack says otherwise and what editors did stays.
    """

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    corrected: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def add(self, what: str, outcome: str) -> None:
        counts = getattr(self, outcome)
        counts[what] = counts.get(what, 0) + 1


def load_packs(folder: Path, now: datetime) -> Counts:
    """Load every pack below `folder`; a PackError means that nothing was changed."""
    pack = read_packs(folder)
    with transaction.atomic():
        return _Loading(pack, now).run()


class _Loading:
    def __init__(self, pack: Packs, now: datetime) -> None:
        self.now = now
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
        starts, own_end = date.fromisoformat(row["effective_from"]), _day(row.get("ends"))
        of_that_day = list(programme.editions.filter(effective_from=starts))
        standing = next((each for each in of_that_day if each.is_standing), None)
        told = f"{programme}（{programme.pk}）{starts} 起的版本"
        if standing and _says_the_same(standing, digest_of(content), own_end):
            self.counts.add("版本", "same")
        elif standing and not standing.is_packed:
            self.counts.kept.append(f"{told}：{KEPT_EDITED}")
        elif not standing and any(not each.is_draft for each in of_that_day):
            self.counts.kept.append(f"{told}：{KEPT_WITHDRAWN}")
        else:
            locked_programme(programme.pk)
            edition = Edition.objects.create(
                programme=programme,
                effective_from=starts,
                own_end=own_end,
                corrects=standing,
                notices=content["notices"],
                is_packed=True,
            )
            write_content(edition, content, self.documents)
            if standing:
                reason = row.get("corrected_because") or CORRECTED_BY_PACK
                replace_edition(standing, edition, reason, self.now)
                self.counts.corrected.append(f"{told}：{reason}")
            else:
                put_in_force(edition)
                if of_that_day:
                    self.counts.kept.append(f"{told}：{KEPT_DRAFT}")
            self.counts.add("版本", "changed" if standing else "new")


def _says_the_same(edition: Edition, digest: str, own_end: date | None) -> bool:
    """Of what is retired, the end is an editor's."""
    is_retired = edition.status == Edition.Status.RETIRED
    return edition.digest == digest and (is_retired or edition.own_end == own_end)


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
