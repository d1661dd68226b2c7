"""Spreadsheets become records: kept, rehearsed with every problem, then recorded all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from applications.cases.services.errors import ApplicationError
from applications.centre.models import SheetImport
from portal.sheets.columns import Field, Problem, SheetRow, read_rows
from portal.sheets.reading import cells_of

DONE_BEFORE = "这份表已经登记过，没有再做任何改动。"
NOTHING_NEW = "表里的 {known} 行都已登记过，没有改动。"
RECORDED = "已登记 {new} 行。"
LEFT_OUT = "有 {count} 行没有登记：{reason}"
ALL_LEFT_OUT = "没有登记：表里没有可以由您登记的行。"
KNOWN_TOO = "另有 {known} 行以前已登记，没有改动。"
HAS_PROBLEMS = "没有登记：有 {count} 处要先改好，改好后重新上传。"
SAME_AS = "与第 {number} 行重复"


class SheetImportError(ApplicationError):
    """A spreadsheet that was not recorded; the message says why, in Chinese."""


@dataclass(frozen=True)
class ImportKind:
    """What may be imported.

    `check` gets the rows and the user: the problems, and the numbers of rows recorded before.
    `record` gets the rows that are new, the user and the time, writes, and returns what could not
    be written. Both run in one transaction, which is taken back if there is any problem: what
    `check` locks stays as it was seen. `sums` says in Chinese what the new rows come to.
    `leave_out` gets the new rows, the user and the time: rows that this user may not record, each with the
    reason; the others are recorded all the same. `left_out` says in Chinese who records those.
    `takes_factor`: what moves money takes a fresh check of the second factor.
    """

    key: str
    title: str
    help_text: str
    permission: str
    fields: Sequence[Field]
    check: Callable[[Sequence[SheetRow], Any], tuple[list[Problem], set[int]]]
    record: Callable[[Sequence[SheetRow], Any, datetime], list[Problem]]
    sums: Callable[[Sequence[SheetRow]], str] = lambda rows: ""
    leave_out: Callable[[Sequence[SheetRow], Any, datetime], list[Problem]] = (
        lambda rows, user, now: []
    )
    left_out: str = ""
    takes_factor: bool = False

    @property
    def optional_headers(self) -> list[str]:
        return [each.header for each in self.fields if not each.is_required]


@dataclass(frozen=True)
class Rehearsal:
    """What recording a spreadsheet would do now."""

    rows: Sequence[SheetRow]
    problems: Sequence[Problem] = ()
    known: set[int] = field(default_factory=set)
    sums: str = ""
    left_out: Sequence[Problem] = ()

    @property
    def new(self) -> int:
        return len(self.rows) - len(self.known) - len(self.left_out)


def duplicates(rows: Sequence[SheetRow], keys: Sequence[str], header: str) -> list[Problem]:
    """A problem for each row that has the same values as an earlier one."""
    first: dict[Any, int] = {}
    problems = []
    for row in rows:
        earlier = first.setdefault(tuple(row.values[key] for key in keys), row.number)
        if earlier != row.number:
            problems.append(Problem(row.number, header, SAME_AS.format(number=earlier)))
    return problems


def keep_sheet(
    *, kind: ImportKind, name: str, content: bytes, user: Any, now: datetime
) -> SheetImport:
    """Read an upload and keep its cells for preview; SheetError where it cannot be read.

    What the user uploaded before and never recorded goes.
    """
    cells = cells_of(content)
    SheetImport.objects.filter(user=user, kind=kind.key, done_at=None).delete()
    return SheetImport.objects.create(
        kind=kind.key,
        title=kind.title,
        file_name=name[-200:],
        sha256=sha256(content).hexdigest(),
        cells=cells,
        user=user,
        jurisdiction_code=user.jurisdiction_code,
        uploaded_at=now,
    )


def rehearse(*, kind: ImportKind, sheet: SheetImport, user: Any, now: datetime) -> Rehearsal:
    """Do all of it and take it back: what would go wrong is known, nothing has changed."""
    with transaction.atomic():
        rehearsal = _record(kind, sheet, user, now)
        transaction.set_rollback(True)
    return rehearsal


def record_sheet(*, kind: ImportKind, sheet: SheetImport, user: Any, now: datetime) -> SheetImport:
    """Record every row that is new and may be recorded by the user, or none.

    SheetImportError says why none is.
    """
    with transaction.atomic():
        sheet = SheetImport.objects.select_for_update().get(pk=sheet.pk)
        if sheet.done_at:
            raise SheetImportError(DONE_BEFORE)
        rehearsal = _record(kind, sheet, user, now)
        if rehearsal.problems:
            raise SheetImportError(HAS_PROBLEMS.format(count=len(rehearsal.problems)))
        if rehearsal.left_out and not rehearsal.new:
            raise SheetImportError(ALL_LEFT_OUT)
        sheet.done_at = now
        sheet.outcome = _outcome(kind, rehearsal)
        sheet.save(update_fields=["done_at", "outcome"])
    return sheet


def _record(kind: ImportKind, sheet: SheetImport, user: Any, now: datetime) -> Rehearsal:
    rows, problems = read_rows(sheet.cells, kind.fields)
    wrong, known = kind.check(rows, user)
    problems = [*problems, *wrong]
    fresh = [row for row in rows if row.number not in known]
    left_out = kind.leave_out(fresh, user, now) if fresh and not problems else []
    others = {problem.number for problem in left_out}
    fresh = [row for row in fresh if row.number not in others]
    if not problems and fresh:
        problems = kind.record(fresh, user, now)
    in_order = sorted(problems, key=lambda problem: problem.number)
    sums = "" if problems or not fresh else kind.sums(fresh)
    return Rehearsal(rows, in_order, known, sums, left_out)


def _outcome(kind: ImportKind, rehearsal: Rehearsal) -> str:
    known = len(rehearsal.known)
    if not rehearsal.new:
        return NOTHING_NEW.format(known=known)
    recorded = RECORDED.format(new=rehearsal.new) + rehearsal.sums
    if rehearsal.left_out:
        recorded += LEFT_OUT.format(count=len(rehearsal.left_out), reason=kind.left_out)
    return f"{recorded}{KNOWN_TOO.format(known=known)}" if known else recorded
