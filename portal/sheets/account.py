"""An account of a spreadsheet: of every row that holds anything, whether it is read, and if not, why.

A sheet falls into tables, each begun by a row of headers. What is hidden, struck through or unlike
its table is in doubt until somebody decides; nothing is left out without its text being shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from portal.sheets.asides import (
    IS_NOTE,
    IS_TOTAL,
    aside_of,
    begins_as_note,
    heads_a_part,
    is_line,
    is_negated,
    is_total,
)
from portal.sheets.columns import MISSING, Field, Place, Problem, SheetRow, letters_of, read_row
from portal.sheets.headers import Headers, Heading, is_ordinal, unit_line
from portal.sheets.reading import Row, Sheet
from portal.sheets.totals import Line, mismatches

MOST_ROWS = 5000
READ, PASS = "read", "pass"
NO_HEADERS = (
    "找不到表头；表头要有：{headers}。没有表头的，请在名单上面加一行，写明每一列是什么；"
    "CSV 的各列要用逗号、制表符或分号隔开。"
)
LOOKS_LIKE_HEADERS = "像是表头，缺少：{missing}"
TWICE = (
    "表头里有{count}列“{header}”（{cells}）；并排的几张表请上下接起来，按年度、级别分了几列的请改成一行一笔，"
    "意思不同的列请改一个表头，再上传"
)
NO_ROWS = "表头下面没有要读的数据。"
TOO_MANY = f"一次最多 {MOST_ROWS} 行，请分成几个文件。"

IS_A_HEADER = (
    "“{text}”是表头，不是一家企业；表头竖着写的，请用“选择性粘贴”里的“转置”改成横排，再上传"
)
UPRIGHT = "表头竖着写在 A 列（{cells}）；请复制整张表，用“选择性粘贴”里的“转置”改成横排，再上传。"
NOBODYS = "“{text}”看不出是哪一家，请写明"
IS_HEADERS = "表头"
WAITS = "这张表读不读还没有选定"
IS_OF_PASSED = "这张表不读"
WAS_PASSED = "选定略过"
IS_HIDDEN, IS_STRUCK = "是隐藏的行", "有划掉的字"
IS_SWALLOWING = "有一格里是好几行字，可能是引号没有配对，把后面的行也算了进来"
IS_NEGATED = "写着没有通过、取消一类的话，看不出算不算"
IS_WIDE = "比表头多出几格，可能是金额里的逗号把一格分成了几格"
IS_BESIDE = "没有表头的列里还有像数据的内容，不会读出"
IS_TOTAL_AND_DATA = "写着合计，又像一行数据"
IS_UNCLEAR = "看不出是不是数据"
IS_ABOVE = "在表头以上，看不出是不是数据"
IS_ORDINAL = "栏次"


class State(StrEnum):
    READ = "读出"
    WRONG = "要改"
    HEADERS = "表头"
    PASSED = "略过"
    DOUBT = "待定"


@dataclass(frozen=True)
class Table:
    """The rows of a sheet from one row of headers to the next; `number` is that of the headers.

    Without all required headers (`missing`) it can only be passed over. `choice` is READ, PASS, or
    empty where somebody must choose. `hidden` are the headers that are read from hidden columns,
    `unread` those of columns that are not read.
    """

    key: str
    sheet: str
    number: int
    headers: str
    missing: Sequence[str]
    is_sheet_hidden: bool
    choice: str
    hidden: Sequence[str] = ()
    units: Mapping[int, str] = field(default_factory=dict)
    beside: Sequence[range] = ()
    unread: Sequence[str] = ()
    count: int = 0

    @property
    def is_readable(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Entry:
    """One row in the account; `row` is what it says where it is read."""

    key: str
    place: Place
    text: str
    state: State
    why: str = ""
    row: SheetRow | None = None
    problems: Sequence[Problem] = ()
    # A row that may be read, and one whose table is to be chosen first.
    may_be_read: bool = False
    waits_for_table: bool = False
    # What is odd of it, so that somebody is or was asked; and what was decided.
    doubt: str = ""
    choice: str = ""

    @property
    def is_asked(self) -> bool:
        return bool(self.doubt)


@dataclass(frozen=True)
class Account:
    """Every row that holds anything is one entry, in order."""

    entries: Sequence[Entry]
    tables: Sequence[Table]
    sheets: int
    of_file: Sequence[Problem]
    # Totals that are not what the rows come to; they stop nothing.
    mismatches: Sequence[Problem] = ()

    @cached_property
    def counts(self) -> Mapping[State, int]:
        return Counter(entry.state for entry in self.entries)

    @property
    def rows(self) -> list[SheetRow]:
        return [entry.row for entry in self.entries if entry.state == State.READ]

    @cached_property
    def read(self) -> Mapping[Place, SheetRow]:
        """What the rows say that are read, by their places."""
        return {row.place: row for row in self.rows}

    @property
    def problems(self) -> list[Problem]:
        return [*self.of_file, *(each for entry in self.entries for each in entry.problems)]

    def of(self, state: State) -> list[Entry]:
        return [entry for entry in self.entries if entry.state == state]

    @property
    def undecided_tables(self) -> list[Table]:
        return [table for table in self.tables if not table.choice]


def account_of(
    sheets: Sequence[Sheet],
    fields: Sequence[Field],
    decisions: Mapping[str, str],
    keys: Sequence[str] = (),
) -> Account:
    """The account by what was decided so far: READ or PASS by key of table or row.

    Of the fields named in `keys` a table needs one column, and each row one value.
    """
    reading = _Reading(fields, keys, decisions, is_one=len(sheets) == 1)
    entries = [entry for order, sheet in enumerate(sheets) for entry in reading.walk(order, sheet)]
    counts = Counter(entry.key.rpartition("/")[0] for entry in entries)
    tables = [replace(table, count=counts[table.key]) for table in reading.tables]
    problems = list(reading.problems)
    states = Counter(entry.state for entry in entries)
    if not any(table.is_readable for table in tables):
        headers = reading.headers.in_words
        upright = _upright_headers(sheets, reading.headers)
        told = UPRIGHT.format(cells="、".join(upright)) if upright[1:] else ""
        problems.insert(0, Problem(None, "", told or NO_HEADERS.format(headers=headers)))
    elif states[State.READ] + states[State.WRONG] > MOST_ROWS:
        problems = [Problem(None, "", TOO_MANY)]
        entries = [replace(entry, problems=()) for entry in entries]
    elif not any(states[state] for state in (State.READ, State.WRONG, State.DOUBT)):
        problems.append(Problem(None, "", NO_ROWS))
    return Account(entries, tables, len(sheets), problems, _mismatches(sheets, entries, tables))


def _upright_headers(sheets: Sequence[Sheet], headers: Headers) -> list[str]:
    """The first cells of rows that hold a header each, one below the other."""
    return [
        f"A{row.number}"
        for sheet in sheets
        for row in sheet.rows
        if headers.is_header(row.cells[0])
    ]


def _mismatches(
    sheets: Sequence[Sheet], entries: Sequence[Entry], tables: Sequence[Table]
) -> list[Problem]:
    """What totals say otherwise than the rows of their tables."""
    rows = {(order, row.number): row for order, sheet in enumerate(sheets) for row in sheet.rows}
    units = {table.key: table.units for table in tables}
    beside = {table.key: table.beside for table in tables}
    lines: dict[str, list[Line]] = {}
    for entry in entries:
        is_sum = entry.state == State.PASSED and entry.why == IS_TOTAL
        if is_sum or entry.state in (State.READ, State.WRONG):
            row = rows[entry.place.sheet, entry.place.number]
            table = entry.key.rpartition("/")[0]
            lines.setdefault(table, []).append(
                _line(entry.place, row, beside.get(table, ()), is_sum)
            )
    everything = [line for own in lines.values() for line in own if not line.is_sum]
    return [
        Problem(place, "", "；".join(told))
        for table, own in lines.items()
        for place, told in mismatches(own, everything, units.get(table, {})).items()
    ]


def _line(place: Place, row: Row, beside: Sequence[range], is_sum: bool) -> Line:
    """A row as its table has it: of tables side by side, in the columns of the first."""
    part = next((each for each in beside if place.part in (each.start, 0)), None)
    if part is None:
        return Line(place, row.cells, is_sum)
    before = [""] * beside[0].start
    return Line(
        place, [*before, *row.cells[part.start : part.stop]], is_sum, part.start - beside[0].start
    )


class _Reading:
    """Goes through the sheets one after another."""

    def __init__(
        self,
        fields: Sequence[Field],
        keys: Sequence[str],
        decisions: Mapping[str, str],
        *,
        is_one: bool,
    ) -> None:
        self._fields, self._decisions, self._is_one = fields, decisions, is_one
        self.headers = Headers(fields, keys)
        self._by_key = {field.key: field for field in fields}
        self._keys = keys
        self._required = [field.key for field in fields if field.is_required]
        self._marks = [field.mark for field in fields if field.mark]
        self._heading = Heading({})
        self._units: Mapping[str, str] = {}
        self._is_text = False
        self.tables: list[Table] = []
        self.problems: list[Problem] = []

    def walk(self, order: int, sheet: Sheet) -> Iterator[Entry]:
        headings = self._headings(sheet)
        self._is_text = not sheet.name
        table = None
        if not headings and not all(self._is_aside(row) for row in sheet.rows):
            table = self._begin(order, sheet, None, Heading({}))
        head_until, section, unit = -1, "", ""
        above: dict[int, tuple[str, str]] = {}
        for at, row in enumerate(sheet.rows):
            place = Place(order, row.number, "" if self._is_one else sheet.name)
            unit = unit_line(row) or unit
            if at in headings:
                table = self._begin(order, sheet, row, headings[at].in_unit(unit))
                head_until, section = at + headings[at].rows, ""
                above = {}
                if table.choice == READ:
                    self.problems += self._twice(place, headings[at])
            for column, cell in enumerate(row.cells):
                if row.kinds[column] != "v":
                    above[column] = cell, row.kinds[column]
            if at < head_until and table:
                why = LOOKS_LIKE_HEADERS.format(missing="、".join(table.missing))
                key = f"{table.key}/head{'' if at in headings else row.number}"
                yield Entry(
                    key, place, row.text, State.HEADERS, why if table.missing else IS_HEADERS
                )
                continue
            key = f"{table.key}/{row.number}" if table else f"{order}//{row.number}"
            entry = Entry(key, place, row.text, State.DOUBT, choice=self._decisions.get(key, ""))
            if table is None:
                yield self._above(entry, row)
            elif table.choice != READ:
                yield replace(
                    entry,
                    state=State.PASSED if table.choice else State.DOUBT,
                    why=IS_OF_PASSED if table.choice else WAITS,
                    waits_for_table=not table.choice,
                )
            elif at == head_until and is_ordinal(row) and not self._has_mark(row):
                yield replace(entry, state=State.PASSED, why=IS_ORDINAL)
            else:
                for part in self._parts(entry, row, above):
                    if part.state == State.PASSED and (part.why == IS_NOTE or heads_a_part(row)):
                        section = row.text
                    told = part.row and replace(part.row, section=section, sheet=sheet.name)
                    yield replace(part, row=told)

    def _parts(
        self, entry: Entry, row: Row, above: Mapping[int, tuple[str, str]]
    ) -> Iterator[Entry]:
        """The row, or each part of it where tables stand side by side."""
        columns = self._heading.columns
        if not self._heading.beside:
            yield self._inside(entry, row, above, columns)
            return
        first = self._heading.beside[0]
        for part in self._heading.beside:
            cells = [cell if at in part else "" for at, cell in enumerate(row.cells)]
            if not any(cells):
                continue
            own = replace(row, cells=cells)
            shift = part.start - first.start
            key = f"{entry.key}.{shift}" if shift else entry.key
            place = replace(entry.place, part=part.start if shift else 0)
            begun = replace(
                entry, key=key, place=place, text=own.text, choice=self._decisions.get(key, "")
            )
            moved = {name: at + shift for name, at in columns.items()}
            yield self._inside(begun, own, above, moved)

    def _headings(self, sheet: Sheet) -> dict[int, Heading]:
        """By the place of its first row in the sheet."""
        found: dict[int, Heading] = {}
        said: list[list[str]] = []
        at = 0
        while at < len(sheet.rows):
            heading = self.headers.find(sheet.rows, at)
            texts = [cell for cell in sheet.rows[at].cells if cell]
            # 规上企业 below 企业名称 is what a column of kinds says, unless the headers come again.
            if heading and not (found and heading.is_weak and texts not in said):
                found[at] = heading
                said.append(texts)
                at += heading.rows
            else:
                at += 1
        return found

    def _begin(self, order: int, sheet: Sheet, row: Row | None, heading: Heading) -> Table:
        """The table that begins with these headers, or a whole sheet without any."""
        self._heading = heading
        columns = heading.columns
        self._units = {name: heading.units.get(at, "") for name, at in columns.items()}
        key = f"{order}/{row.number if row else 0}"
        missing = self.headers.missing(columns)
        is_open = row and not (missing or sheet.is_hidden or row.is_hidden or row.is_struck)
        choice = self._decisions.get(key, READ if is_open else "")
        if missing and choice == READ:
            choice = ""
        first = sheet.rows.index(row) if row else 0
        self.tables.append(
            Table(
                key=key,
                sheet=sheet.name,
                number=row.number if row else 0,
                headers="　".join(each.text for each in sheet.rows[first : first + heading.rows])
                if row
                else _first_texts(sheet),
                missing=missing,
                is_sheet_hidden=sheet.is_hidden,
                choice=choice,
                hidden=[
                    each.header
                    for each in self._fields
                    if columns.get(each.key, -1) + 1 in sheet.hidden_columns
                ],
                units=heading.units,
                beside=heading.beside,
                unread=list(dict.fromkeys(heading.others.values())),
            )
        )
        return self.tables[-1]

    def _twice(self, place: Place, heading: Heading) -> list[Problem]:
        number = place.number + heading.rows - 1
        return [
            Problem(
                place,
                "",
                TWICE.format(
                    count="两" if len(columns) == 2 else f" {len(columns)} ",
                    header=self._by_key[key].header,
                    cells="、".join(f"{letters_of(column)}{number}" for column in columns),
                ),
            )
            for key, columns in heading.twice.items()
        ]

    def _above(self, entry: Entry, row: Row) -> Entry:
        """A row over the first headers: never read."""
        if self._is_aside(row):
            return replace(entry, state=State.PASSED, why=aside_of(row))
        entry = replace(entry, why=IS_ABOVE, doubt=IS_ABOVE)
        if entry.choice == PASS:
            return replace(entry, state=State.PASSED, why=f"{IS_ABOVE}，{WAS_PASSED}")
        return entry

    def _inside(
        self,
        entry: Entry,
        row: Row,
        above: Mapping[int, tuple[str, str]],
        columns: Mapping[str, int],
    ) -> Entry:
        """A row of a table that is read."""
        read, problems = read_row(
            entry.place, row, self._fields, columns, units=self._units, above=above
        )
        if self._keys and not any(read.values[key] for key in self._keys):
            wrong = {problem.header for problem in problems}
            lacking = [self._by_key[key] for key in self._keys if key in columns]
            if not wrong & {field.header for field in lacking}:
                key = lacking[0]
                at = columns[key.key]
                text = row.cells[at] if at < len(row.cells) else ""
                told = NOBODYS.format(text=text) if text else MISSING
                problems.append(Problem(entry.place, key.header, told, at))
        beside = _beside(row, self._heading.others)
        read = replace(read, beside=beside, headers=self._heading.others)
        problems += self._upright(entry.place, read)
        doubt = self._oddity(row, read)
        # A total may fill every column too; data names what only data does.
        is_sum = is_total(row) and (problems or self._marks)
        is_note = (problems and not self._is_like_data(row, columns)) or is_line(
            row, self._heading.kinds
        )
        if (is_sum or is_note) and self._is_aside(row):
            return replace(entry, state=State.PASSED, why=aside_of(row))
        if not problems and is_total(row):
            doubt = IS_TOTAL_AND_DATA
        if problems and not doubt and not self._is_like_data(row, columns):
            doubt = IS_UNCLEAR
        entry = replace(entry, why=doubt, doubt=doubt, may_be_read=bool(doubt))
        if doubt and entry.choice == PASS:
            return replace(entry, state=State.PASSED, why=f"{doubt}，{WAS_PASSED}")
        if doubt and entry.choice != READ:
            return entry
        state = State.WRONG if problems else State.READ
        return replace(entry, state=state, row=read, problems=problems)

    def _upright(self, place: Place, row: SheetRow) -> list[Problem]:
        """A header where the name of a firm should stand: headers stand below each other."""
        return [
            Problem(place, field.header, IS_A_HEADER.format(text=text), row.columns[key])
            for key in self._keys
            if (field := self._by_key[key])
            and isinstance(text := row.values.get(key), str)
            and self.headers.is_header(text)
        ]

    def _oddity(self, row: Row, read: SheetRow) -> str:
        """Why a row that reads well may still not be meant as it reads; empty where nothing is odd."""
        if row.is_hidden:
            return IS_HIDDEN
        if row.is_struck:
            return IS_STRUCK
        if row.is_swallowing:
            return IS_SWALLOWING
        if any(is_negated(header, text) for header, text in read.beside.values()):
            return IS_NEGATED
        beside = [cell for at, cell in enumerate(row.cells) if at not in self._heading.headed]
        is_data = any(mark.fullmatch(cell) for mark in self._marks for cell in beside)
        if is_data:
            return IS_BESIDE
        is_wide = self._is_text and any(row.cells[max(self._heading.headed, default=0) + 1 :])
        return IS_WIDE if is_wide else ""

    def _is_aside(self, row: Row) -> bool:
        """Whether it is a total or a note, and names nothing that only data does."""
        return bool(aside_of(row)) and not self._has_mark(row)

    def _has_mark(self, row: Row) -> bool:
        return any(mark.fullmatch(cell) for mark in self._marks for cell in row.cells)

    def _is_like_data(self, row: Row, columns: Mapping[str, int]) -> bool:
        names = dict.fromkeys([*self._required, *self._keys])
        own = [columns[key] for key in names if key in columns]
        filled = sum(
            column < len(row.cells) and (bool(row.cells[column]) or row.kinds[column] == "v")
            for column in own
        )
        if begins_as_note(row):  # 制表人, with a name beside it
            return self._has_mark(row) or 2 * filled > len(own)
        return self._has_mark(row) or 2 * filled >= len(own)


def _beside(row: Row, others: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    """By column the header and the text of what is not read."""
    return {
        at: (header, row.cells[at])
        for at, header in others.items()
        if at < len(row.cells) and row.cells[at]
    }


def _first_texts(sheet: Sheet) -> str:
    """What may be the headers of a table that has none of ours."""
    wide = (row for row in sheet.rows if sum(map(bool, row.cells)) > 2)
    return next(wide, sheet.rows[0]).text
