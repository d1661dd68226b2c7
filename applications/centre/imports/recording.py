"""Spreadsheets become records: kept, rehearsed with every problem, then recorded all or nothing."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from applications.cases.services.errors import ApplicationError
from applications.centre.imports.details import Details
from applications.centre.imports.finding import Completed, Match
from applications.centre.imports.questions import Answer, Asked, Question, losses, respelt
from applications.centre.models import SheetImport
from applications.enterprises.models.bank_account import compact_number, tail_of
from portal.sheets.account import Account, State, account_of
from portal.sheets.carried import carried
from portal.sheets.columns import Field, Place, Problem, SheetRow
from portal.sheets.reading import Sheet, as_json, from_json, read_sheets

NONE: Mapping[str, str] = {}
UNRECORDED_KEPT = timedelta(days=30)
DONE_BEFORE = "这份表已经登记过，没有再做任何改动。"
NOTHING_NEW = "表里的 {known} 行都已登记过，没有改动。"
RECORDED = "已登记 {new} 行。"
LEFT_OUT = "有 {count} 行没有登记：{reason}"
ALL_LEFT_OUT = "没有登记：表里没有可以由您登记的行。"
NOTHING_CHOSEN = "没有登记：表里的行都选定略过了。"
PASSED_TOO = "另有 {count} 行选定略过。"
KNOWN_TOO = "另有 {known} 行以前已登记，没有改动。"
HAS_PROBLEMS = "没有登记：有 {count} 处要先改好，改好后重新上传。{first}"
MOST_TOLD = 3
# Rows that are written, and what was written taken back, while somebody waits for the page. Of more
# only a worker finds out what writing them refuses.
MOST_AT_ONCE = 300
IN_DOUBT = "没有登记：还有 {count} 处待定，请在下面选定或回答。"
SAME_AS = "与{place}重复"
ACCOUNT_HEADER = re.compile(r".{0,8}[账帐][号户].{0,8}")
ACCOUNT = re.compile(r"\d{8,32}", re.ASCII)


class SheetImportError(ApplicationError):
    """A spreadsheet that was not recorded; the message says why, in Chinese."""


@dataclass(frozen=True)
class LeftOut:
    """A row that is not recorded now: why, and what becomes of all rows of this `reason`."""

    place: Place
    message: str
    reason: str


@dataclass(frozen=True)
class ImportKind:
    """What may be imported.

    Of `keys` a table needs one column, and each row one value. `complete` gets the account, the name
    of the file, what was decided and the user: the rows with what the list itself leaves out.
    `spellings` gets the rows and the user: questions about values that may stand for others.
    `check` gets the rows and the user: the problems, and the places of rows recorded before.
    `ask` gets the rows that are new, the user and the time: questions about values that can hardly
    be taken back. `record` gets the same, writes, and returns what could not be written. All run in
    one transaction, which is taken back if there is any problem: what `check` locks stays as it was
    seen. `sums` says in Chinese what the new rows come to. `leave_out` gets the new rows, the user
    and the time: rows that are not recorded now, each with why and what becomes of it; the others are
    recorded all the same.
    `takes_factor`: what moves money takes a fresh check of the second factor.
    """

    key: str
    title: str
    help_text: str
    permission: str
    fields: Sequence[Field]
    keys: Sequence[str]
    complete: Callable[[Account, str, Mapping[str, Any], Any], Completed]
    check: Callable[[Sequence[SheetRow], Any], tuple[list[Problem], set[Place]]]
    record: Callable[[Sequence[SheetRow], Any, datetime], list[Problem]]
    ask: Callable[[Sequence[SheetRow], Any, datetime], list[Question]]
    spellings: Callable[[Sequence[SheetRow], Any], list[Question]] = lambda rows, user: []
    sums: Callable[[Sequence[SheetRow]], str] = lambda rows: ""
    leave_out: Callable[[Sequence[SheetRow], Any, datetime], list[LeftOut]] = (
        lambda rows, user, now: []
    )
    takes_factor: bool = False

    @property
    def keys_in_words(self) -> str:
        return "、".join(each.header for each in self.fields if each.key in self.keys)

    @property
    def other_headers(self) -> list[str]:
        return [each.header for each in self.fields if each.key not in self.keys]


@dataclass(frozen=True)
class Rehearsal:
    """What recording a spreadsheet would do now.

    `asked` are the questions about its values, `matches` what its rows without our numbers stand
    for, `details` what is told once for all.
    """

    account: Account
    rows: Sequence[SheetRow]
    problems: Sequence[Problem] = ()
    known: set[Place] = field(default_factory=set)
    sums: str = ""
    left_out: Sequence[LeftOut] = ()
    asked: Sequence[Asked] = ()
    matches: Sequence[Match] = ()
    details: Details = field(default_factory=Details)

    @property
    def left_out_by_reason(self) -> Mapping[str, int]:
        return dict(Counter(each.reason for each in self.left_out))

    @property
    def is_long(self) -> bool:
        """Whether a worker records it."""
        return self.new > MOST_AT_ONCE

    @property
    def passed(self) -> int:
        return sum(match.is_passed for match in self.matches)

    @property
    def new(self) -> int:
        return len(self.rows) - len(self.known) - len(self.left_out)

    @property
    def open(self) -> int:
        """How many things somebody must decide first: tables, rows, values."""
        rows = [entry for entry in self.account.of(State.DOUBT) if not entry.waits_for_table]
        values = [asked for asked in self.asked if asked.is_open]
        found = [match for match in self.matches if match.is_open]
        tables = self.account.undecided_tables
        return len(tables) + len(rows) + len(values) + len(found) + self.details.is_open


def duplicates(rows: Sequence[SheetRow], keys: Sequence[str], header: str) -> list[Problem]:
    """A problem for each row that has the same values as an earlier one."""
    first: dict[Any, Place] = {}
    problems = []
    for row in rows:
        earlier = first.setdefault(tuple(row.values[key] for key in keys), row.place)
        if earlier != row.place:
            problems.append(Problem(row.place, header, SAME_AS.format(place=earlier)))
    return problems


def without_accounts(sheet: Sheet) -> Sheet:
    """The sheet with the ends only of bank accounts, which more people may look at than may read them.

    A column is one of accounts below a cell that says so.
    """
    accounts: set[int] = set()
    rows = []
    for row in sheet.rows:
        told = {place for place, cell in enumerate(row.cells) if ACCOUNT_HEADER.fullmatch(cell)}
        cells = [
            masked(cell) if place in accounts - told else cell
            for place, cell in enumerate(row.cells)
        ]
        accounts |= told
        rows.append(replace(row, cells=cells))
    return replace(sheet, rows=rows)


def masked(cell: str) -> str:
    """A cell whose text is the number of an account, as its end."""
    number = compact_number(cell)
    return tail_of(number) if ACCOUNT.fullmatch(number) else cell


def keep_sheet(
    *, kind: ImportKind, name: str, content: bytes, user: Any, now: datetime
) -> SheetImport:
    """Read an upload and keep its rows for preview; SheetError where it cannot be read.

    What the user uploaded before and never recorded goes; what was decided of it stays, for the
    tables, rows and values that are in the new file too.
    """
    sheets = [without_accounts(sheet) for sheet in read_sheets(content)]
    before = SheetImport.objects.filter(user=user, kind=kind.key, done_at=None)
    decisions: dict[str, Any] = {}
    for old in before:
        rows = carried(
            from_json(old.sheets), old.decisions.get("rows", {}), sheets, kind.fields, kind.keys
        )
        decisions = {**old.decisions, "rows": rows}
    before.delete()
    return SheetImport.objects.create(
        kind=kind.key,
        title=kind.title,
        file_name=name,
        sha256=sha256(content).hexdigest(),
        sheets=as_json(sheets),
        decisions=decisions,
        user=user,
        jurisdiction_code=user.jurisdiction_code,
        uploaded_at=now,
    )


def remove_unrecorded(now: datetime) -> int:
    """How many uploads were taken away that nobody recorded in thirty days; `/privacy/` says so."""
    over = SheetImport.objects.filter(done_at=None, uploaded_at__lte=now - UNRECORDED_KEPT)
    return over.delete()[0]


def keep_decisions(
    sheet: SheetImport,
    rows: Mapping[str, str],
    answers: Mapping[str, Answer],
    found: Mapping[str, str] = NONE,
    details: Mapping[str, str] = NONE,
) -> None:
    """Keep what somebody decided of tables and rows, by their keys, and answered of values.

    `found` is what was chosen for rows without our numbers, `details` what was typed for the file.
    SheetImportError where the sheet is recorded.
    """
    with transaction.atomic():
        kept = SheetImport.objects.select_for_update().get(pk=sheet.pk)
        if kept.done_at:
            raise SheetImportError(DONE_BEFORE)
        before = kept.decisions
        told = {key: asdict(answer) for key, answer in answers.items()}
        new = {"rows": rows, "answers": told, "found": found, "details": details}
        kept.decisions = {
            name: before.get(name, {}) | each
            for name, each in new.items()
            if name in before or each or name in ("rows", "answers")
        }
        kept.save(update_fields=["decisions"])


def account_of_sheet(kind: ImportKind, sheet: SheetImport) -> Account:
    return account_of(sheets_of(sheet), kind.fields, sheet.decisions.get("rows", {}), kind.keys)


def sheets_of(sheet: SheetImport) -> list[Sheet]:
    return from_json(sheet.sheets)


def rehearse(*, kind: ImportKind, sheet: SheetImport, user: Any, now: datetime) -> Rehearsal:
    """Do all of it and take it back: what would go wrong is known, nothing has changed."""
    with transaction.atomic():
        rehearsal = _record(kind, sheet, user, now, most=MOST_AT_ONCE)
        transaction.set_rollback(True)
    return rehearsal


def rows_for_a_worker(kind: ImportKind, sheet: SheetImport, user: Any, now: datetime) -> int:
    """How many rows a worker is to record; 0 where the page does it, or says what is to be done first."""
    if sum(len(each["rows"]) for each in sheet.sheets) <= MOST_AT_ONCE:
        return 0
    rehearsal = rehearse(kind=kind, sheet=sheet, user=user, now=now)
    is_ready = not (rehearsal.problems or rehearsal.open or sheet.done_at)
    return rehearsal.new if is_ready and rehearsal.new > MOST_AT_ONCE else 0


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
            first = "；".join(map(str, rehearsal.problems[:MOST_TOLD]))
            raise SheetImportError(
                HAS_PROBLEMS.format(count=len(rehearsal.problems), first=f"如{first}。")
            )
        if rehearsal.open:
            raise SheetImportError(IN_DOUBT.format(count=rehearsal.open))
        if rehearsal.left_out and not rehearsal.new:
            raise SheetImportError(ALL_LEFT_OUT)
        if not rehearsal.rows:
            raise SheetImportError(NOTHING_CHOSEN)
        sheet.done_at = now
        sheet.outcome = _outcome(rehearsal)
        answers = {each.question.key: asdict(each.answer) for each in rehearsal.asked}
        sheet.decisions = {
            "rows": sheet.decisions.get("rows", {}),
            "answers": answers,
            "told": rehearsal.details.told,
            "matches": [match.told for match in rehearsal.matches],
        }
        sheet.save(update_fields=["done_at", "outcome", "decisions"])
    return sheet


def _record(
    kind: ImportKind, sheet: SheetImport, user: Any, now: datetime, most: int | None = None
) -> Rehearsal:
    """All of it; more rows than `most` are not written."""
    account = account_of_sheet(kind, sheet)
    answers = {key: Answer(**told) for key, told in sheet.decisions.get("answers", {}).items()}
    completed = kind.complete(account, sheet.file_name, sheet.decisions, user)
    spellings = kind.spellings(completed.rows, user)
    rows = respelt(completed.rows, spellings, answers)
    wrong, known = kind.check(rows, user)
    problems = [*account.problems, *wrong]
    fresh = [row for row in rows if row.place not in known]
    left_out = kind.leave_out(fresh, user, now) if fresh and not problems else []
    others = {problem.place for problem in left_out}
    fresh = [row for row in fresh if row.place not in others]
    places = {row.place for row in fresh}
    own = {row.place: row for row in rows}
    questions = [each for each in spellings if not places.isdisjoint(each.places)]
    questions += [*losses(fresh, kind.fields), *kind.ask(fresh, user, now)]
    # What the page still asks may be what the others lack: a batch is whole when all are answered.
    is_open = (
        completed.details.is_open
        or any(match.is_open for match in completed.matches)
        or bool(account.of(State.DOUBT))
    )
    is_long = most is not None and len(fresh) > most
    if not problems and fresh and not is_open and not is_long:
        problems = kind.record(fresh, user, now)
    return Rehearsal(
        account=account,
        rows=rows,
        problems=sorted(
            (_with_cell(problem, {**account.read, **own}, kind) for problem in problems),
            key=lambda problem: (bool(problem.place), problem.place),
        ),
        known=known,
        sums="" if problems or not fresh else kind.sums(fresh),
        left_out=left_out,
        asked=[Asked(each, answers.get(each.key, Answer())) for each in questions],
        matches=completed.matches,
        details=completed.details,
    )


def _with_cell(problem: Problem, rows: Mapping[Place, SheetRow], kind: ImportKind) -> Problem:
    """With the column of what it is about, or of what the row was found by."""
    if problem.place is None or problem.column is not None or problem.place not in rows:
        return problem
    columns = rows[problem.place].columns
    keys = [each.key for each in kind.fields if each.header == problem.header] + [*kind.keys]
    column = next((columns[key] for key in keys if key in columns), None)
    return replace(problem, column=column)


def _outcome(rehearsal: Rehearsal) -> str:
    known = len(rehearsal.known)
    if not rehearsal.new:
        return NOTHING_NEW.format(known=known)
    recorded = RECORDED.format(new=rehearsal.new) + rehearsal.sums
    for reason, count in rehearsal.left_out_by_reason.items():
        recorded += LEFT_OUT.format(count=count, reason=reason)
    if rehearsal.passed:
        recorded += PASSED_TOO.format(count=rehearsal.passed)
    return f"{recorded}{KNOWN_TOO.format(known=known)}" if known else recorded
