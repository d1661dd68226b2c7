"""Recognised lists: which case is recognised by which document of which day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from applications.cases.models import Application
from applications.centre.imports.recording import ImportKind, duplicates
from applications.notices.models import RecognitionLine
from applications.notices.services.errors import NoticeError, RefusedError
from applications.notices.services.recognitions import recognise
from portal.sheets.columns import Field, Problem, SheetRow, read_day, read_text

NUMBER, CODE, DOCUMENT, DAY = "申报编号", "统一社会信用代码", "文号", "认定日期"
UNKNOWN = "没有这个申报编号，或者不在您所管的地区"
OTHER_FIRM = "与这件申报的企业不一致；如果 Excel 把它存成了数字，后几位会变成 0"
RECOGNISED_BY = "已由 {document}（{day}）认定，与表里写的不一致"


def _check(rows: Sequence[SheetRow], user: Any) -> tuple[list[Problem], set[int]]:
    """What does not fit the cases on record, and the rows that are recorded already."""
    numbers = [row.values["number"] for row in rows]
    visible = Application.objects.visible_to(user).filter(number__in=numbers)
    codes = dict(visible.values_list("number", "enterprise__credit_code"))
    recorded = {
        line.application.number: line
        for line in RecognitionLine.objects.filter(application__number__in=codes)
        .select_related("recognition", "application")
        .defer("application__answers", "application__assessment")
    }
    problems, known = duplicates(rows, ["number"], NUMBER), set()
    for row in rows:
        number, values = row.values["number"], row.values
        if number not in codes:
            problems.append(Problem(row.number, NUMBER, UNKNOWN))
            continue
        if codes[number] != values["credit_code"].upper():
            problems.append(Problem(row.number, CODE, OTHER_FIRM))
        if number in recorded:
            line = recorded[number]
            as_written = (values["document_number"], values["on"], values["valid_until"])
            document, day = line.recognition.document_number, line.recognition.on
            if as_written == (document, day, line.valid_until):
                known.add(row.number)
            else:
                told = RECOGNISED_BY.format(document=document, day=day)
                problems.append(Problem(row.number, DOCUMENT, told))
    return problems, known


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
                Problem(by_number[refusal.application.number].number, NUMBER, refusal.reason)
                for refusal in error.refusals
            ]
        except NoticeError as error:
            problems += [
                Problem(by_number[case.number].number, f"{DOCUMENT}、{DAY}", str(error))
                for case in chosen
            ]
    return problems


RECOGNITIONS = ImportKind(
    key="recognitions",
    title="认定名单",
    help_text="每行一件申报。文号和认定日期写认定文件上的；文件写明有效期的，加一列“有效期至”。",
    permission="notices.manage_notices",
    fields=(
        Field("number", NUMBER, read_text(20)),
        Field("credit_code", CODE, read_text(18)),
        Field("document_number", DOCUMENT, read_text(60)),
        Field("on", DAY, read_day),
        Field("valid_until", "有效期至", read_day, is_required=False),
    ),
    check=_check,
    record=_record,
)
