"""Recognised lists that arrive as spreadsheets: every problem by its place, all or nothing, once."""

import csv
import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.centre.imports.kinds import IMPORTS
from applications.centre.imports.recognitions import RECOGNITIONS
from applications.centre.imports.recording import (
    SheetImportError,
    keep_sheet,
    record_sheet,
    rehearse,
)
from applications.centre.models import SheetImport
from applications.notices.models import Recognition, RecognitionLine
from tests.applications.notices.test_notices import edition_with_notice
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    EnterpriseFactory,
    JurisdictionFactory,
    ManagerFactory,
    UserFactory,
    approved_cases,
)

HEADERS = ["申报编号", "统一社会信用代码", "文号", "认定日期"]
UPLOAD = reverse("admin:centre_sheetimport_upload", args=["recognitions"])
SUBMITTED = datetime(2026, 5, 6, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 11, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = "2026-10-12"
DOCUMENT = "测试〔2026〕8号"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def as_csv(rows, headers=HEADERS, encoding="utf-8-sig"):
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    return text.getvalue().encode(encoding)


def as_xlsx(rows, headers=HEADERS):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet()
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_string(0, 0, "某市认定名单")
        for number, row in enumerate([headers, *rows], start=1):
            for place, value in enumerate(row):
                sheet.write(number, place, value, day if isinstance(value, date) else None)
    return content.getvalue()


def row_of(case, document=DOCUMENT, day=DAY):
    return [case.number, case.enterprise.credit_code, document, day]


def keep(content, user, name="名单.csv"):
    return keep_sheet(kind=RECOGNITIONS, name=name, content=content, user=user, now=NOW)


def tried(content, user):
    return rehearse(kind=RECOGNITIONS, sheet=keep(content, user), user=user, now=NOW)


def recorded(content, user):
    return record_sheet(kind=RECOGNITIONS, sheet=keep(content, user), user=user, now=NOW)


@pytest.fixture
def manager():
    JurisdictionFactory()
    return ManagerFactory()


@pytest.fixture
def cases():
    return approved_cases(3, submitted_at=SUBMITTED)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_csv_recognises_its_cases(manager, cases, encoding):
    rows = [row_of(case) for case in cases]
    done = recorded(as_csv(rows, encoding=encoding), manager)
    assert done.outcome == "已登记 3 行。"
    recognition = Recognition.objects.get()
    assert (recognition.document_number, recognition.on) == (DOCUMENT, date(2026, 10, 12))
    assert recognition.created_by == manager
    assert set(Application.objects.values_list("status", flat=True)) == {Status.RECOGNISED}


def test_a_code_is_read_however_it_is_spaced_and_in_whatever_width(manager, cases):
    """As sign-up reads it; not as the code of another firm."""
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    spelt = [str.lower, lambda code: code.translate(wide), lambda code: f"{code[:8]} {code[8:]}"]
    rows = [row_of(case) for case in cases]
    for row, spell in zip(rows, spelt, strict=True):
        row[1] = spell(row[1])
    assert recorded(as_csv(rows), manager).outcome == "已登记 3 行。"


def test_a_workbook_with_a_title_dates_and_further_columns_does_too(manager, cases):
    rows = [[*row_of(case, day=date(2026, 10, 12)), date(2029, 10, 12), 7] for case in cases]
    rows.append(["合计", "", "", ""])
    rows.append(["制表人", "不读", "", ""])
    done = recorded(as_xlsx(rows, [*HEADERS, "有效期至", "备注"]), manager)
    assert done.outcome == "已登记 3 行。"
    ends = set(RecognitionLine.objects.values_list("valid_until", flat=True))
    assert ends == {date(2029, 10, 12)}


def test_documents_and_programmes_of_one_file_become_recognitions_of_their_own(manager, cases):
    other = ApplicationFactory(
        edition=EditionFactory(), submitted_at=SUBMITTED, status=Status.APPROVED
    )
    rows = [
        row_of(cases[0]),
        row_of(cases[1], "测试〔2026〕9号"),
        row_of(cases[2], day="2026年10月13日"),
        row_of(other),
    ]
    recorded(as_csv(rows), manager)
    assert Recognition.objects.count() == 4


def test_the_same_file_twice_changes_nothing_and_says_so(manager, cases):
    content = as_csv([row_of(case) for case in cases])
    sheet = recorded(content, manager)
    with pytest.raises(SheetImportError, match="已经登记过"):
        record_sheet(kind=RECOGNITIONS, sheet=sheet, user=manager, now=NOW)
    again = tried(content, manager)
    assert (again.problems, again.new, len(again.known)) == ([], 0, 3)
    assert recorded(content, manager).outcome == "表里的 3 行都已登记过，没有改动。"
    assert Recognition.objects.count() == 1
    assert RecognitionLine.objects.count() == 3


def test_a_file_that_has_grown_records_the_new_rows(manager, cases):
    recorded(as_csv([row_of(case) for case in cases[:2]]), manager)
    done = recorded(as_csv([row_of(case) for case in cases]), manager)
    assert done.outcome == "已登记 1 行。另有 2 行以前已登记，没有改动。"
    assert RecognitionLine.objects.count() == 3


def test_every_problem_is_named_by_row_and_column_and_nothing_is_recorded(manager, cases):
    good, second, third = cases
    submitted = ApplicationFactory(
        edition=good.edition, year=2025, enterprise=good.enterprise, status=Status.SUBMITTED
    )
    elsewhere = ApplicationFactory(
        enterprise=EnterpriseFactory(
            credit_code="91140822MA0K00001X",
            county=JurisdictionFactory(code="140822", name="万荣县", level="county"),
        ),
        status=Status.APPROVED,
    )
    rows = [
        row_of(good),
        row_of(good),
        [second.number, "91140521MA0K000019", DOCUMENT, DAY],
        [third.number, third.enterprise.credit_code, "", "2026-02-30"],
        ["140521-2099-0001", "91140521MA0K000019", DOCUMENT, DAY],
        row_of(elsewhere),
    ]
    rehearsal = tried(as_csv(rows), manager)
    assert [(found.place.number, found.header) for found in rehearsal.problems] == [
        (3, "申报编号"),
        (4, "统一社会信用代码"),
        (5, "文号"),
        (5, "认定日期"),
        (6, "申报编号"),
        (7, "申报编号"),
    ]
    told = [found.message for found in rehearsal.problems]
    assert told[0] == "与第 2 行重复"
    assert "不是日期" in told[3]
    assert told[4] == told[5]  # a stranger's case is as unknown as one that is not there
    with pytest.raises(SheetImportError, match="有 6 处要先改好"):
        recorded(as_csv(rows), manager)
    late = tried(as_csv([row_of(good, day="2026-11-21"), row_of(submitted)]), manager)
    assert [str(found) for found in late.problems] == [
        "第 2 行“文号、认定日期”：认定日期不能晚于今天。",
        "第 3 行“申报编号”：现在是“待受理”，不能认定",
    ]
    assert not Recognition.objects.exists()
    assert set(Application.objects.filter(pk=good.pk).values_list("status", flat=True)) == {
        Status.APPROVED
    }


def test_what_the_service_refuses_is_told_by_row_before_anything_is_recorded(manager, cases):
    unnoticed = ApplicationFactory(edition=edition_with_notice(5), status=Status.APPROVED)
    rehearsal = tried(as_csv([row_of(cases[0]), row_of(unnoticed)]), manager)
    assert [(found.place.number, found.message) for found in rehearsal.problems] == [
        (3, "文件规定要公示，还没有公示期满")
    ]
    assert not Recognition.objects.exists()
    assert SheetImport.objects.get().done_at is None


def test_a_case_recognised_by_another_document_is_told(manager, cases):
    recorded(as_csv([row_of(cases[0])]), manager)
    rehearsal = tried(as_csv([row_of(cases[0], "测试〔2026〕9号")]), manager)
    assert "已由 测试〔2026〕8号（2026-10-12）认定" in rehearsal.problems[0].message


def test_between_preview_and_recording_nothing_is_taken_on_trust(manager, cases):
    sheet = keep(as_csv([row_of(case) for case in cases]), manager)
    assert not rehearse(kind=RECOGNITIONS, sheet=sheet, user=manager, now=NOW).problems
    Application.objects.filter(pk=cases[1].pk).update(status=Status.REJECTED)
    with pytest.raises(SheetImportError, match="有 1 处"):
        record_sheet(kind=RECOGNITIONS, sheet=sheet, user=manager, now=NOW)
    assert not Recognition.objects.exists()


def test_what_was_recorded_stays_and_an_upload_never_recorded_goes(manager, cases):
    keep(as_csv([["x"] * 4]), manager)
    done = recorded(as_csv([row_of(cases[0])]), manager)
    assert SheetImport.objects.get() == done
    for act in (
        lambda: SheetImport.objects.update(outcome="x"),
        SheetImport.objects.all().delete,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def post(client, content, name="名单.csv"):
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_staff_upload_look_and_record(client, manager, cases):
    client.force_login(manager)
    link = reverse("admin:notices_recognition_changelist")
    assert UPLOAD in client.get(link).content.decode()
    page = post(client, as_xlsx([row_of(case) for case in cases]), "名单.xlsx")
    assert "将登记 3 行" in page.content.decode()
    sheet = SheetImport.objects.get()
    record = reverse("admin:centre_sheetimport_record", args=[sheet.pk])
    assert client.get(record).status_code == 405
    page = client.post(record, follow=True)
    assert "已登记 3 行" in page.content.decode()
    assert client.post(record).status_code == 400
    assert Recognition.objects.count() == 1
    assert (
        "已登记 3 行" in client.get(reverse("admin:centre_sheetimport_changelist")).content.decode()
    )


def test_the_page_lists_the_problems_and_records_nothing(client, manager, cases):
    client.force_login(manager)
    day = timezone.localdate() + timedelta(days=1)
    page = post(client, as_csv([row_of(cases[0], day=day.isoformat()), ["<b>", "x", "y", "z"]]))
    text = page.content.decode()
    assert "第 3 行" in text
    assert "“z”不是日期" in text
    assert "<b>" not in text
    record = reverse("admin:centre_sheetimport_record", args=[SheetImport.objects.get().pk])
    response = client.post(record)
    assert response.status_code == 400
    assert "要先改好" in response.content.decode()
    assert not Recognition.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04 no zip", "读不了这个文件"),
        (b"\x00\x01\x02", "读不了这个文件"),
        (b"x" * (5 * 2**20 + 1), "文件太大"),
    ],
)
def test_a_file_that_is_no_spreadsheet_is_refused_beside_the_field(client, manager, content, told):
    client.force_login(manager)
    response = post(client, content)
    assert response.status_code == 400
    assert told in response.content.decode()
    assert not SheetImport.objects.exists()


def test_only_who_handles_recognition_imports_and_sees_only_ones_own(client, manager, cases):
    client.force_login(UserFactory())
    assert client.get(UPLOAD).status_code == 403
    sheet = keep(as_csv([row_of(cases[0])]), manager)
    address = reverse("admin:centre_sheetimport_change", args=[sheet.pk])
    assert client.get(address).status_code == 404
    client.force_login(ManagerFactory())
    assert client.get(address).status_code == 404
    record = reverse("admin:centre_sheetimport_record", args=[sheet.pk])
    assert client.post(record).status_code == 404
    client.force_login(manager)
    assert client.get(address).status_code == 200
    unknown = reverse("admin:centre_sheetimport_upload", args=["x"])
    assert client.get(unknown).status_code == 404


def test_every_import_is_known_by_its_key():
    assert all(key == kind.key for key, kind in IMPORTS.items())
