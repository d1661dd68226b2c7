"""What the clauses of the documents say, as clauses.yaml lists them in the order of each document."""

from dataclasses import dataclass
from typing import Any

from policies.catalogue.packs import schema
from policies.catalogue.packs.edition_pack import Checks
from policies.catalogue.packs.reader import Mapping
from policies.consistency.sources import PARTS

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


@dataclass(frozen=True)
class ClausePack:
    """A row of the file, the number of its document, and the fields of its row in the database."""

    row: Mapping
    document: str
    fields: dict[str, Any]


def clauses_of(file: Mapping, checks: Checks) -> list[ClausePack]:
    """Every clause in the order of the file; what is wrong goes to the problems of `checks`."""
    found: list[ClausePack] = []
    known: set[tuple[str, str]] = set()
    for each in schema.sound_rows(file, "clauses", DOCUMENT, checks.problems):
        number = each["document"]
        checks.known(each, "document", number, "document")
        rows = schema.sound_rows(each, "rows", ROW, checks.problems)
        for position, row in enumerate(rows, 1):
            if (number, row["clause"]) in known:
                checks.problems.add(row, "clause", f"{row['clause']} 不应重复出现")
            known.add((number, row["clause"]))
            found.append(ClausePack(row, number, _fields(row, position, checks)))
    return found


def _fields(row: Mapping, position: int, checks: Checks) -> dict[str, Any]:
    parts = schema.sound_rows(row, "parts", PART, checks.problems)
    for part in parts:
        checks.known(part, "programme", part["programme"], "programme")
    return {
        "position": position,
        "name": row["clause"],
        "gist": row["gist"],
        "cited_as": [name for name in row.get("cited_as") or () if name != row["clause"]],
        "parts": [[part["programme"], part["part"]] for part in parts],
        "reason": row.get("reason") or "",
    }
