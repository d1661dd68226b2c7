"""Loading the packs: check everything first, then write it in one transaction.

A published edition whose pack has changed is corrected from the same day, as an editor would do
it. What editors published, corrected or withdrew themselves stays theirs, and so does whatever they
changed or deleted of the other rows since a pack put it there: the load lists it. A deleted row comes
back only where the packs themselves name it.
"""

import json
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from policies.catalogue.content import (
    digest_of,
    edition_content,
    examples_of,
    without_proofs,
    without_sentences,
    write_content,
    write_examples,
)
from policies.catalogue.editions import locked_programme, put_in_force, replace_edition
from policies.catalogue.models import (
    Clause,
    Conflict,
    Contact,
    Document,
    Edition,
    Fact,
    Formula,
    Office,
    Programme,
    Synonym,
    Window,
)
from policies.catalogue.packs.catalogue_pack import Beside, Packs, ProgrammePack, read_packs
from policies.catalogue.packs.formulas_pack import formula_name
from policies.catalogue.packs.packed_rows import (
    PackedRows,
    Values,
    in_words,
    merge,
    plain,
    value_of,
)
from policies.catalogue.packs.problem import Problems
from policies.catalogue.packs.reader import Mapping
from policies.catalogue.screening import set_screened
from portal.models import Jurisdiction
from portal.refusals import refused_fields

WORDED_BY_PACK = "随目录更新：只改了条件的说法，或写明了材料证明什么，条件、金额和材料都没有变"
CORRECTED_BY_PACK = "随目录包更新更正，目录包没有写明原因"
KEPT_EDITED = "后台改过，与目录包不一致；保留后台的，要用目录包的请在后台更正"
KEPT_WITHDRAWN = "已在后台撤回，没有载入"
KEPT_VALUE = "“{label}”后台是“{own}”，目录包是“{packed}”，保留后台的"
KEPT_WHOLE = "后台改过，和目录包新的内容合不到一起（{why}），整条保留后台的"
KEPT_DELETED = "已在后台删除，没有载入"
KEPT_DROPPED = "目录包里已没有，但后台改过，保留后台的"
CAME_BACK = "后台删除过，但目录包用到它，已重新载入"
BY_PACK = "随目录更新载入"
KEPT_OWN_DRAFT = "后台有同一天的草稿，没有动它，也没有载入目录包的"
KEPT_DRAFT = "后台有同一天的草稿，没有动它；目录包的版本已发布"

# What two packs may both add to.
GROWING = ("choices", "parts")
# What a programme gives where its pack does not say more exactly.
BENEFIT_OF_KIND = {
    "cash": Programme.Benefit.MONEY,
    "rebate": Programme.Benefit.MONEY,
    "price_cut": Programme.Benefit.MONEY,
    "priority": Programme.Benefit.SERVICE,
    "service": Programme.Benefit.SERVICE,
    "duty": Programme.Benefit.SERVICE,
}


@dataclass(frozen=True)
class LoadedEdition:
    """`what` is the programme and the day; `content` in the shape of a pack."""

    what: str
    corrects: Edition | None
    content: AnyMapping[str, Any]


@dataclass
class Counts:
    """How many rows of each kind were new, changed or as before.

    `corrected` names each edition that was replaced from the same day, and why; `kept` each edition
    or row where the pack says otherwise and what editors did stays. `rows` tell in words what
    became of each row, `editions` hold what each new one says, and what it takes the place of.
    """

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    corrected: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    editions: list["LoadedEdition"] = field(default_factory=list)

    def add(self, what: str, outcome: str) -> None:
        counts = getattr(self, outcome)
        counts[what] = counts.get(what, 0) + 1


def load_packs(folder: Path, now: datetime) -> Counts:
    """Load every pack below `folder`; a PackError means that nothing was changed."""
    return load_read(read_beside(folder), now)


def read_beside(folder: Path, *, is_part: bool = False) -> Packs:
    """Read the packs below `folder`; what is only a part may rest on what the database has."""
    facts = {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()}
    kinds = {
        "jurisdiction": Jurisdiction.objects.values_list("pk", flat=True),
        "document": Document.objects.values_list("number", flat=True),
        "conflict": Conflict.objects.values_list("pk", flat=True),
        "programme": Programme.objects.values_list("pk", flat=True),
    }
    codes = {kind: set(found) for kind, found in kinds.items()}
    formulas = [{"key": row.key, **row.definition} for row in Formula.objects.all()]
    return read_packs(folder, Beside(facts, codes, formulas), is_part=is_part)


@transaction.atomic
def load_read(pack: Packs, now: datetime, *, as_drafts: bool = False) -> Counts:
    """Load packs that were read.

    `as_drafts`: what is new of editions waits to be published, and of what is there already
    nothing changes; it only gets more.

    A PackError means that nothing was changed, as long as the caller undoes its transaction too.
    """
    return _Loading(pack, now, as_drafts=as_drafts).run()


class _Loading:
    def __init__(self, pack: Packs, now: datetime, *, as_drafts: bool) -> None:
        self.now, self.as_drafts = now, as_drafts
        self.pack, self.counts, self.problems = pack, Counts(), Problems()
        self.packed = PackedRows(is_part=pack.is_part)
        self.offices: dict[tuple[str, str, str], Office] = {}

    def run(self) -> Counts:
        for position, row in enumerate(self.pack.fact_rows, self._first_position(Fact)):
            self._save_shared(Fact, "key", row, _fact_fields(row, position))
        self._save_formulas()
        for row in self.pack.jurisdictions:
            fields = {"name": row["name"], "level": row["level"], "parent_id": row.get("parent")}
            self._save_shared(Jurisdiction, "code", row, fields)
        for row in self.pack.conflicts:
            self._save_shared(Conflict, "code", row, {"text": row["text"]})
        for row in self.pack.synonyms:
            self._save_shared(Synonym, "word", row, {"means": list(row["means"])})
        self._save_documents()
        self.documents = {document.number: document for document in Document.objects.all()}
        self._save_offices()
        first = self._first_position(Programme)
        for position, programme in enumerate(self.pack.programmes, first):
            self._save_programme(programme, position)
        self._drop_offices()
        self._save_clauses()
        self.problems.raise_if_any()
        self.packed.save()
        return self.counts

    def _save_formulas(self) -> None:
        """One row a version, known by its key and its day together."""
        known = {formula_name(row.definition | {"key": row.key}): row
                 for row in Formula.objects.all()}  # fmt: skip
        for row in self.pack.formulas:
            key, name = row["key"], formula_name(row)
            fields = {
                "label": row["label"], "unit": row.get("unit") or "", "quantity": row["quantity"],
            }  # fmt: skip
            if name in known:
                self._update(known[name], name, fields, row)
            elif self.packed.loaded(Formula, name) is None or self._is_named(key):
                new = Formula(key=key, effective_from=_day(row["effective_from"]))
                self._create(new, name, fields)
            else:
                told = f"{Formula._meta.verbose_name} {name}"
                self.counts.kept.append(f"{told}：{KEPT_DELETED}")

    def _first_position(self, model: Any) -> int:
        """What is only a part comes after what is there."""
        last = model.objects.aggregate(last=models.Max("position"))["last"]
        return (last or 0) + 1 if self.pack.is_part else 1

    def _save_shared(
        self, model: type[models.Model], key: str, packed: Mapping, fields: Values
    ) -> Any:
        """Create or update one row by its key; None where an editor deleted it for good."""
        value = packed[key]
        row = self._existing(model, key).get(value)
        if row is not None:
            self._update(row, value, fields, packed)
            return row
        was_loaded = self.packed.loaded(model, value) is not None
        told = f"{model._meta.verbose_name} {value}"
        if was_loaded and not self._is_named(value):
            self.counts.kept.append(f"{told}：{KEPT_DELETED}")
            return None
        if was_loaded:
            self.counts.kept.append(f"{told}：{CAME_BACK}")
        row = self._create(model(**{key: value}), value, fields)
        self._existing(model, key)[value] = row
        return row

    def _create(self, row: models.Model, key: str, fields: Values) -> models.Model:
        _put(row, fields)
        self.packed.put(type(row), key, plain(fields))
        self.counts.add(str(row._meta.verbose_name), "new")
        self.counts.rows.append(f"新增{_named(row, key)}")
        return row

    def _update(self, row: models.Model, key: str, fields: Values, place: Mapping) -> None:
        """Write what the pack changed and no editor did, unless a guard refuses it."""
        if self.pack.is_part:
            fields = self._beside_others(row, fields)
        now = {name: plain(value_of(row, name)) for name in fields}
        loaded = self._last(row, key, fields)
        merged = merge(now, plain(fields), loaded)
        differing = {
            name: fields[name] if value == plain(fields[name]) else value
            for name, value in merged.values.items()
            if value != now[name]
        }
        if self.as_drafts:
            for name in differing.keys() - set(GROWING):
                del differing[name]
                merged.loaded[name] = loaded.get(name)
                merged.kept += [] if name in merged.kept else [name]
        if differing and (why := _misfit(row, differing) if merged.kept else ""):
            told = KEPT_WHOLE.format(why=why)
            self.counts.kept.append(f"{_named(row, key)}：{told}")
            self.counts.add(str(row._meta.verbose_name), "same")
            return
        is_changed = bool(differing)
        screened = differing.pop("screened", None)
        if refused := self._refused(row, differing):
            for name, refusal in refused.items():
                self.problems.add(place, name, refusal)
            return
        named = _named(row, key)
        words = [] if screened is None else [_change_in_words(row, "screened", screened)]
        words += [_change_in_words(row, name, value) for name, value in differing.items()]
        if differing:
            _put(row, differing)
        if screened is not None:
            set_screened(row, is_screened=screened, reason=BY_PACK, now=self.now)
        self.packed.put(type(row), key, merged.loaded)
        self.counts.add(str(row._meta.verbose_name), "changed" if is_changed else "same")
        if is_changed:
            self.counts.rows.append(f"修改{named}：{'；'.join(words)}")
        for name in merged.kept:
            told = KEPT_VALUE.format(
                label=row._meta.get_field(name).verbose_name,
                own=in_words(row, name, value_of(row, name)),
                packed=in_words(row, name, fields[name]),
            )
            self.counts.kept.append(f"{_named(row, key)}：{told}")

    def _beside_others(self, row: models.Model, fields: Values) -> Values:
        """Of a row that others use too, what a part says of it, with what they have there."""
        own = {name: value for name, value in fields.items() if name != "position"}
        if isinstance(row, Fact):
            first, then = row.choices, fields["choices"]
            own["choices"] = {**first, **then, **(first if self.as_drafts else {})}
        if isinstance(row, Clause):
            written = {each.row["id"] for each in self.pack.programmes}
            parts = fields["parts"]
            kept = [part for part in row.parts if part[0] not in written or part in parts]
            own["parts"] = kept + [part for part in parts if part not in kept]
        return own

    def _last(self, row: models.Model, key: str, fields: Iterable[str]) -> Values:
        """What packs put there; of a field that no pack spoke of before, what a new row has."""
        loaded = self.packed.loaded(type(row), key)
        if loaded is None:
            return {}
        new = [name for name in fields if name not in loaded]
        own = {name: row._meta.get_field(name) for name in new}
        return loaded | {
            name: [] if each.many_to_many else plain(each.get_default())
            for name, each in own.items()
        }

    def _refused(self, row: models.Model, values: Values) -> dict[str, str]:

        tried = copy(row)
        for name, value in values.items():
            if not row._meta.get_field(name).many_to_many:
                setattr(tried, name, value)
        return refused_fields(tried, [name.removesuffix("_id") for name in values])

    def _existing(self, model: type[models.Model], key: str) -> dict[str, Any]:
        cache = self.__dict__.setdefault("_rows", {})
        if model not in cache:
            cache[model] = {getattr(row, key): row for row in model._default_manager.all()}
        return cache[model]

    @cached_property
    def _entries(self) -> str:
        """What the packs say of programmes, and which rows point to others, as one text."""
        entries = [
            [each.row, each.editions, each.windows, each.contacts] for each in self.pack.programmes
        ]
        pointing = [row.get("superseded_by") for row in self.pack.documents]
        pointing += [row.get("parent") for row in self.pack.jurisdictions]
        return json.dumps([entries, pointing], ensure_ascii=False, default=str)

    def _is_named(self, word: str) -> bool:
        """Whether the packs name a row elsewhere than in its own entry."""
        return json.dumps(word, ensure_ascii=False) in self._entries

    def _save_documents(self) -> None:
        known = {row["number"]: row for row in self.pack.documents}
        saved: dict[str, Any] = {}

        def save(row: Mapping) -> Any:
            if row["number"] not in saved:
                newer = row.get("superseded_by")
                if newer and newer not in known:
                    saved.setdefault(newer, Document.objects.get(number=newer))
                fields = {
                    "title": row["title"],
                    "issuer": row["issuer"],
                    "issued_on": _day(row.get("issued_on")),
                    "note": row.get("note") or "",
                    "superseded_by_id": (saved.get(newer) or save(known[newer])).pk
                    if newer
                    else None,
                    "superseded_on": _day(row.get("superseded_on")),
                }
                saved[row["number"]] = self._save_shared(Document, "number", row, fields)
            return saved[row["number"]]

        for row in self.pack.documents:
            save(row)

    def _save_clauses(self) -> None:
        wanted: dict[str, dict[str, tuple[Values, Mapping]]] = {}
        for each in self.pack.clauses:
            wanted.setdefault(each.document, {})[each.row["clause"]] = each.fields, each.row
        known: dict[int, dict[str, Clause]] = {}
        for row in Clause.objects.all():
            known.setdefault(row.document_id, {})[row.name] = row
        # Documents of which the packs say nothing are somebody else's.
        for number in dict.fromkeys(row["number"] for row in self.pack.documents):
            if document := self.documents.get(number):
                rows = known.get(document.pk, {})
                self._save_parts(document, rows, Clause, wanted.get(number, {}))

    def _save_programme(self, pack: ProgrammePack, position: int) -> None:
        row = pack.row
        fields = {
            "position": position,
            "family": pack.family,
            "area_id": row["area"],
            "benefit": row.get("benefit") or BENEFIT_OF_KIND[row["kind"]],
            "tier_fact": (row.get("tier") or {}).get("fact", ""),
            "tier_code": (row.get("tier") or {}).get("code", ""),
            **{name: row[name] for name in ("name", "kind", "beneficiary", "screened")},
            "summary": row.get("summary") or "",
            "conflicts": sorted(set(row.get("conflicts") or ())),
        }
        programme = self._save_shared(Programme, "id", row, fields)
        self._save_contacts(programme, pack)
        windows = {
            each["title"]: (
                {name: value for name, value in each.items() if name != "document"}
                | {"document_id": self.documents[each["document"]].pk},
                row,
            )
            for each in pack.windows
        }
        known = {each.title: each for each in programme.windows.all()}
        self._save_parts(programme, known, Window, windows)
        for edition_row, content in pack.editions:
            self._save_edition(programme, edition_row, content)

    def _save_offices(self) -> None:
        """Each office of the packs once, by place, name and telephone, however many programmes name it.

        Of several telephones under one name each is an office of its own.
        """
        telephones: dict[tuple[str, str], dict[str, Mapping]] = {}
        more: dict[tuple[str, str, str], Values] = {}
        for programme in self.pack.programmes:
            for each in programme.contacts:
                own = telephones.setdefault((each["jurisdiction_id"], each["office"]), {})
                own.setdefault(each["telephone"], programme.row)
                office = each["jurisdiction_id"], each["office"], each["telephone"]
                more.setdefault(office, {}).update(each["of_office"])
        rows = {row.pk: row for row in Office.objects.all()}
        wanted = set()
        for (place, name), own in telephones.items():
            for telephone, at in own.items():
                key = f"{place}/{name}" if len(own) == 1 else f"{place}/{name}/{telephone}"
                fields = {"jurisdiction_id": place, "name": name, "telephone": telephone}
                wanted.add(key)
                row = self._known_office(rows, key, fields, is_one=len(own) == 1)
                fields |= more[place, name, telephone]
                self.offices[place, name, telephone] = self._save_office(row, key, fields, at)
        self._dropped = [key for key in self.packed.keys(Office, "") if key not in wanted]

    def _known_office(
        self, rows: AnyMapping[int, Office], key: str, fields: Values, *, is_one: bool
    ) -> Office | None:
        """What was loaded as this; else that with the same words, or but for the telephone."""
        if loaded := self.packed.loaded(Office, key):
            return rows.get(loaded["id"])
        for names in (fields, ("jurisdiction_id", "name")) if is_one else (fields,):
            for row in rows.values():
                if all(getattr(row, name) == fields[name] for name in names):
                    return row
        return None

    def _save_office(self, row: Office | None, key: str, fields: Values, at: Mapping) -> Office:
        if row is None:
            was_loaded = self.packed.loaded(Office, key) is not None
            row = self._create(Office(), key, fields)
            if was_loaded:
                self.counts.kept.append(f"{_named(row, key)}：{CAME_BACK}")
            self.packed.put(Office, key, {"id": row.pk, **fields})
        else:
            self._update(row, key, {"id": row.pk, **fields}, at)
        return row

    def _save_contacts(self, programme: Programme, pack: ProgrammePack) -> None:
        wanted, known, by_office = {}, {}, {}
        for each in programme.contacts.select_related("office"):
            known[f"{each.office.jurisdiction_id}/{each.office.name}"] = each
            by_office[each.office_id] = each
        for each in pack.contacts:
            key = f"{each['jurisdiction_id']}/{each['office']}"
            office = self.offices[each["jurisdiction_id"], each["office"], each["telephone"]]
            wanted[key] = {"office_id": office.pk, "note": each["note"]}, pack.row
            # An editor may have renamed it since.
            if office.pk in by_office:
                known[key] = by_office[office.pk]
        self._save_parts(programme, known, Contact, wanted)

    def _drop_offices(self) -> None:
        """What no pack names and no programme uses goes, unless an editor changed it."""
        for key in self._dropped:
            pk = (self.packed.loaded(Office, key) or {}).get("id")
            if pk in {office.pk for office in self.offices.values()}:
                self.packed.forget(Office, key)
                continue
            row = Office.objects.filter(pk=pk).first()
            if row is None or not row.contacts.exists():
                self._drop(row, Office, key)

    def _save_parts(
        self,
        owner: models.Model,
        known: AnyMapping[str, Any],
        model: type[models.Model],
        wanted: AnyMapping[str, tuple[Values, Mapping]],
    ) -> None:
        """Contacts, windows or clauses, each with its place in the pack; those that editors added or
        changed stay, those deleted are gone.
        """
        beginning, of = f"{owner.pk}/", str(owner._meta.model_name)
        for name, (fields, place) in wanted.items():
            key, row = beginning + name, known.get(name)
            if row is not None:
                self._update(row, key, fields, place)
            elif self.packed.loaded(model, key) is None:
                self._create(model(**{of: owner}), key, fields)
            else:
                told = f"{owner}（{owner.pk}）的{model._meta.verbose_name} {name}"
                self.counts.kept.append(f"{told}：{KEPT_DELETED}")
        for key in self.packed.keys(model, beginning):
            if (name := key.removeprefix(beginning)) not in wanted:
                self._drop(known.get(name), model, key)

    def _drop(self, row: Any, model: type[models.Model], key: str) -> None:
        """Delete what the pack has no more, unless an editor changed it."""
        if self.as_drafts:
            return
        loaded = self.packed.loaded(model, key) or {}
        if row is not None and any(plain(value_of(row, name)) != loaded[name] for name in loaded):
            self.counts.kept.append(f"{_named(row, key)}：{KEPT_DROPPED}")
            return
        if row is not None:
            self.counts.rows.append(f"删除{_named(row, key)}")
            row._change_reason = BY_PACK
            row.delete()
        self.packed.forget(model, key)

    def _save_edition(
        self, programme: Programme, row: Mapping, content: AnyMapping[str, Any]
    ) -> None:
        starts, own_end = date.fromisoformat(row["effective_from"]), _day(row.get("ends"))
        of_that_day = list(programme.editions.filter(effective_from=starts))
        standing = next((each for each in of_that_day if each.is_standing), None)
        told = f"{programme}（{programme.pk}）{starts} 起的版本"
        examples = self.pack.examples.contents_of(programme.pk, row["effective_from"])
        if standing and _says_the_same(standing, content, own_end):
            self.counts.add("版本", "same")
            if not self.as_drafts:
                self._save_examples(standing, examples)
        elif self.as_drafts:
            self._save_draft(programme, content, own_end, standing, of_that_day, told, examples)
        elif standing and not standing.is_packed:
            self.counts.kept.append(f"{told}：{KEPT_EDITED}")
        elif not standing and any(not each.is_draft for each in of_that_day):
            self.counts.kept.append(f"{told}：{KEPT_WITHDRAWN}")
        else:
            locked_programme(programme.pk)
            edition = self._write_edition(
                told,
                content,
                programme=programme,
                own_end=own_end,
                corrects=standing,
                is_packed=True,
            )
            self._save_examples(edition, examples)
            if standing:
                reason = row.get("corrected_because") or _why_corrected(standing, content, own_end)
                replace_edition(standing, edition, reason, self.now)
                self.counts.corrected.append(f"{told}：{reason}")
            else:
                if reason := row.get("retired_because"):
                    edition.reason, edition.closed_at = reason, self.now
                put_in_force(edition)
                if of_that_day:
                    self.counts.kept.append(f"{told}：{KEPT_DRAFT}")
            self.counts.add("版本", "changed" if standing else "new")

    def _write_edition(self, told: str, content: AnyMapping[str, Any], **fields: Any) -> Edition:
        """A draft with this content, and on record what it corrects."""
        edition = Edition.objects.create(
            effective_from=date.fromisoformat(content["effective_from"]),
            notices=content["notices"],
            places=content.get("places"),
            # A draft of editors carries those that count on its day.
            formulas=content.get("formulas", {}) if fields.get("is_packed") else {},
            **fields,
        )
        write_content(edition, content, self.documents)
        self.counts.editions.append(LoadedEdition(told, edition.corrects, content))
        return edition

    def _save_draft(
        self,
        programme: Programme,
        content: AnyMapping[str, Any],
        own_end: date | None,
        standing: Edition | None,
        of_that_day: list[Edition],
        told: str,
        examples: list[dict[str, Any]],
    ) -> None:
        """For editors to publish as any of theirs; a draft of that day is theirs already."""
        if any(each.is_draft and each.corrects == standing for each in of_that_day):
            self.counts.kept.append(f"{told}：{KEPT_OWN_DRAFT}")
            return
        locked_programme(programme.pk)
        edition = self._write_edition(
            told, content, programme=programme, own_end=own_end, corrects=standing
        )
        write_examples(edition, examples)
        self.counts.add("草稿", "new")

    def _save_examples(self, edition: Edition, examples: list[dict[str, Any]]) -> None:
        """Those of a pack's own edition are replaced as a whole; an editor's edition keeps its own."""
        if not self.pack.examples.are_told:
            return
        known = examples_of(edition)
        if digest_of({"examples": known}) == digest_of({"examples": examples}):
            if examples:
                self.counts.add("例子", "same")
        elif edition.is_packed:
            edition.examples.all().delete()
            write_examples(edition, examples)
            self.counts.add("例子", "changed" if known else "new")


def _change_in_words(row: models.Model, name: str, value: Any) -> str:
    label = row._meta.get_field(name).verbose_name
    before = in_words(row, name, value_of(row, name))
    return f"“{label}”由“{before}”改为“{in_words(row, name, value)}”"


def _says_the_same(edition: Edition, content: AnyMapping[str, Any], own_end: date | None) -> bool:
    return edition.digest == digest_of(content) and _ends_the_same(edition, own_end)


def _ends_the_same(edition: Edition, own_end: date | None) -> bool:
    """Of what is retired, the end is an editor's."""
    return edition.status == Edition.Status.RETIRED or edition.own_end == own_end


def _why_corrected(edition: Edition, content: AnyMapping[str, Any], own_end: date | None) -> str:
    before, after = (
        digest_of(
            {
                **each,
                "criteria": without_sentences(each["criteria"]),
                "materials": without_proofs(each["materials"]),
            }
        )
        for each in (edition_content(edition), content)
    )
    is_worded_anew = before == after and _ends_the_same(edition, own_end)
    return WORDED_BY_PACK if is_worded_anew else CORRECTED_BY_PACK


def _put(row: models.Model, values: Values) -> None:
    """Save a row with these values; the history tells that a load did."""
    row._change_reason = BY_PACK
    many = {name: value for name, value in values.items() if row._meta.get_field(name).many_to_many}
    for name in values.keys() - many.keys():
        setattr(row, name, values[name])
    row.save()
    for name, value in many.items():
        if value != value_of(row, name):
            getattr(row, name).set(value)


def _misfit(row: models.Model, values: Values) -> str:
    """Why a row that is partly an editor's does not hold together with these values."""
    tried = copy(row)
    for name in values:
        if not row._meta.get_field(name).many_to_many:
            setattr(tried, name, values[name])
    try:
        tried.full_clean()
    except ValidationError as error:
        return "；".join(told for each in error.message_dict.values() for told in each)
    return ""


def _named(row: models.Model, key: str) -> str:
    return f"{row._meta.verbose_name} {row}（{key}）"


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
