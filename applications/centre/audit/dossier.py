"""One case with all that was done with it, as words for a document and as data.

What it says is the same as long as nothing is done: when it was made stands in the manifest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.recount import assessed_again
from applications.cases.submitted import answers_in_words
from applications.centre.audit.people import People
from applications.centre.audit.tables import TABLES, Cell, Row, Table, moment_of, rows_of
from applications.centre.audit.two_roles import Double, TwoRoles
from applications.enterprises.models import LibraryFile
from policies.catalogue.content import CONTENT, edition_content
from policies.catalogue.current import Catalogue
from policies.catalogue.models.award import Level
from policies.presentation.programme import Guide, amount_in_words, programme_row
from policies.presentation.words import OUTCOMES, VERDICTS
from portal.files.names import clean_name
from portal.models import User

# Of the case itself what is told elsewhere, or opens something.
NOT_OF_THE_CASE = frozenset({"id", "reference", "version", "answers", "assessment"})
MOST_DOUBLES = 100
REPLACED = "已替换"
SAME_MONEY = ("status", "now", "later", "total")


@dataclass(frozen=True)
class Part:
    """A table with its rows of this case."""

    table: Table
    rows: Sequence[Row]


@dataclass(frozen=True)
class Moment:
    """Something that happened: when, what, and who, in words."""

    at: datetime
    what: str
    who: str
    words: str


@dataclass(frozen=True)
class Recount:
    """The verdict and money as they were kept, and as the same edition gives them now."""

    then: Mapping[str, Any]
    now: Mapping[str, Any]
    differences: Sequence[str]


@dataclass(frozen=True)
class HandedIn:
    """A file with its place in the dossier: 材料/01-营业执照-1.pdf."""

    name: str
    material: str
    stored: LibraryFile
    added_at: datetime
    replaced_at: datetime | None


class Dossier:
    """Read once; `viewer` is whose eyes decide how much of a bank account is told."""

    def __init__(self, case: Application, viewer: User) -> None:
        self.case, self.viewer = case, viewer
        self.catalogue = Catalogue()

    @cached_property
    def parts(self) -> list[Part]:
        return [Part(table, rows_of(table, self.case, self.viewer)) for table in TABLES]

    @cached_property
    def people(self) -> People:
        named = {
            cell.person
            for part in self.parts
            for row in part.rows
            for cell in row.cells
            if cell.person is not None
        }
        return People(named)

    def person_of(self, cell: Cell, row: Row) -> str:
        return str(self.people.at(cell.person, moment_of(cell, row)))

    @cached_property
    def course(self) -> list[Moment]:
        """All moments of all tables, the oldest first."""
        found = []
        for part in self.parts:
            for row in part.rows:
                for label, at, who in row.moments:
                    what = f"{part.table.name}：{row.title}"
                    if len(row.moments) > 1:
                        what += f"（{label}）"
                    behalf = next(
                        (each for each in row.cells if each.name == "on_behalf_of" and each.person),
                        None,
                    )
                    told = self._who(who, at)
                    if behalf:
                        told += f"，代 {self.people.at(behalf.person, at)}"
                    found.append(Moment(at, what, told, row.words))
        return sorted(found, key=lambda moment: (moment.at, moment.what, moment.who))

    def _who(self, key: int | None, at: datetime) -> str:
        return str(self.people.at(key, at)) if key else ""

    @cached_property
    def doubles(self) -> list[Double]:
        """Who held two roles in it that should be two persons'."""
        return TwoRoles(Application.objects.filter(pk=self.case.pk)).page(0, MOST_DOUBLES)

    @cached_property
    def recount(self) -> Recount:
        """By the edition that the case is pinned to, on its own day."""
        case = self.case
        now = assessed_again(case, self.catalogue)
        return Recount(case.assessment, now, differences(case.assessment, now))

    @cached_property
    def files(self) -> list[HandedIn]:
        """All that was ever handed in, in the order of the list; earlier versions say so."""
        attached = self.case.attachments.select_related("library_file", "material")
        numbers = {
            material.pk: (number, material.name)
            for number, material in enumerate(self.case.materials, start=1)
        }
        rest = len(numbers) + 1
        found, counts = [], {}
        for each in attached.order_by("added_at", "pk"):
            number, name = numbers.get(each.material_id, (rest, each.material_name))
            counts[number] = counts.get(number, 0) + 1
            short = name.replace("/", "／")[:40]
            mark = f"-{REPLACED}" if each.replaced_at else ""
            suffix = each.library_file.kind.suffixes[0]
            file_name = clean_name(f"{number:02d}-{short}-{counts[number]}{mark}.{suffix}")
            found.append(
                HandedIn(
                    f"材料/{file_name}", name, each.library_file, each.added_at, each.replaced_at
                )
            )
        return sorted(found, key=lambda file: file.name)

    def as_json(self) -> dict[str, Any]:
        """The same as data, with Decimals as text and times in ISO 8601."""
        case, edition = self.case, self.case.edition
        row = {
            each.attname: getattr(case, each.attname)
            for each in case._meta.concrete_fields
            if each.name not in NOT_OF_THE_CASE
        }
        enterprise = {"name": case.enterprise.name, "credit_code": case.enterprise.credit_code}
        return plain(
            {
                "case": {
                    **row,
                    "status_in_words": case.get_status_display(),
                    "programme": edition.programme_id,
                    "programme_name": edition.programme.name,
                    "enterprise": enterprise,
                    "call": case.call and case.call.title,
                },
                "edition": {
                    "effective_from": edition.effective_from,
                    "status": edition.status,
                    "digest": edition.digest,
                    "content": edition_content(edition),
                },
                "answers": [
                    {
                        "key": each.key,
                        "label": each.label,
                        "year": each.year,
                        "value": case.answers.get(each.key),
                        "in_words": each.value,
                        "handed_in_first": each.before,
                    }
                    for each in self._answers
                ],
                "assessment": {
                    "then": self.recount.then,
                    "now": self.recount.now,
                    "differences": self.recount.differences,
                },
                "two_roles": [
                    {
                        "rule": each.rule.title,
                        "first": [each.first.what, each.first.at, str(each.first.person)],
                        "second": [each.second.what, each.second.at, str(each.second.person)],
                        "times": each.times,
                        "reason": each.reason,
                    }
                    for each in self.doubles
                ],
                "course": [
                    {"at": each.at, "what": each.what, "who": each.who, "words": each.words}
                    for each in self.course
                ],
                "tables": {
                    part.table.key: {
                        "title": part.table.name,
                        "rows": [self._row_as_json(row) for row in part.rows],
                    }
                    for part in self.parts
                },
                "files": [
                    {
                        "name": each.name,
                        "material": each.material,
                        "title": each.stored.title,
                        "original_name": each.stored.original_name,
                        "size": each.stored.size,
                        "sha256": each.stored.sha256,
                        "added_at": each.added_at,
                        "replaced_at": each.replaced_at,
                    }
                    for each in self.files
                ],
            }
        )

    def _row_as_json(self, row: Row) -> dict[str, Any]:
        told: dict[str, Any] = {"id": row.pk}
        for cell in row.cells:
            told[cell.name] = (
                self.people.at(cell.person, moment_of(cell, row)).as_json()
                if cell.person is not None
                else cell.value
            )
        return told

    @cached_property
    def _answers(self) -> list[Any]:
        corrections = [
            cell.value
            for part in self.parts
            if part.table.key == "applicationevent"
            for row in part.rows
            for cell in row.cells
            if cell.name == "details"
        ]
        facts = self.catalogue.facts
        return answers_in_words(self.case.answers, facts, self.case.year, corrections)

    def as_html(self, problems: Mapping[str, str], made_by: str, made_at: datetime) -> str:
        """The document; `problems` say by name of a file what is wrong with it."""
        case, vocabulary = self.case, self.catalogue.vocabulary
        then, now = (
            {item["code"]: item for item in programme_row(each, vocabulary, Guide())["criteria"]}
            for each in (self.recount.then, self.recount.now)
        )
        context = {
            "application": case,
            # As the edition prints them; what was found then may lack one.
            "criteria": [(item, then.get(code)) for code, item in {**then, **now}.items()],
            "answers": self._answers,
            "recount": self.recount,
            "verdicts": [
                VERDICTS.get(each.get("verdict"), "")
                for each in (self.recount.then, self.recount.now)
            ],
            "amounts": [
                amount_in_words(each.get("awards", {}), together=each.get("together"))
                for each in (self.recount.then, self.recount.now)
            ],
            "doubles": self.doubles,
            "course": self.course,
            "parts": [
                (part.table.name, [(each, self._told(each)) for each in part.rows])
                for part in self.parts
            ],
            "files": [(each, problems.get(each.name, "")) for each in self.files],
            "made_at": made_at,
            "made_by": made_by,
        }
        return render_to_string("admin/centre/audit/dossier.html", context)

    def _told(self, row: Row) -> list[tuple[str, str]]:
        """Label and text of what a row says at all."""
        told = [
            (cell.label, self.person_of(cell, row) if cell.person is not None else cell.text)
            for cell in row.cells
        ]
        return [(label, text) for label, text in told if text]


def with_content(cases: Any) -> Any:
    """Cases with what a dossier reads of them."""
    return cases.select_related(
        "enterprise", "county", "edition__programme", "call"
    ).prefetch_related(*(f"edition__{path}" for path in CONTENT))


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not the same of verdict, conditions and money, in words."""
    found = []
    if then.get("verdict") != now.get("verdict"):
        found.append(
            f"结论：当时“{VERDICTS.get(then.get('verdict'), '无')}”，现在“{VERDICTS.get(now.get('verdict'), '无')}”"
        )
    before, after = (
        {each["id"]: each["outcome"] for each in one.get("criteria", [])} for one in (then, now)
    )
    for code in sorted(before.keys() | after.keys()):
        if before.get(code) != after.get(code):
            told = [OUTCOMES.get(each.get(code), "没有这一条") for each in (before, after)]
            found.append(f"条件 {code}：当时“{told[0]}”，现在“{told[1]}”")
    awards = [one.get("awards", {}) for one in (then, now)]
    for level in sorted(awards[0].keys() | awards[1].keys()):
        sums = [
            plain({name: one.get(level, {}).get(name) for name in SAME_MONEY}) for one in awards
        ]
        if sums[0] != sums[1]:
            told = [
                amount_in_words({level: one[level]}) if level in one else "没有这一级"
                for one in awards
            ]
            found.append(f"奖补（{Level(level).label}）：当时{told[0]}，现在{told[1]}")
    return found


def plain(value: Any) -> Any:
    """What JSON holds and reads back the same: numbers with a point as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "." in text and text.replace(".", "").lstrip("-").isdecimal():
        return text.rstrip("0").rstrip(".")
    return text
