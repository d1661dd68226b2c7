"""Values that can hardly be taken back are asked about before they are recorded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from portal.sheets.columns import Field, Place, SheetRow

SAME, AS_WRITTEN = "same", "as_written"


@dataclass(frozen=True)
class Question:
    """What is asked about one value of one column, wherever it is written.

    `kind` tells questions about the same value apart. `same_as` is what the value may stand for: it
    can be answered SAME, then that is recorded, or AS_WRITTEN with a reason.
    """

    field: str
    header: str
    value: Any
    kind: str
    message: str
    places: tuple[Place, ...]
    same_as: str = ""

    @property
    def key(self) -> str:
        return sha256(f"{self.field}|{self.value}|{self.kind}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Answer:
    """What somebody answered to the question that was `asked`, and why; kept with the import."""

    choice: str = ""
    reason: str = ""
    asked: str = ""


@dataclass(frozen=True)
class Asked:
    """A question with its answer so far."""

    question: Question
    answer: Answer

    @property
    def is_open(self) -> bool:
        if self.answer.choice == SAME:
            return not self.question.same_as
        return not (self.answer.choice == AS_WRITTEN and self.answer.reason)

    @property
    def lacks_reason(self) -> bool:
        return self.answer.choice == AS_WRITTEN and not self.answer.reason


def gathered(
    found: Iterable[tuple[SheetRow, Field, str, str]],
) -> Iterator[Question]:
    """One question for all rows of the same value: row, field, kind and message of each."""
    places = defaultdict(list)
    first = {}
    for row, field, kind, message in found:
        key = (field.key, row.values[field.key], kind)
        places[key].append(row.place)
        first.setdefault(key, (field, message))
    for (name, value, kind), where in places.items():
        field, message = first[name, value, kind]
        yield Question(name, field.header, value, kind, message, tuple(where))


def losses(rows: Sequence[SheetRow], fields: Sequence[Field]) -> list[Question]:
    """What a spreadsheet may have made of a text that looks like a number or a day."""
    return list(
        gathered(
            (row, field, "loss", f"“{row.values[field.key]}”{row.losses[field.key]}")
            for field in fields
            for row in rows
            if field.key in row.losses
        )
    )


def respelt(
    rows: Sequence[SheetRow], questions: Sequence[Question], answers: Mapping[str, Answer]
) -> list[SheetRow]:
    """The rows with each value that stands for another as that other, unless it is answered otherwise."""
    instead = {
        (question.field, question.value): question.same_as
        for question in questions
        if question.same_as and answers.get(question.key, Answer()).choice != AS_WRITTEN
    }
    return [
        replace(
            row,
            values={key: instead.get((key, value), value) for key, value in row.values.items()},
        )
        for row in rows
    ]
