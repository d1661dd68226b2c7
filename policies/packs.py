"""Policy packs: reading and checking the catalogue's YAML files, without a database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from policies.rules.edition import Edition, compile_edition
from policies.rules.facts import TYPES, Fact
from policies.rules.rule import RuleError

KINDS = ("cash", "rebate", "price_cut", "priority", "service", "duty")
BENEFICIARIES = ("enterprise", "base_operator", "individual_business", "person", "government")
LEVELS = ("nation", "province", "city", "county")


class PackError(Exception):
    """Raised with every problem of the packs: file, line, key and what was expected."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class _Located(dict):
    """A mapping that remembers the line it stands on, and the line of each key."""

    line: int
    lines: dict[str, int]


class _Loader(yaml.SafeLoader):
    """Safe YAML that keeps line numbers and refuses a key given twice."""

    def construct_located(self, node: yaml.MappingNode) -> _Located:
        plain_keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        doubled = {key for key in plain_keys if plain_keys.count(key) > 1}
        if doubled:
            raise yaml.constructor.ConstructorError(
                None, None, f"键 {doubled.pop()} 重复", node.start_mark
            )
        self.flatten_mapping(node)
        mapping = _Located(self.construct_mapping(node, deep=True))
        mapping.line = node.start_mark.line + 1
        mapping.lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        return mapping


_Loader.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _Loader.construct_located
)


@dataclass
class Packs:
    """The whole catalogue as read: rows of each file, checked and cross-checked."""

    jurisdictions: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    fact_rows: list[dict[str, Any]] = field(default_factory=list)
    programmes: list[dict[str, Any]] = field(default_factory=list)

    def compiled(self) -> tuple[Edition, ...]:
        """The compiled editions of all screened programmes."""
        return tuple(
            compile_edition({**programme, **edition}, self.facts)
            for programme in self.programmes
            if programme["screened"]
            for edition in programme["editions"]
        )


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.packs = Packs()

    def say(self, file: Path, line: int, key: str, expected: str) -> None:
        name = file.relative_to(self.folder)
        self.problems.append(f"{name}:{line}: {key}：{expected}")

    def load(self, file: Path) -> _Located | None:
        try:
            with file.open(encoding="utf-8") as stream:
                data = yaml.load(stream, Loader=_Loader)  # noqa: S506 (a safe loader)
        except FileNotFoundError:
            self.say(file, 1, "文件", "应存在")
            return None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            text = getattr(error, "problem", None) or "不是有效的 UTF-8 YAML"
            self.say(file, mark.line + 1 if mark else 1, "YAML", str(text))
            return None
        if not isinstance(data, _Located):
            self.say(file, 1, "文件", "应为键值对象")
            return None
        return data

    def check(
        self, file: Path, row: Any, required: Mapping[str, type], optional: Mapping[str, type]
    ) -> bool:
        """Whether the row has the right keys and types; says what is wrong otherwise."""
        if not isinstance(row, _Located):
            self.say(file, 1, str(row)[:40], "应为键值对象")
            return False
        before = len(self.problems)
        for key in row:
            if key not in required and key not in optional:
                known = "、".join([*required, *optional])
                self.say(file, row.lines.get(key, row.line), str(key), f"不认识的键，可用：{known}")
        for key in required:
            if key not in row:
                self.say(file, row.line, key, "缺少此项")
        for key, value in row.items():
            kind = required.get(key) or optional.get(key)
            if key in optional and value is None:
                continue
            if kind and kind is not object and not isinstance(value, kind):
                names = {str: "文字", list: "列表", dict: "键值对象", bool: "true 或 false", date: "日期"}
                line = row.lines.get(key, row.line)
                self.say(file, line, key, f"应为{names.get(kind, kind.__name__)}")
        return len(self.problems) == before

    def rows(
        self, name: str, list_key: str, required: Mapping[str, type], optional: Mapping[str, type]
    ) -> Iterator[tuple[Path, _Located]]:
        file = self.folder / name
        data = self.load(file)
        if data is None:
            return
        seen: set[str] = set()
        identity = next(iter(required))
        for row in data.get(list_key) or []:
            if not self.check(file, row, required, optional):
                continue
            if row[identity] in seen:
                self.say(file, row.line, identity, f"{row[identity]} 重复")
                continue
            seen.add(row[identity])
            yield file, row

    def read(self) -> Packs:
        self._read_jurisdictions()
        documents = {"number": str, "title": str, "issuer": str}
        optional = {"issued_on": date, "note": str, "superseded_by": str}
        self.packs.documents = [
            dict(row) for _, row in self.rows("documents.yaml", "documents", documents, optional)
        ]
        rows = self.rows("conflicts.yaml", "conflicts", {"code": str, "text": str}, {})
        self.packs.conflicts = [dict(row) for _, row in rows]
        self._read_facts()
        self._codes = {row["code"] for row in self.packs.jurisdictions}
        self._numbers = {row["number"] for row in self.packs.documents}
        self._conflicts = {row["code"] for row in self.packs.conflicts}
        self._seen: set[str] = set()
        for file in sorted((self.folder / "programmes").glob("*.yaml")):
            self._read_programmes(file)
        if self.problems:
            raise PackError(self.problems)
        return self.packs

    def _read_jurisdictions(self) -> None:
        required = {"code": str, "name": str, "level": str}
        codes: set[str] = set()
        for file, row in self.rows(
            "jurisdictions.yaml", "jurisdictions", required, {"parent": str}
        ):
            if row["level"] not in LEVELS:
                self.say(file, row.line, "level", f"应为 {'、'.join(LEVELS)} 之一")
            if row.get("parent") and row["parent"] not in codes:
                self.say(file, row.line, "parent", f"上级 {row['parent']} 应先列出")
            codes.add(row["code"])
            self.packs.jurisdictions.append(dict(row))

    def _read_facts(self) -> None:
        required = {"key": str, "section": str, "type": str, "label": str}
        optional = {
            "unit": str, "choices": dict, "help": str, "question": str, "minimum": object,
            "maximum": object, "decimals": int, "changeable": bool,
        }  # fmt: skip
        for file, row in self.rows("facts.yaml", "facts", required, optional):
            if row["type"] not in TYPES:
                self.say(file, row.line, "type", f"应为 {'、'.join(TYPES)} 之一")
                continue
            if row["type"].startswith("enum") and not row.get("choices"):
                self.say(file, row.line, "choices", "选项型指标应列出选项")
                continue
            self.packs.facts[row["key"]] = Fact.from_data(row)
            self.packs.fact_rows.append(dict(row))

    def _read_programmes(self, file: Path) -> None:
        data = self.load(file)
        if data is None:
            return
        optional = {"shared_criteria": dict, "steps": list, "contacts": list}
        if not self.check(file, data, {"family": str, "programmes": list}, optional):
            return
        shared = data.get("shared_criteria") or {}
        for row in data["programmes"]:
            required = {
                "id": str, "name": str, "summary": str, "kind": str, "area": str,
                "beneficiary": str, "screened": bool, "editions": list,
            }  # fmt: skip
            if not self.check(file, row, required, {"conflicts": list}):
                continue
            self._check_programme(file, row)
            programme = {**row, "family": data["family"], "conflicts": row.get("conflicts") or []}
            programme["editions"] = [
                edition
                for item in row["editions"]
                if (edition := self._edition(file, programme, item, shared)) is not None
            ]
            self.packs.programmes.append(programme)

    def _check_programme(self, file: Path, row: _Located) -> None:
        for key, values in (("kind", KINDS), ("beneficiary", BENEFICIARIES)):
            if row[key] not in values:
                self.say(file, row.lines[key], key, f"应为 {'、'.join(values)} 之一")
        if row["area"] not in self._codes:
            self.say(file, row.lines["area"], "area", f"没有行政区划 {row['area']}")
        if row["id"] in self._seen:
            self.say(file, row.line, "id", f"{row['id']} 重复")
        self._seen.add(row["id"])
        self._check_conflicts(file, row)

    def _check_conflicts(self, file: Path, row: _Located) -> None:
        for code in row.get("conflicts") or []:
            if code not in self._conflicts:
                self.say(file, row.lines.get("conflicts", row.line), "conflicts", f"没有 {code}")

    def _edition(
        self, file: Path, programme: Mapping[str, Any], row: Any, shared: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        lists = ("notices", "criteria", "awards", "materials", "steps", "contacts")
        if not self.check(file, row, {"effective_from": date}, dict.fromkeys(lists, list)):
            return None
        edition = {key: list(row.get(key) or []) for key in lists}
        edition["effective_from"] = row["effective_from"]
        edition["criteria"] = list(self._criteria(file, edition["criteria"], shared))
        before = len(self.problems)
        for award in edition["awards"]:
            self._check_award(file, award)
        self._check_notes(file, edition)
        if len(self.problems) > before:
            return None
        try:
            compile_edition({**programme, **edition}, self.packs.facts)
        except RuleError as error:
            self.say(file, self._line_of(edition, error.where, row.line), error.where, error.message)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            self.say(file, row.line, programme["id"], f"规则或金额写法有误（{error}）")
        return edition

    @staticmethod
    def _line_of(edition: Mapping[str, Any], where: str, otherwise: int) -> int:
        """The line of `criteria[3] …` or `awards[1] …`."""
        name, _, rest = where.partition("[")
        index = rest.partition("]")[0]
        rows = edition.get(name)
        if rows and index.isdigit() and int(index) < len(rows):
            return getattr(rows[int(index)], "line", otherwise)
        return otherwise

    def _criteria(
        self, file: Path, rows: list[Any], shared: Mapping[str, Any]
    ) -> Iterator[_Located]:
        required = {"code": str, "kind": str, "text": str, "sources": list}
        optional = {"rule": dict, "when": dict, "reason": str}
        for row in rows:
            if isinstance(row, _Located) and set(row) == {"use"}:
                if row["use"] not in shared:
                    self.say(file, row.line, "use", f"没有共用条件 {row['use']}")
                    continue
                yield from self._criteria(file, shared[row["use"]], {})
            elif self.check(file, row, required, optional):
                self._check_sources(file, row)
                yield row

    def _check_award(self, file: Path, row: Any) -> None:
        optional = {
            "payer": str, "status": str, "title": str, "amount": object, "tranches": list,
            "unsplit": dict, "undecided": list, "fee_cap": object, "price_cut": object,
            "headline": object, "conflicts": list, "sources": list,
        }  # fmt: skip
        if not self.check(file, row, {"level": str}, optional):
            return
        if row.get("payer") and row["payer"] not in self._codes:
            self.say(file, row.lines["payer"], "payer", f"没有行政区划 {row['payer']}")
        if row.get("status", "published") in ("published", "to_verify") and not row.get("sources"):
            self.say(file, row.line, "sources", "有金额的奖补应写明文件和条款")
        self._check_conflicts(file, row)
        self._check_sources(file, row)

    def _check_sources(self, file: Path, row: _Located) -> None:
        for source in row.get("sources") or []:
            if not self.check(file, source, {"document": str, "clause": str}, {}):
                continue
            if source["document"] not in self._numbers:
                self.say(file, source.line, "document", f"没有文件 {source['document']}")

    def _check_notes(self, file: Path, edition: Mapping[str, Any]) -> None:
        for row in edition["materials"]:
            self.check(file, row, {"name": str}, {"note": str})
        step = {"level": str, "actor": str, "title": str, "text": str}
        for row in edition["steps"]:
            self.check(file, row, step, {"time_limit": str, "working_days": int})
        for row in edition["contacts"]:
            contact = {"jurisdiction": str, "office": str}
            if not self.check(file, row, contact, {"telephone": str, "note": str}):
                continue
            if row["jurisdiction"] not in self._codes:
                self.say(file, row.line, "jurisdiction", f"没有行政区划 {row['jurisdiction']}")


def read_packs(folder: Path) -> Packs:
    """Read and check the catalogue's folder. Raises PackError with every problem found."""
    return _Reader(folder).read()
