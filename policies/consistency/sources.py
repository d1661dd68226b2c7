"""What rests on every clause of the documents that the catalogue was made from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.consistency.checked_edition import award_name

# What tells a clause without citing it: a list of the edition or of its programme.
PARTS = {
    "materials": "材料",
    "steps": "步骤",
    "contacts": "联系科室",
    "notices": "提示",
    "conflicts": "口径说明",
    "effective_from": "起用日期",
}


@dataclass(frozen=True)
class Clause:
    """One clause; `cited_as` are the names that rows cite it by, `parts` pairs of programme and part,
    `reason` why nothing rests on it."""

    document: str
    clause: str
    gist: str
    cited_as: tuple[str, ...]
    parts: tuple[tuple[str, str], ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Citation:
    """A row of a programme and the clause that it names."""

    document: str
    clause: str
    programme: str
    row: str


def citations_of(contents: Iterable[Mapping[str, Any]]) -> Iterator[Citation]:
    """Every citation of the editions' criteria and awards, given as compile_edition takes them."""
    for data in contents:
        for kind in ("criteria", "awards"):
            for position, row in enumerate(data.get(kind) or (), 1):
                named = row["code"] if kind == "criteria" else award_name(position, row)
                for source in row.get("sources") or ():
                    yield Citation(source["document"], source.get("clause", ""), data["id"], named)


def sources_report(
    clauses: Iterable[Clause],
    citations: Iterable[Citation],
    parts: Mapping[str, Iterable[str]],
) -> tuple[list[str], list[str]]:
    """A line for each clause, and what is wrong: nothing rests on it and no reason says why, a
    reason stands beside what does, a part that no edition has, a citation of no clause.

    `parts` has the names of the filled parts of each programme.
    """
    clauses = list(clauses)
    resting: dict[tuple[str, str], dict[str, list[str]]] = {}
    for citation in citations:
        rows = resting.setdefault((citation.document, citation.clause), {})
        rows.setdefault(citation.programme, []).append(citation.row)
    lines: list[str] = []
    faults: list[str] = []
    document = ""
    for clause in clauses:
        if clause.document != document:
            document = clause.document
            lines.append(document)
        name = f"{clause.document} {clause.clause}"
        told = _resting(clause, resting)
        for programme, part in clause.parts:
            if part not in set(parts.get(programme, ())):
                faults.append(f"{name}：{programme} 没有{PARTS[part]}")
            told.append(f"{programme}（{PARTS[part]}）")
        if told and clause.reason:
            faults.append(f"{name}：写了没有项目依据它的原因，但有项目依据它：{'；'.join(told)}")
        if not told and not clause.reason:
            faults.append(f"{name}：没有项目依据它，也没有写原因")
        what = "；".join(told) or f"没有项目依据它：{clause.reason or '没有写原因'}"
        lines.append(f"  {clause.clause}（{clause.gist}）：{what}")
    known = {(clause.document, cited) for clause in clauses for cited in clause.cited_as}
    documents = {clause.document for clause in clauses}
    faults += [
        f"{number} {clause or '（未写条款）'}：{'、'.join(rows)} 引用了它，但条款表没有这一条"
        for (number, clause), rows in resting.items()
        if number in documents and (number, clause) not in known
    ]
    return lines, faults


def _resting(
    clause: Clause, resting: Mapping[tuple[str, str], Mapping[str, list[str]]]
) -> list[str]:
    rows: dict[str, list[str]] = {}
    for cited in clause.cited_as:
        for programme, named in resting.get((clause.document, cited), {}).items():
            rows.setdefault(programme, []).extend(named)
    return [f"{name}（{'、'.join(dict.fromkeys(named))}）" for name, named in rows.items()]
