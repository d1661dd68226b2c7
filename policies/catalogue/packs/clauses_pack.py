"""The clauses of the documents that the packs were made from, as clauses.yaml lists them."""

from pathlib import Path

from policies.catalogue.packs import schema
from policies.catalogue.packs.problem import PackError, Problem, Problems
from policies.catalogue.packs.reader import Mapping, read_yaml
from policies.consistency.sources import PARTS, Clause

CLAUSES: schema.Shape = {"clauses": schema.must(schema.sequence)}
DOCUMENT: schema.Shape = {
    "document": schema.must(schema.text(100)),
    "rows": schema.must(schema.sequence),
}
ROW: schema.Shape = {
    "clause": schema.must(schema.text(200)),
    "gist": schema.must(schema.text(200)),
    "cited_as": schema.may(schema.texts),
    "parts": schema.may(schema.sequence),
    "reason": schema.may(schema.text(300)),
}
PART: schema.Shape = {
    "programme": schema.must(schema.text(60)),
    "part": schema.must(schema.one_of(list(PARTS))),
}


def read_clauses(folder: Path) -> list[Clause]:
    """Every clause in the order of the file; raises PackError with all problems."""
    problems = Problems()
    shown_as = f"{folder.name}/clauses.yaml"
    document = read_yaml(folder / "clauses.yaml", shown_as)
    if not isinstance(document, Mapping):
        raise PackError([Problem(shown_as, 1, "", "应为映射（键: 值）")])
    schema.check_row(document, CLAUSES, document, "clauses", problems)
    found: list[Clause] = []
    for each in schema.sound_rows(document, "clauses", DOCUMENT, problems):
        for row in schema.sound_rows(each, "rows", ROW, problems):
            parts = schema.sound_rows(row, "parts", PART, problems)
            clause = Clause(
                document=each["document"],
                clause=row["clause"],
                gist=row["gist"],
                cited_as=tuple(row.get("cited_as") or (row["clause"],)),
                parts=tuple((part["programme"], part["part"]) for part in parts),
                reason=row.get("reason") or "",
            )
            if any(
                (other.document, other.clause) == (clause.document, clause.clause)
                for other in found
            ):
                problems.add(row, "clause", f"{clause.clause} 不应重复出现")
            found.append(clause)
    problems.raise_if_any()
    return found
