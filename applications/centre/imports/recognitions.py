"""Recognised lists: which case is recognised by which document of which day."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from applications.cases.models import Application
from applications.centre.imports import words
from applications.centre.imports.details import Details, titles_of
from applications.centre.imports.finding import Completed, Match, in_order, numbers_typed
from applications.centre.imports.firm_names import spellings
from applications.centre.imports.marks import (
    CASE_NUMBER,
    CREDIT_CODE,
    read_case_number,
    read_credit_code,
)
from applications.centre.imports.questions import Question, gathered
from applications.centre.imports.recognised_cases import CaseSearch
from applications.centre.imports.recognition_details import recognition_details
from applications.centre.imports.recording import ImportKind, duplicates
from applications.notices.models import Recognition, RecognitionLine
from applications.notices.services.errors import NoticeError, RefusedError
from applications.notices.services.recognitions import recognise
from portal.sheets.account import Account
from portal.sheets.columns import MISSING, Field, Place, Problem, SheetRow, read_day, read_text

NUMBER, CODE, NAME = "申报编号", "统一社会信用代码", "企业名称"
DOCUMENT, DAY = "文号", "认定日期"
UNKNOWN = "没有这个申报编号，或者不在您所管的地区"
OTHER_FIRM = "与这件申报的企业不一致；如果 Excel 把它存成了数字，后几位会变成 0"
OTHER_NAME = "与这件申报的企业名称“{name}”不一致，请核对申报编号"
MAY_BE_RECORDED = "已登记的文号是“{other}”，表里写的是“{told}”，只有括号或空格不同"
MAY_BE_OTHERS = "别的行写的是“{other}”，这里写的是“{told}”，只有括号或空格不同"
BEFORE_SUBMISSION = "认定日期 {on} 早于企业提交申报的日期 {day}"
HAS_ENDED = "有效期至 {day}，已经过了"
IS_LONG = "有效期至 {day}，比认定日期晚 {years} 年以上"
MOST_YEARS = 10
# What people type for the brackets of a document number.
_BRACKETS = str.maketrans("()[]{}【】<>《》", "〔〕" * 6)
RECOGNISED_BY = "已由 {document}（{day}）认定，与表里写的不一致"

KEYS = ("number", "credit_code", "name")
FIELDS = (
    Field("number", NUMBER, read_case_number, mark=CASE_NUMBER, is_required=False, names=words.CASE),
    Field(
        "credit_code", CODE, read_credit_code, mark=CREDIT_CODE, is_required=False,
        names=words.CODE, spreads=True,
    ),
    Field("name", NAME, read_text(200), is_required=False, names=words.NAME, spreads=True),
    Field(
        "county", "县（市、区）", read_text(100), is_required=False, names=words.COUNTY, spreads=True
    ),
    Field(
        "programme", "申报项目", read_text(300), is_required=False, names=words.PROGRAMME,
        spreads=True,
    ),
    Field("subject", "项目或基地名称", read_text(200), is_required=False, names=words.SUBJECT),
    Field(
        "document_number", DOCUMENT, read_text(60), is_sign=True, names=words.DOCUMENT,
        is_once=True, spreads=True,
    ),
    Field("on", DAY, read_day, names=words.DAY, is_once=True, spreads=True),
    Field(
        "valid_until", "有效期至", read_day, is_required=False, names=words.VALID_UNTIL,
        is_once=True, spreads=True,
    ),
)  # fmt: skip
BY_KEY = {field.key: field for field in FIELDS}


def _complete(
    account: Account, file_name: str, decisions: Mapping[str, Any], user: Any
) -> Completed:
    """Rows with their case, document and day: what the list leaves out, found or told once."""
    rows = account.rows
    foreign = [row for row in rows if not row.values["number"]]
    choices = decisions.get("found", {})
    titles = titles_of(account, file_name)
    search = CaseSearch(foreign, user, numbers_typed(choices), titles) if foreign else None
    details = recognition_details(account, file_name, search, decisions.get("details", {}), user)
    taken = {row.values["number"]: row.place for row in rows if row.values["number"]}
    matches: Sequence[Match] = ()
    if search:
        matches = search.matches(_told(foreign, details), details.values, choices, taken)
    own = [row for row in rows if row.values["number"]]
    found = [
        replace(match.row, values=match.row.values | match.found.values)
        for match in matches
        if match.found
    ]
    whole = [
        row
        for row in _told(own + found, details)
        if row.values["document_number"] and row.values["on"]
    ]
    return Completed(in_order(whole), matches, details)


def _told(rows: Sequence[SheetRow], details: Details) -> list[SheetRow]:
    """The rows with what was told once, where no column tells it."""
    return [
        replace(
            row,
            values=row.values
            | {
                key: details.values.get(key)
                for key in ("document_number", "on", "valid_until")
                if key not in row.columns
            },
        )
        for row in rows
    ]


def _alike(document: str) -> str:
    """One spelling for document numbers that differ in brackets, spaces or width only."""
    plain = unicodedata.normalize("NFKC", document).translate(_BRACKETS)
    return "".join(plain.split())


def _spellings(rows: Sequence[SheetRow], user: Any) -> list[Question]:
    """Document numbers that may be those of documents on record, or of other rows."""
    on_record = Recognition.objects.visible_to(user).order_by("pk")
    recorded = list(dict.fromkeys(on_record.values_list("document_number", flat=True)))
    first = {_alike(document): (document, MAY_BE_RECORDED) for document in reversed(recorded)}
    places = defaultdict(list)
    for row in rows:
        document = row.values["document_number"]
        places[document].append(row.place)
        first.setdefault(_alike(document), (document, MAY_BE_OTHERS))
    questions = []
    for document, where in places.items():
        other, message = first[_alike(document)]
        if document == other or document in recorded:
            continue
        told = message.format(other=other, told=document)
        field = BY_KEY["document_number"]
        questions.append(
            Question(field.key, field.header, document, other, told, tuple(where), same_as=other)
        )
    return questions


def _ask(rows: Sequence[SheetRow], user: Any, now: datetime) -> list[Question]:
    """About days that can hardly be meant."""
    numbers = [row.values["number"] for row in rows]
    submitted = {
        number: timezone.localdate(at)
        for number, at in Application.objects.visible_to(user)
        .filter(number__in=numbers)
        .values_list("number", "submitted_at")
    }
    today = timezone.localdate(now)
    return list(gathered(each for row in rows for each in _unlikely(row, submitted, today)))


def _unlikely(
    row: SheetRow, submitted: dict[str, date], today: date
) -> Iterator[tuple[SheetRow, Field, str, str]]:
    on, until = row.values["on"], row.values["valid_until"]
    day = submitted.get(row.values["number"])
    if day and on < day:
        yield row, BY_KEY["on"], "early", BEFORE_SUBMISSION.format(on=on, day=day)
    if until and until < today:
        yield row, BY_KEY["valid_until"], "ended", HAS_ENDED.format(day=until)
    if until and until.year - on.year > MOST_YEARS:
        message = IS_LONG.format(day=until, years=MOST_YEARS)
        yield row, BY_KEY["valid_until"], "long", message


def _check(rows: Sequence[SheetRow], user: Any) -> tuple[list[Problem], set[Place]]:
    """What does not fit the cases on record, and the rows that are recorded already."""
    numbers = [row.values["number"] for row in rows]
    visible = Application.objects.visible_to(user).filter(number__in=numbers)
    firms = {
        number: (code, name, own)
        for number, code, name, own in visible.values_list(
            "number", "enterprise__credit_code", "enterprise__name", "enterprise_name"
        )
    }
    recorded = {
        line.application.number: line
        for line in RecognitionLine.objects.filter(application__number__in=firms)
        .select_related("recognition", "application")
        .defer("application__answers", "application__assessment")
    }
    problems, known = duplicates(rows, ["number"], NUMBER), set()
    for row in rows:
        number, values = row.values["number"], row.values
        if number not in firms:
            problems.append(Problem(row.place, NUMBER, UNKNOWN))
            continue
        code, *names = firms[number]
        if not values["credit_code"]:
            problems += _name_unlike(row, names)
        elif code != values["credit_code"]:
            problems.append(Problem(row.place, CODE, OTHER_FIRM))
        if number in recorded:
            line = recorded[number]
            as_written = (values["document_number"], values["on"], values["valid_until"])
            document, day = line.recognition.document_number, line.recognition.on
            if as_written == (document, day, line.valid_until):
                known.add(row.place)
            else:
                told = RECOGNISED_BY.format(document=document, day=day)
                problems.append(Problem(row.place, DOCUMENT, told))
    return problems, known


def _name_unlike(row: SheetRow, names: Sequence[str]) -> list[Problem]:
    """A number without a code is held against the name beside it."""
    told = row.values["name"]
    if not told:
        return [Problem(row.place, CODE, MISSING)]
    known = {spelling for name in names for spelling in spellings(name)}
    if known & spellings(told):
        return []
    return [Problem(row.place, NAME, OTHER_NAME.format(name=names[0]))]


def _record(rows: Sequence[SheetRow], user: Any, now: datetime) -> list[Problem]:
    """A recognition for each programme, document and day; returns why some cannot be recorded."""
    by_number = {row.values["number"]: row for row in rows}
    groups = defaultdict(list)
    cases = Application.objects.filter(number__in=by_number).select_related("edition")
    for case in cases.order_by("number"):
        said = by_number[case.number].values
        key = (case.edition.programme_id, said["document_number"], said["on"], said["valid_until"])
        groups[key].append(case)
    problems = []
    for (_, document, day, valid_until), chosen in groups.items():
        try:
            recognise(
                applications=chosen,
                document_number=document,
                on=day,
                valid_until=valid_until,
                actor=user,
                now=now,
            )
        except RefusedError as error:
            problems += [
                Problem(by_number[refusal.application.number].place, NUMBER, refusal.reason)
                for refusal in error.refusals
            ]
        except NoticeError as error:
            problems += [
                Problem(by_number[case.number].place, f"{DOCUMENT}、{DAY}", str(error))
                for case in chosen
            ]
    return problems


RECOGNITIONS = ImportKind(
    key="recognitions",
    title="认定名单",
    help_text=(
        "公布的名单可以原样导入：每行一家企业，按申报编号、统一社会信用代码，或者企业名称和县找到申报；"
        "对得上几件的，上传以后请您选。项目、文号和认定日期，名单里没有的，在核对的页面上填一次。"
    ),
    permission="notices.manage_notices",
    fields=FIELDS,
    keys=KEYS,
    complete=_complete,
    check=_check,
    record=_record,
    ask=_ask,
    spellings=_spellings,
)
