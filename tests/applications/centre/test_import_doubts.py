"""Imports leave nothing out unseen: what is in doubt is asked, and nothing is recorded before."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import load_workbook

from applications.centre.imports.decisions import MOST_ASKED
from applications.centre.imports.payments import PAYMENT_RESULTS
from applications.centre.imports.questions import AS_WRITTEN, SAME, Answer
from applications.centre.imports.recognitions import RECOGNITIONS
from applications.centre.imports.recording import (
    SheetImportError,
    keep_decisions,
    keep_sheet,
    record_sheet,
    rehearse,
    remove_unrecorded,
)
from applications.centre.models import SheetImport
from applications.money.models import PaymentBatch
from applications.money.services import payments
from applications.notices.models import Recognition, RecognitionLine
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    ManagerFactory,
    UserFactory,
    approved_cases,
)
from tests.hostile_files import SHEETS

CHINA = ZoneInfo("Asia/Shanghai")
SUBMITTED = datetime(2026, 5, 6, 9, tzinfo=CHINA)
NOW = datetime(2026, 11, 20, 9, tzinfo=CHINA)
DAY = date(2026, 10, 12)
DOCUMENT = "测试〔2026〕8号"
HEADERS = ["申报编号", "统一社会信用代码", "文号", "认定日期"]
CASES = reverse("admin:cases_application_list", args=["applications"])
UPLOAD = reverse("admin:centre_sheetimport_upload", args=["recognitions"])
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def manager():
    JurisdictionFactory()
    return ManagerFactory()


@pytest.fixture
def cases():
    return approved_cases(3, submitted_at=SUBMITTED)


def row_of(case, document=DOCUMENT, day=DAY):
    return [case.number, case.enterprise.credit_code, document, day]


def as_xlsx(*sheets, headers=HEADERS, hidden=(), struck=(), beside=()):
    """Sheets of rows; `hidden` and `struck` are rows of the first, counted from 0.

    `beside` are the rows of a further sheet without headers.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        line = made.add_format({"font_strikeout": True, "num_format": "yyyy-mm-dd"})
        for order, rows in enumerate(sheets):
            page = made.add_worksheet(f"表{order + 1}")
            for number, row in enumerate([headers, *rows]):
                is_struck = not order and number - 1 in struck
                for place, value in enumerate(row):
                    style = line if is_struck else day if isinstance(value, date) else None
                    page.write(number, place, value, style)
                if not order and number - 1 in hidden:
                    page.set_row(number, None, None, {"hidden": True})
        for number, row in enumerate(beside):
            summary = made.get_worksheet_by_name("汇总") or made.add_worksheet("汇总")
            summary.write_row(number, 0, row)
    return content.getvalue()


def keep(content, user, kind=RECOGNITIONS):
    return keep_sheet(kind=kind, name="名单.xlsx", content=content, user=user, now=NOW)


def tried(sheet, user, kind=RECOGNITIONS):
    sheet.refresh_from_db()
    return rehearse(kind=kind, sheet=sheet, user=user, now=NOW)


def record(sheet, user, kind=RECOGNITIONS):
    return record_sheet(kind=kind, sheet=sheet, user=user, now=NOW)


def answer(sheet, asked, choice, reason=""):
    told = Answer(choice, reason, asked.question.message)
    keep_decisions(sheet, {}, {asked.question.key: told})


def test_a_list_with_a_sheet_for_each_county_is_recorded_whole(manager, cases):
    sheet = keep(as_xlsx([row_of(cases[0])], [row_of(cases[1]), row_of(cases[2])]), manager)
    assert record(sheet, manager).outcome == "已登记 3 行。"
    assert RecognitionLine.objects.count() == 3


def test_what_follows_a_total_in_the_middle_is_recorded(manager, cases):
    rows = [row_of(cases[0]), ["合计", "1家"], row_of(cases[1]), row_of(cases[2]), ["总　计"]]
    sheet = keep(as_xlsx(rows), manager)
    assert record(sheet, manager).outcome == "已登记 3 行。"


def test_the_same_case_on_two_sheets_is_told_with_both_places(manager, cases):
    seen = tried(keep(as_xlsx([row_of(cases[0])], [row_of(cases[0])]), manager), manager)
    assert [str(found) for found in seen.problems] == ["“表2”第 2 行“申报编号”：与“表1”第 2 行重复"]


@pytest.mark.parametrize("look", ["hidden", "struck"])
@pytest.mark.parametrize(("choice", "recorded"), [("read", 3), ("pass", 2)])
def test_an_odd_row_is_recorded_or_passed_over_as_was_decided(
    manager, cases, look, choice, recorded
):
    sheet = keep(as_xlsx([row_of(case) for case in cases], **{look: [1]}), manager)
    seen = tried(sheet, manager)
    assert (seen.open, seen.problems) == (1, [])
    with pytest.raises(SheetImportError, match="还有 1 处待定"):
        record(sheet, manager)
    assert not Recognition.objects.exists()
    [entry] = [entry for entry in seen.account.entries if entry.is_asked]
    keep_decisions(sheet, {entry.key: choice}, {})
    assert record(sheet, manager).outcome == f"已登记 {recorded} 行。"
    assert RecognitionLine.objects.count() == recorded


def test_a_document_in_other_brackets_is_asked_about_and_recorded_under_one_number(manager, cases):
    record(keep(as_xlsx([row_of(cases[0])]), manager), manager)
    rows = [row_of(cases[1], "测试[2026]8号"), row_of(cases[2], "测试（2026） 8 号")]
    sheet = keep(as_xlsx(rows), manager)
    seen = tried(sheet, manager)
    assert [asked.question.same_as for asked in seen.asked] == [DOCUMENT] * 2
    with pytest.raises(SheetImportError, match="还有 2 处待定"):
        record(sheet, manager)
    for asked in seen.asked:
        answer(sheet, asked, SAME)
    record(sheet, manager)
    assert set(Recognition.objects.values_list("document_number", flat=True)) == {DOCUMENT}


def test_a_document_that_is_another_all_the_same_needs_a_reason_which_is_kept(manager, cases):
    record(keep(as_xlsx([row_of(cases[0])]), manager), manager)
    sheet = keep(as_xlsx([row_of(cases[1], "测试[2026]8号")]), manager)
    [asked] = tried(sheet, manager).asked
    answer(sheet, asked, AS_WRITTEN)
    with pytest.raises(SheetImportError, match="还有 1 处待定"):
        record(sheet, manager)
    answer(sheet, asked, AS_WRITTEN, "市局另有一份")
    done = record(sheet, manager)
    assert Recognition.objects.filter(document_number="测试[2026]8号").exists()
    assert [kept["reason"] for kept in done.decisions["answers"].values()] == ["市局另有一份"]


def test_two_spellings_within_one_file_are_asked_about(manager, cases):
    rows = [
        row_of(cases[0]),
        row_of(cases[1], "测试(2026)8号"),
        row_of(cases[2], "测试〔2026〕9号"),
    ]
    [asked] = tried(keep(as_xlsx(rows), manager), manager).asked
    assert (asked.question.value, asked.question.same_as) == ("测试(2026)8号", DOCUMENT)


def test_what_was_recorded_before_is_known_in_other_brackets_too(manager, cases):
    record(keep(as_xlsx([row_of(cases[0])]), manager), manager)
    seen = tried(keep(as_xlsx([row_of(cases[0], "测试(2026)8号")]), manager), manager)
    assert (seen.problems, seen.new, seen.open) == ([], 0, 0)


@pytest.mark.parametrize(
    ("day", "until", "told"),
    [
        (date(2026, 5, 5), None, "早于企业提交申报的日期 2026-05-06"),
        (DAY, date(2026, 11, 1), "已经过了"),
        (DAY, date(2206, 10, 12), "晚 10 年以上"),
    ],
)
def test_a_day_that_can_hardly_be_meant_is_asked_about_once_for_all_its_rows(
    manager, cases, day, until, told
):
    rows = [[*row_of(case, day=day), until or ""] for case in cases]
    sheet = keep(as_xlsx(rows, headers=[*HEADERS, "有效期至"]), manager)
    [asked] = tried(sheet, manager).asked
    assert told in asked.question.message
    assert len(asked.question.places) == 3
    answer(sheet, asked, AS_WRITTEN, "文件如此")
    assert record(sheet, manager).outcome == "已登记 3 行。"


def test_a_document_number_that_the_sheet_keeps_as_a_number_or_day_is_asked_about(manager, cases):
    rows = [row_of(cases[0], 20260008), row_of(cases[1], date(2026, 8, 1))]
    asked = [each.question.message for each in tried(keep(as_xlsx(rows), manager), manager).asked]
    assert ["存成了数字" in asked[0], "存成了日期" in asked[1]] == [True, True]


def payment_rows(count=2, **values):
    """Rows of a draft by header, paid, and the clerk who may record them."""
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    clerk = FinanceFactory(permissions=["view_awardline", "manage_awards", "pay_awards"])
    fund = FundFactory()
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    rows = []
    for _ in range(count):
        case = ApplicationFactory(edition=EditionFactory(), submitted_at=SUBMITTED)
        line = AwardLineFactory(application=case, fund=fund, state="approved", amount=20)
        payments.add_payment(batch=batch, line=line, amount=line.amount, actor=clerk, now=NOW)
        rows.append(
            {
                "批次编号": batch.number, "申报编号": case.number,
                "统一社会信用代码": case.enterprise.credit_code,
                "奖补级别": line.get_level_display(), "期次": line.title, "支付结果": "已支付",
                "支付日期": DAY, "凭证号": "支1号", "实付金额（万元）": 20, **values,
            }
        )  # fmt: skip
    return clerk, as_xlsx([list(row.values()) for row in rows], headers=list(rows[0]))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"凭证号": 20261012001}, "“20261012001”在表里存成了数字"),
        ({"凭证号": 622848001234567890}, "多于 15 位"),
        ({"凭证号": "6.22848E+17"}, "科学记数"),
        ({"支付日期": date(2026, 5, 1)}, "早于企业提交申报的日期"),
    ],
)
def test_payment_results_ask_about_vouchers_and_days_that_may_be_wrong(values, told):
    clerk, content = payment_rows(**values)
    sheet = keep(content, clerk, PAYMENT_RESULTS)
    seen = tried(sheet, clerk, PAYMENT_RESULTS)
    [asked] = seen.asked
    assert told in asked.question.message
    assert len(asked.question.places) == 2
    with pytest.raises(SheetImportError, match="还有 1 处待定"):
        record(sheet, clerk, PAYMENT_RESULTS)
    assert PaymentBatch.objects.get().is_draft
    answer(sheet, asked, AS_WRITTEN, "与回单一致")
    record(sheet, clerk, PAYMENT_RESULTS)
    assert not PaymentBatch.objects.get().is_draft


# The pages


def post(client, content):
    return client.post(UPLOAD, {"file": SimpleUploadedFile("名单.xlsx", content)}, follow=True)


def address(name):
    return reverse(f"admin:centre_sheetimport_{name}", args=[SheetImport.objects.latest("pk").pk])


def text_of(response):
    return response.content.decode()


def names_in(text, prefix):
    """Names of the fields that begin so, in the order of the page."""
    return list(dict.fromkeys(re.findall(rf'name="({prefix}:[^"]+)"', text)))


@pytest.fixture
def doubtful(manager, cases):
    """A file with a subtotal, a hidden row, a document in other brackets and a sheet of other things."""
    record(keep(as_xlsx([row_of(cases[0], "测试〔2026〕9号")]), manager), manager)
    rows = [["小计", "1家"], row_of(cases[1], "测试[2026]9号"), row_of(cases[2], "测试〔2026〕9号")]
    return as_xlsx(rows, hidden=[2], beside=[["地区", "家数"], ["沁水县", "1"]])


def test_the_page_accounts_for_every_row_and_asks_before_anything_is_recorded(
    client, manager, doubtful
):
    client.force_login(manager)
    text = text_of(post(client, doubtful))
    told = "2 张表里有内容的共 6 行：读出 1 行，要改 0 行，表头 1 行，略过 1 行，待定 3 行。"
    assert told in text
    assert "小计　1家" in text
    assert "<strong>还有 3 处待定</strong>" in text
    assert "登记这" not in text
    response = client.post(address("record"))
    assert response.status_code == 400
    assert "还有 3 处待定" in text_of(response)


def test_what_is_chosen_and_typed_stays_and_a_missing_reason_is_told_beside_its_field(
    client, manager, doubtful
):
    client.force_login(manager)
    text = text_of(post(client, doubtful))
    [reason] = names_in(text, "reason")
    [choice] = names_in(text, "answer")
    hidden = names_in(text, "row")[-1]
    sent = {hidden: "read", choice: "as_written", reason: "  "}
    text = text_of(client.post(address("decide"), sent, follow=True))
    assert "没有依据不能按表里写的登记" in text
    assert f'name="{hidden}" value="read" checked' in text
    assert f'name="{choice}" value="as_written" checked' in text
    text = text_of(client.post(address("decide"), {reason: "<另有一份>"}, follow=True))
    assert "&lt;另有一份&gt;" in text
    again = text_of(post(client, doubtful))
    assert f'name="{hidden}" value="read" checked' in again
    assert "&lt;另有一份&gt;" in again


def test_what_is_chosen_with_the_button_that_records_counts_and_is_on_record(
    client, manager, doubtful
):
    client.force_login(manager)
    text = text_of(post(client, doubtful))
    [reason], [choice] = names_in(text, "reason"), names_in(text, "answer")
    _, summary, hidden = names_in(text, "row")
    sent = {summary: "pass", hidden: "read", choice: "as_written", reason: "两份"}
    text = text_of(client.post(address("record"), sent, follow=True))
    assert "已登记 2 行。" in text
    assert "依据：两份" in text
    assert "这张表不读" in text
    assert "小计　1家" in text
    client.force_login(UserFactory(permissions=["view_sheetimport"], jurisdiction_code="140500"))
    assert "依据：两份" in text_of(client.get(address("change")))


def test_hundreds_of_hidden_rows_are_decided_at_once(client, manager, cases):
    client.force_login(manager)
    known = [row_of(case) for case in cases]
    stranger = ["140521-2099-0001", "91140521MA0K000019", DOCUMENT, DAY]
    content = as_xlsx([*known, *[stranger] * 700], hidden=range(3, 703))
    text = text_of(post(client, content))
    assert len(names_in(text, "row")) == MOST_ASKED
    text = text_of(client.post(address("decide"), {"all": "pass:是隐藏的行"}, follow=True))
    assert "略过 700 行，待定 0 行" in text
    assert "登记这 3 行" in text


def test_what_was_not_asked_is_not_decided(client, manager, cases):
    client.force_login(manager)
    post(client, as_xlsx([row_of(case) for case in cases]))
    sent = {"row:0/1/2": "pass", "row:0/1": "nothing", "answer:x": "same", "reason:x": "y"}
    client.post(address("decide"), sent)
    assert SheetImport.objects.get().decisions == {"rows": {}, "answers": {}}


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_list_of_applications_comes_back_with_the_document_beside_each_case(
    client, cases, ending
):
    manager = ManagerFactory(permissions=["view_application", "manage_notices", "export_lists"])
    client.force_login(manager)
    response = client.post(CASES, {"format": ending}, query_params={"queue": "all"})
    content = b"".join(response.streaming_content)
    if ending == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    numbers = {case.number for case in cases}
    for row in rows:
        if "申报编号" in row:
            row += HEADERS[2:]
        elif numbers & {str(cell).strip() for cell in row}:
            row += [DOCUMENT, DAY.isoformat()]
    made = io.BytesIO()
    if ending == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        made.write(text.getvalue().encode("gb18030"))
    else:
        with xlsxwriter.Workbook(made) as book:
            page = book.add_worksheet()
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    sheet = keep(made.getvalue(), manager)
    seen = tried(sheet, manager)
    assert (seen.open, seen.problems, seen.new) == (0, [], 3)
    assert record(sheet, manager).outcome == "已登记 3 行。"


@pytest.mark.parametrize(
    "name",
    [
        "one cell tag sixty thousand times",
        "laughing entities",
        "shared texts that overstate",
        "one endless line",
        "an old workbook",
    ],
)
def test_a_file_made_to_do_harm_is_refused_beside_its_field(client, manager, name):
    client.force_login(manager)
    response = post(client, SHEETS[name]())
    assert response.status_code == 400
    assert 'class="errorlist"' in text_of(response)
    assert not SheetImport.objects.exists()


def test_a_list_that_nobody_records_is_gone_after_thirty_days(manager, cases):
    done = keep(as_xlsx([row_of(cases[0])]), manager)
    record_sheet(kind=RECOGNITIONS, sheet=done, user=manager, now=NOW)
    waiting = keep(as_xlsx([row_of(cases[1])]), manager)
    over = waiting.uploaded_at + timedelta(days=30)
    assert remove_unrecorded(over - timedelta(seconds=1)) == 0
    assert remove_unrecorded(over) == 1
    assert SheetImport.objects.get() == done
