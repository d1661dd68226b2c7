"""The whole catalogue as read from its packs, with every reference and rule checked."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.catalogue.packs import schema
from policies.catalogue.packs.clauses_pack import ClausePack, clauses_of
from policies.catalogue.packs.edition_pack import edition_content_of
from policies.catalogue.packs.examples_pack import Examples
from policies.catalogue.packs.formulas_pack import formulas_in, formulas_named
from policies.catalogue.packs.problem import PackError, Problem, Problems
from policies.catalogue.packs.reader import Mapping, Sequence, read_yaml
from policies.catalogue.packs.window_pack import windows_of
from policies.rules.edition import EVERYTHING, Edition
from policies.rules.facts import Fact
from policies.rules.read_edition import UNREADABLE, compile_edition
from policies.rules.read_rule import RuleError

# What may lie in the folder itself; funds are loaded by a command of their own.
FILES = (
    "pack", "jurisdictions", "facts", "formulas", "documents", "conflicts", "synonyms", "clauses",
    "funds",
)  # fmt: skip


@dataclass
class ProgrammePack:
    row: Mapping
    family: str
    editions: list[tuple[Mapping, dict[str, Any]]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    windows: list[dict[str, Any]] = field(default_factory=list)

    def data(self, content: dict[str, Any]) -> dict[str, Any]:
        """The programme's entry merged with one edition, as compile_edition takes it."""
        said = {"family": self.family, "summary": self.row.get("summary") or ""}
        return {**self.row, **said, **content}


@dataclass
class Packs:
    """The catalogue as read: rows of each file, expanded editions by programme.

    `is_part`: of a catalogue that has more, of which a load changes nothing.
    """

    is_part: bool = False
    facts: dict[str, Fact] = field(default_factory=dict)
    fact_rows: list[Mapping] = field(default_factory=list)
    formulas: list[Mapping] = field(default_factory=list)
    jurisdictions: list[Mapping] = field(default_factory=list)
    documents: list[Mapping] = field(default_factory=list)
    conflicts: list[Mapping] = field(default_factory=list)
    synonyms: list[Mapping] = field(default_factory=list)
    programmes: list[ProgrammePack] = field(default_factory=list)
    clauses: list[ClausePack] = field(default_factory=list)
    examples: Examples = field(default_factory=Examples)

    def compiled(self, *, screened_only: bool = True) -> tuple[Edition, ...]:
        """The compiled editions, by default of the screened programmes."""
        return tuple(
            compile_edition(programme.data(content), self.facts)
            for programme in self.programmes
            if programme.row["screened"] or not screened_only
            for _, content in programme.editions
        )


@dataclass(frozen=True)
class Beside:
    """What is there already, of which a part need not say it again: facts by key, the codes of each
    kind that `_Reading.known` asks for, and the versions of formulas."""

    facts: dict[str, Fact] = field(default_factory=dict)
    codes: dict[str, set[str]] = field(default_factory=dict)
    formulas: list[dict[str, Any]] = field(default_factory=list)


def read_packs(folder: Path, beside: Beside | None = None, *, is_part: bool = False) -> Packs:
    """Read and check every pack below `folder`; raises PackError with all problems.

    What calls itself a part, or is called so, may rest on what is `beside` it.
    """
    return _Reading(folder, beside or Beside(), is_part=is_part).run()


class _Reading:
    def __init__(self, folder: Path, beside: Beside, *, is_part: bool) -> None:
        self.folder, self.beside = folder, beside
        self.problems, self.pack = Problems(), Packs(is_part=is_part)

    def run(self) -> Packs:
        pack = self.pack
        self._check_names()
        if (about := self._if_there("pack.yaml")) is not None:
            schema.check_row(about, schema.ABOUT, about, "part", self.problems)
            pack.is_part = pack.is_part or about.get("part") is True
        if not pack.is_part:
            self.beside = Beside()
        pack.fact_rows = self._table("facts", "key", schema.FACT)
        pack.jurisdictions = self._table("jurisdictions", "code", schema.JURISDICTION)
        pack.documents = self._table("documents", "number", schema.DOCUMENT)
        # What people say is told by who knows it: a folder may have none, nor any point in dispute.
        for name, key, shape in (
            ("conflicts", "code", schema.CONFLICT),
            ("synonyms", "word", schema.SYNONYM),
        ):
            if (self.folder / f"{name}.yaml").exists():
                setattr(pack, name, self._table(name, key, shape))
        own = {row["key"]: Fact.from_data(row) for row in pack.fact_rows}
        pack.facts = {**self.beside.facts, **own}
        # Packs that somebody wrote before there were any have none.
        if (self.folder / "formulas.yaml").exists():
            pack.formulas = formulas_in(self._file(self.folder / "formulas.yaml"), pack.facts, self)
        self.codes = {
            "jurisdiction": {row["code"] for row in pack.jurisdictions},
            "document": {row["number"] for row in pack.documents},
            "conflict": {row["code"] for row in pack.conflicts},
        }
        for kind, codes in self.codes.items():
            codes |= self.beside.codes.get(kind, set())
        for row in pack.jurisdictions:
            self.known(row, "parent", row.get("parent"), "jurisdiction")
        self._check_superseding()
        for path in sorted((self.folder / "programmes").glob("*.yaml")):
            self._read_programmes(path)
        self._read_clauses()
        self._run_examples()
        self.problems.raise_if_any()
        return pack

    def _check_names(self) -> None:
        """What lies there under a name that nothing reads would be passed over without a word."""
        for path in sorted(self.folder.glob("*.y*ml")):
            if path.name not in [f"{name}.yaml" for name in FILES]:
                told = f"不认识的文件，应为 {'、'.join(f'{name}.yaml' for name in FILES)} 之一"
                self.problems.append(Problem(f"{self.folder.name}/{path.name}", 1, "", told))
        for path in sorted(self.folder.glob("*/*.yml")):
            name = f"{self.folder.name}/{path.relative_to(self.folder)}"
            self.problems.append(Problem(name, 1, "", "文件名应以 .yaml 结尾"))

    def _read_clauses(self) -> None:
        """What clauses say is told of the documents that somebody has read: a folder may have none."""
        if (file := self._if_there("clauses.yaml")) is None:
            return
        own = {each.row["id"] for each in self.pack.programmes}
        self.codes["programme"] = own | self.beside.codes.get("programme", set())
        shape = {"clauses": schema.must(schema.sequence)}
        schema.check_row(file, shape, file, "clauses", self.problems)
        self.pack.clauses = clauses_of(file, self)

    def _run_examples(self) -> None:
        """What the packs say of themselves comes out so, as far as they are sound at all."""
        self.pack.examples.are_told = (self.folder / "examples").is_dir()
        for path in sorted((self.folder / "examples").glob("*.yaml")):
            document = self._file(path)
            if document is not None:
                self.pack.examples.read(document, self.problems)
        if not self.problems:
            editions = self.pack.compiled(screened_only=False)
            self.pack.examples.run(editions, self.pack.facts, self.problems)

    def _if_there(self, name: str) -> Any:
        path = self.folder / name
        return self._file(path) if path.exists() else None

    def _file(self, path: Path) -> Any:
        try:
            document = read_yaml(path, f"{self.folder.name}/{path.relative_to(self.folder)}")
        except PackError as error:
            self.problems += error.problems
            return None
        if not isinstance(document, Mapping):
            name = f"{self.folder.name}/{path.relative_to(self.folder)}"
            self.problems.append(Problem(name, 1, "", "应为映射（键: 值）"))
            return None
        return document

    def _table(self, name: str, key: str, shape: schema.Shape) -> list[Mapping]:
        path = self.folder / f"{name}.yaml"
        document = self._file(path) if path.exists() or not self.beside.codes else None
        if document is None:
            return []
        schema.check_row(
            document, {name: schema.must(schema.sequence)}, document, name, self.problems
        )
        rows = schema.sound_rows(document, name, shape, self.problems)
        self._unique(rows, key)
        return rows

    def _unique(self, rows: list[Mapping], key: str) -> None:
        seen: set[str] = set()
        for row in rows:
            if row[key] in seen:
                self.problems.add(row, key, f"{row[key]} 不应重复出现")
            seen.add(row[key])

    def _check_superseding(self) -> None:
        newer = {row["number"]: row.get("superseded_by") for row in self.pack.documents}
        for row in self.pack.documents:
            self.known(row, "superseded_by", row.get("superseded_by"), "document")
            seen, number = set(), row["number"]
            while number and number not in seen:
                seen.add(number)
                number = newer.get(number)
            if number:
                self.problems.add(row, "superseded_by", "文件不能循环取代")
            if row.get("superseded_on") and not row.get("superseded_by"):
                self.problems.add(
                    row, "superseded_on", "写了从哪一天起被取代，也要写 superseded_by"
                )

    def known(self, owner: Any, key: str, code: str | None, kind: str) -> None:
        """Note a reference to a jurisdiction, document, conflict or programme that no pack has."""
        if code is not None and code not in self.codes[kind]:
            names = {
                "jurisdiction": "行政区划",
                "document": "政策文件",
                "conflict": "口径说明",
                "programme": "项目",
            }
            self.problems.add(owner, key, f"没有{names[kind]} {code}")

    def _read_programmes(self, path: Path) -> None:
        document = self._file(path)
        if document is None or not schema.check_row(
            document, schema.PACK, document, "family", self.problems
        ):
            return
        shared = self._shared_criteria(document)
        for row in schema.sound_rows(document, "programmes", schema.PROGRAMME, self.problems):
            if any(other.row["id"] == row["id"] for other in self.pack.programmes):
                self.problems.add(row, "id", f"{row['id']} 不应重复出现")
                continue
            self.known(row, "area", row["area"], "jurisdiction")
            for code in row.get("conflicts") or ():
                self.known(row, "conflicts", code, "conflict")
            self._check_tier(row)
            programme = ProgrammePack(row, document["family"])
            programme.windows = windows_of(row, self)
            self._read_contacts(programme, row)
            self._read_editions(programme, shared)
            self.pack.programmes.append(programme)

    def _check_tier(self, row: Mapping) -> None:
        """A tier names the title that the programme brings: a choice of a fact."""
        tier = row.get("tier")
        if tier is None or not schema.check_row(tier, schema.TIER, row, "tier", self.problems):
            return
        fact = self.pack.facts.get(tier["fact"])
        if fact is None:
            self.problems.add(tier, "fact", f"没有指标 {tier['fact']}")
        elif tier["code"] not in fact.choices:
            self.problems.add(tier, "code", f"{tier['fact']} 没有选项 {tier['code']}")

    def _shared_criteria(self, document: Mapping) -> Mapping:
        shared = document.get("shared_criteria") or Mapping()
        for name, rows in shared.items():
            if not isinstance(rows, Sequence):
                self.problems.add(shared, name, "应为列表")
        return shared

    def _read_editions(self, programme: ProgrammePack, shared: Mapping) -> None:
        rows = schema.sound_rows(programme.row, "editions", schema.EDITION, self.problems)
        self._unique(rows, "effective_from")
        for row in rows:
            if row.get("ends") and row["ends"] <= row["effective_from"]:
                self.problems.add(row, "ends", "应晚于起用日期")
            if row.get("retired_because") and not row.get("ends"):
                self.problems.add(row, "retired_because", "写了为什么停用，也要写 ends")
            places: dict[str, list[Mapping]] = {}
            before = len(self.problems)
            content = edition_content_of(row, shared, self, places)
            if named := formulas_named(content, [*self.beside.formulas, *self.pack.formulas]):
                content["formulas"] = named
            self._check_proofs(row)
            if len(self.problems) == before:
                self._compile(programme, row, content, places)
            programme.editions.append((row, content))
            self._read_contacts(programme, row)

    def _check_proofs(self, row: Mapping) -> None:
        """A material bears out facts of the vocabulary, or everything."""
        for material in schema.sound_rows(row, "materials", schema.MATERIAL, Problems()):
            for key in material.get("proves") or ():
                if key != EVERYTHING and key not in self.pack.facts:
                    self.problems.add(material, "proves", f"没有指标 {key}")

    def _read_contacts(self, programme: ProgrammePack, row: Mapping) -> None:
        """An office of a place stands once, however many editions name it."""
        known = {(each["jurisdiction_id"], each["office"]): each for each in programme.contacts}
        for contact in schema.sound_rows(row, "contacts", schema.CONTACT, self.problems):
            self.known(contact, "jurisdiction", contact["jurisdiction"], "jurisdiction")
            fields = {
                "jurisdiction_id": contact["jurisdiction"],
                "office": contact["office"],
                "telephone": contact.get("telephone") or "",
                "note": contact.get("note") or "",
                "of_office": {
                    name: contact[key]
                    for name, key in (("address", "address"), ("note", "hours"))
                    if contact.get(key)
                },
            }
            if known.setdefault((contact["jurisdiction"], contact["office"]), fields) != fields:
                told = f"{contact['office']} 已经写过，电话或说明不一样"
                self.problems.add(contact, "office", told)
        programme.contacts = list(known.values())

    def _compile(
        self,
        programme: ProgrammePack,
        row: Mapping,
        content: dict[str, Any],
        places: dict[str, list[Mapping]],
    ) -> None:
        try:
            compile_edition(programme.data(content), self.pack.facts)
        except RuleError as error:
            owner, key = _place(error.where, row, places)
            self.problems.add(owner, key, f"{error.message}（{error.where}）")
        except UNREADABLE as error:
            what = f"规则或金额的写法不对（{type(error).__name__}：{error}）"
            self.problems.add(row, "effective_from", what)


def _place(where: str, row: Mapping, places: dict[str, list[Mapping]]) -> tuple[Any, str]:
    """The deepest mapping that `criteria[3] XSG.3.rule.all[0]` names, and a key of it."""
    match = re.match(r"(criteria|awards)\[(\d+)\](.*)", where)
    if not match:
        return row, "effective_from"
    owner: Any = places[match[1]][int(match[2])]
    rest = match[3].strip().removeprefix(str(owner.get("code", "")))
    key = "code" if match[1] == "criteria" else "level"
    for name, index in re.findall(r"([a-z_]+)|\[(\d+)\]", rest):
        step: Any = name or int(index)
        try:
            value = owner[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(step, str):
            key = step
        if not isinstance(value, Mapping | Sequence):
            break
        owner = value
    return (owner, key) if isinstance(owner, Mapping) else (owner, 0)
