"""The examples of the packs: each names the edition that it is of, and is run on it."""

from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from typing import Any

from policies.catalogue.models.award import Level
from policies.catalogue.models.example import UNTITLED
from policies.catalogue.packs import schema
from policies.catalogue.packs.problem import Problems
from policies.catalogue.packs.reader import Mapping
from policies.consistency.examples import NUMBERS, PAIRS, faults_of
from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.readings import Outcome

EXAMPLES: schema.Shape = {"examples": schema.must(schema.sequence)}
EXAMPLE: schema.Shape = {
    "programme": schema.must(schema.text(60)),
    "edition": schema.must(schema.day),
    "title": schema.may(schema.text(100)),
    "on": schema.must(schema.day),
    "firm": schema.must(schema.mapping),
    "criteria": schema.may(schema.sequence),
    "money": schema.may(schema.sequence),
}
CRITERION: schema.Shape = {
    "code": schema.must(schema.text(60)),
    "is": schema.must(schema.one_of([outcome.value for outcome in Outcome])),
    "with": schema.may(schema.mapping),
}
MONEY: schema.Shape = {
    "level": schema.must(schema.one_of(Level.values)),
    "with": schema.may(schema.mapping),
    "status": schema.may(schema.text(20)),
    "undecided": schema.may(schema.boolean),
    **{name: schema.may(schema.anything) for name in (*PAIRS, *NUMBERS)},
}


@dataclass
class Examples:
    """The examples of each edition, by programme and first day, and the lines they stand on.

    Packs without a folder of examples say nothing of them: those that were loaded stay.
    """

    are_told: bool = False
    by_edition: dict[tuple[str, str], list[Mapping]] = field(default_factory=dict)

    def read(self, document: Mapping, problems: Problems) -> None:
        """Take up the examples of one file whose shape is right."""
        if not schema.check_row(document, EXAMPLES, document, "examples", problems):
            return
        for row in schema.sound_rows(document, "examples", EXAMPLE, problems):
            before = len(problems)
            schema.sound_rows(row, "criteria", CRITERION, problems)
            schema.sound_rows(row, "money", MONEY, problems)
            if len(problems) == before:
                key = (row["programme"], row["edition"])
                self.by_edition.setdefault(key, []).append(row)

    def contents_of(self, programme: str, starts: str) -> list[dict[str, Any]]:
        """The examples of an edition as policies.catalogue.content writes them."""
        return [
            {
                "title": row.get("title") or UNTITLED,
                "on": row["on"],
                "firm": row["firm"],
                **{name: row[name] for name in ("criteria", "money") if row.get(name)},
            }
            for row in self.by_edition.get((programme, starts), ())
        ]

    def run(
        self,
        editions: Iterable[Edition],
        facts: AnyMapping[str, Fact],
        problems: Problems,
    ) -> None:
        """Note every example that comes out otherwise, and those of no edition."""
        known = {(edition.programme, edition.edition): edition for edition in editions}
        for key, row in ((key, row) for key, rows in self.by_edition.items() for row in rows):
            if key not in known:
                problems.add(row, "edition", f"没有项目 {key[0]} 的 {key[1]} 版")
                continue
            for fault in faults_of(row, known[key], facts):
                owner: Any = row
                where: str | int = "firm"
                if fault.place:
                    owner, where = row[fault.place[0]], fault.place[1]
                problems.add(owner, where, fault.message)
