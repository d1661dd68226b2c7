"""Payment results that come in as spreadsheets: paid, failed, came back; all or nothing, once."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import load_workbook

from applications.centre.imports.payment_columns import HEADERS
from applications.centre.imports.payments import PAYMENT_RESULTS
from applications.centre.imports.recording import (
    SheetImportError,
    keep_sheet,
    record_sheet,
    rehearse,
)
from applications.centre.models import SheetImport
from applications.money.models import AwardEvent, AwardLine, Payment, PaymentBatch, Refund
from applications.money.services import payments, refunds
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    UserFactory,
)

SUBMITTED = datetime(2026, 5, 6, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = "2026-10-14"
UPLOAD = reverse("admin:centre_sheetimport_upload", args=["payments"])
LIST = reverse("admin:money_paymentbatch_list", args=["payments"])
BATCHES = reverse("admin:money_paymentbatch_changelist")
PAYER = ["view_awardline", "manage_awards", "pay_awards", "export_lists"]
WRONG_ACCOUNT = "账号有误"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def as_csv(rows):
    """A CSV with a column for each key that any row has; a row is a dict by key of the field."""
    keys = [key for key in HEADERS if any(key in row for row in rows)]
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow([HEADERS[key] for key in keys])
    write.writerows([[row.get(key, "") for key in keys] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def row_of(payment, result="已支付", **changes):
    line = payment.line
    row = {
        "batch": payment.batch.number, "number": line.application.number,
        "credit_code": line.application.enterprise.credit_code,
        "level": line.get_level_display(), "title": line.title, "result": result,
    }  # fmt: skip
    if result in ("已支付", "部分支付"):
        row |= {"paid_on": DAY, "voucher_number": "支1号", "amount": str(payment.amount)}
    if result == "支付失败":
        row["reason"] = WRONG_ACCOUNT
    if result == "退回":
        row |= {"on": "2026-10-15", "reason": WRONG_ACCOUNT}
    return row | changes


def keep(content, user, name="结果.csv"):
    return keep_sheet(kind=PAYMENT_RESULTS, name=name, content=content, user=user, now=NOW)


def tried(rows, user):
    sheet = keep(as_csv(rows), user)
    return rehearse(kind=PAYMENT_RESULTS, sheet=sheet, user=user, now=NOW)


def recorded(rows, user):
    sheet = keep(as_csv(rows), user)
    return record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=user, now=NOW)


def places_of(rehearsal):
    return [(found.place.number, found.header) for found in rehearsal.problems]


def money():
    """All of the database that an import may change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (AwardLine, AwardEvent, Payment, PaymentBatch, Refund)
    ]


@pytest.fixture
def clerk():
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=JurisdictionFactory())
    return FinanceFactory(permissions=PAYER)


@pytest.fixture
def fund(clerk):
    return FundFactory()


def drafted(fund, clerk, count=3, amount="20"):
    """The payments of a draft of so many lines, each of a case of its own."""
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    for _ in range(count):
        line = AwardLineFactory(
            application=ApplicationFactory(edition=EditionFactory(), submitted_at=SUBMITTED),
            fund=fund,
            state="approved",
            amount=Decimal(amount),
        )
        payments.add_payment(batch=batch, line=line, actor=clerk, now=NOW)
    return list(batch.payments.select_related("batch", "line__application__enterprise"))


@pytest.fixture
def draft(fund, clerk):
    return drafted(fund, clerk)


@pytest.fixture
def paid(draft, clerk):
    recorded([row_of(each) for each in draft], clerk)
    return list(Payment.objects.select_related("batch", "line__application__enterprise"))


def lines():
    return list(AwardLine.objects.order_by("pk").values_list("state", "paid", "scheduled"))


# What the results do


def test_a_batch_is_paid_with_its_voucher_and_day(draft, clerk):
    done = recorded([row_of(each) for each in draft], clerk)
    assert done.outcome == "已登记 3 行。其中已支付 3 项，共付 60 万元。"
    batch = PaymentBatch.objects.get()
    assert (batch.voucher_number, batch.paid_on) == ("支1号", date(2026, 10, 14))
    assert batch.paid_by == clerk
    assert lines() == [("paid", 20, 0)] * 3


def test_what_failed_leaves_the_batch_with_its_reason_and_the_rest_is_paid(draft, fund, clerk):
    rows = [row_of(draft[0]), row_of(draft[1], "失败"), row_of(draft[2])]
    rows[1]["reason"] = WRONG_ACCOUNT
    done = recorded(rows, clerk)
    assert done.outcome == "已登记 3 行。其中已支付 2 项，支付失败 1 项，共付 40 万元。"
    assert lines() == [("paid", 20, 0), ("approved", 0, 0), ("paid", 20, 0)]
    failed = draft[1].line
    event = failed.events.get(action="unschedule")
    assert (event.reason, event.document_number) == (WRONG_ACCOUNT, draft[1].batch.number)
    [again], refusals = payments.schedule(
        lines=[AwardLine.objects.get(pk=failed.pk)], actor=clerk, now=NOW
    )
    assert again != draft[1].batch
    assert not refusals


def test_a_batch_that_failed_whole_is_gone_and_its_number_with_it(draft, fund, clerk):
    rows = [row_of(each, "支付失败") for each in draft]
    recorded(rows, clerk)
    assert not PaymentBatch.objects.exists()
    assert lines() == [("approved", 0, 0)] * 3
    again = drafted(fund, clerk, 1)
    assert again[0].batch.number == "140500-ZF2026-0002"
    rehearsal = tried(rows, clerk)
    assert (rehearsal.problems, rehearsal.new) == ([], 0)


def test_a_part_is_paid_where_the_result_says_so(draft, clerk):
    rows = [row_of(each) for each in draft]
    rows[1] |= {"result": "部分支付", "amount": "12.5"}
    recorded(rows, clerk)
    line = AwardLine.objects.get(pk=draft[1].line_id)
    assert (line.state, line.paid, line.payable) == ("approved", Decimal("12.5"), Decimal("7.5"))


def test_money_that_came_back_is_due_once_more(paid, clerk):
    done = recorded([row_of(paid[0], "退回")], clerk)
    assert done.outcome == "已登记 1 行。其中退回 1 项。"
    back = Refund.objects.get()
    assert (back.amount, back.on, back.reason) == (20, date(2026, 10, 15), WRONG_ACCOUNT)
    assert back.pay_again
    line = AwardLine.objects.get(pk=paid[0].line_id)
    assert (line.state, line.net_paid, line.payable) == ("approved", 0, 20)


def test_several_batches_and_what_came_back_go_in_with_one_file(paid, fund, clerk):
    second, third = drafted(fund, clerk, 1, "5"), drafted(fund, clerk, 2, "4")
    rows = [
        row_of(paid[2], "退回"),
        *(row_of(each, voucher_number="支3号") for each in third),
        row_of(second[0], voucher_number="支2号", paid_on="2026/10/13"),
    ]
    recorded(rows, clerk)
    vouchers = PaymentBatch.objects.order_by("pk").values_list("voucher_number", flat=True)
    assert list(vouchers) == ["支1号", "支2号", "支3号"]


# Once


def test_the_same_file_twice_changes_nothing_and_says_so(draft, clerk):
    rows = [row_of(draft[0]), row_of(draft[1], "支付失败"), row_of(draft[2])]
    recorded(rows, clerk)
    before = money()
    again = tried(rows, clerk)
    assert (again.problems, again.new, len(again.known)) == ([], 0, 3)
    assert recorded(rows, clerk).outcome == "表里的 3 行都已登记过，没有改动。"
    assert money() == before


def test_a_refund_is_not_doubled_and_the_older_file_is_still_known(paid, fund, clerk):
    back = [row_of(paid[0], "退回")]
    recorded(back, clerk)
    payments.schedule(lines=[AwardLine.objects.get(pk=paid[0].line_id)], actor=clerk, now=NOW)
    before = money()
    for rows in (back, [row_of(each) for each in paid], [row_of(paid[0], "退回", amount="20")]):
        assert "都已登记过" in recorded(rows, clerk).outcome
    assert money() == before


def test_a_file_that_has_grown_records_what_is_new(paid, fund, clerk):
    more = drafted(fund, clerk, 2)
    rows = [row_of(each) for each in paid] + [row_of(each, voucher_number="支2号") for each in more]
    done = recorded(rows, clerk)
    assert done.outcome == (
        "已登记 2 行。其中已支付 2 项，共付 40 万元。另有 3 行以前已登记，没有改动。"
    )


# Problems by row and column


def problem_of(rows, clerk):
    """The only problem of a file, which changes nothing."""
    before = money()
    rehearsal = tried(rows, clerk)
    [problem] = rehearsal.problems
    with pytest.raises(SheetImportError, match="有 1 处要先改好"):
        recorded(rows, clerk)
    assert money() == before
    return str(problem)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"amount": "200000"}, "第 2 行“实付金额（万元）”：本批金额是 20 万元，表里写的是 200000 万元；请核对单位"),
        ({"amount": "15"}, "本批金额是 20 万元，表里写的是 15 万元；确实只付了一部分的，支付结果写“部分支付”"),
        ({"amount": "二十"}, "第 2 行“实付金额（万元）”：“二十”看不懂"),
        ({"result": "部分支付"}, "第 2 行“实付金额（万元）”：支付结果是“部分支付”，应多于 0、少于本批金额 20 万元"),
        ({"result": "部分支付", "amount": "0"}, "表里写的是 0 万元"),
        ({"result": "挂起"}, "第 2 行“支付结果”：“挂起”不认识，请写已支付、部分支付、支付失败、退回"),
        ({"result": ""}, "第 2 行“支付结果”：没有填"),
        ({"amount": ""}, "第 2 行“实付金额（万元）”：没有填；支付结果是“已支付”的要填"),
        ({"voucher_number": ""}, "第 2 行“凭证号”：没有填；支付结果是“已支付”的要填"),
        ({"paid_on": ""}, "第 2 行“支付日期”：没有填；支付结果是“已支付”的要填"),
        ({"paid_on": "昨天"}, "第 2 行“支付日期”：“昨天”不是日期"),
        ({"reason": "正常"}, "第 2 行“失败或退回原因”：支付结果是“已支付”，这一列应当空着"),
        ({"on": DAY}, "第 2 行“退回日期”：支付结果是“已支付”，这一列应当空着"),
        ({"returned": "5"}, "第 2 行“退回（万元）”：有退回金额 5 万元，支付结果却是“已支付”"),
        ({"credit_code": "91140521MA0K00009X"}, "第 2 行“统一社会信用代码”：与这件申报的企业不一致"),
        ({"number": "140521-2099-0001"}, "第 2 行“申报编号”：批次里没有这一项"),
        ({"level": "县级"}, "第 2 行“申报编号”：批次里没有这一项"),
        ({"level": "乡级"}, "第 2 行“奖补级别”：“乡级”不认识"),
        ({"title": "二期"}, "第 2 行“申报编号”：批次里没有这一项"),
        ({"batch": "140500-ZF2026-0099"}, "第 2 行“批次编号”：没有这个批次，或者不归您办理"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told_by_row_and_column(draft, clerk, changes, told):
    rows = [row_of(each) for each in draft]
    rows[0] |= changes
    assert told in problem_of(rows, clerk)


@pytest.mark.parametrize(
    ("result", "changes", "told"),
    [
        ("支付失败", {"reason": ""}, "第 4 行“失败或退回原因”：没有填；支付结果是“支付失败”的要填"),
        ("支付失败", {"amount": "20"}, "第 4 行“实付金额（万元）”：支付结果是“支付失败”，却有实付金额 20 万元"),
        ("退回", {}, "第 4 行“支付结果”：批次还没有登记支付，不会有退回"),
        ("退回", {"on": ""}, "第 4 行“退回日期”：没有填；支付结果是“退回”的要填"),
    ],
)  # fmt: skip
def test_a_wrong_failure_is_told(draft, clerk, result, changes, told):
    rows = [*(row_of(each) for each in draft[:2]), row_of(draft[2], result, **changes)]
    assert told in problem_of(rows, clerk)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"voucher_number": "支2号"}, "第 3 行“凭证号”：与第 2 行的“支1号”不一致"),
        ({"paid_on": "2026-10-13"}, "第 3 行“支付日期”：与第 2 行的“2026-10-14”不一致"),
    ],
)
def test_a_batch_has_one_voucher_and_one_day(draft, clerk, changes, told):
    rows = [row_of(each) for each in draft]
    rows[1] |= changes
    assert told in problem_of(rows, clerk)


def test_a_draft_is_settled_whole(draft, clerk):
    told = problem_of([row_of(draft[0])], clerk)
    assert told.startswith("第 2 行“批次编号”：这个批次还有 2 项没有写结果：")
    assert f"{draft[1].line.application.number} 市级 首次升规" in told


def test_what_the_service_refuses_is_told_beside_its_column(draft, paid, fund, clerk):
    more = drafted(fund, clerk, 1)
    told = problem_of([row_of(more[0])], clerk)
    assert told == "第 2 行“凭证号”：这项资金已用过凭证号 支1号，请核对。"
    late = problem_of([row_of(more[0], voucher_number="支2号", paid_on="2026-10-16")], clerk)
    assert late == "第 2 行“支付日期”：日期不能晚于今天。"
    early = problem_of([row_of(paid[0], "退回", on="2026-10-13")], clerk)
    assert early == "第 2 行“退回日期”：退回日期不能早于支付日期 2026-10-14。"
    fund.budgets.update(amount=Decimal(1))
    beyond = problem_of([row_of(more[0], voucher_number="支2号")], clerk)
    assert beyond.startswith("第 2 行“批次编号”：")


@pytest.mark.parametrize(
    ("result", "changes", "told"),
    [
        ("已支付", {"voucher_number": "支9号"}, "“凭证号”：已登记的是“支1号”，表里写的是“支9号”"),
        ("已支付", {"paid_on": "2026-10-13"}, "“支付日期”：已登记的是“2026-10-14”，表里写的是“2026-10-13”"),
        ("已支付", {"amount": "19"}, "“实付金额（万元）”：已登记的是“20 万元”，表里写的是“19 万元”"),
        ("已支付", {"returned": "20"}, "“退回（万元）”：有退回金额 20 万元"),
        ("支付失败", {}, "“支付结果”：已登记 2026-10-14 支付，凭证号“支1号”；款项退回来的，支付结果写“退回”"),
        ("退回", {"returned": "5"}, "“退回（万元）”：付了 20 万元，表里写的是 5 万元；只退回一部分的，请在批次页上登记"),
        ("退回", {"voucher_number": "支9号"}, "“凭证号”：已登记的是“支1号”"),
    ],
)  # fmt: skip
def test_what_is_paid_and_told_otherwise_is_a_problem(paid, clerk, result, changes, told):
    assert told in problem_of([row_of(paid[0], result, **changes)], clerk)


def test_what_came_back_or_failed_and_is_told_otherwise_is_a_problem(draft, clerk):
    recorded([row_of(draft[0]), row_of(draft[1]), row_of(draft[2], "支付失败")], clerk)
    first, second = Payment.objects.select_related("batch", "line__application__enterprise")
    recorded([row_of(first, "退回")], clerk)
    assert "已登记退回 20 万元（2026-10-15，账号有误）" in problem_of(
        [row_of(first, "退回", reason="户名有误")], clerk
    )
    failed = draft[2]
    failed.batch = first.batch
    assert "“失败或退回原因”：已登记支付失败（账号有误）" in problem_of(
        [row_of(failed, "支付失败", reason="户名有误")], clerk
    )
    assert "“支付结果”：已登记支付失败（账号有误）" in problem_of([row_of(failed)], clerk)
    refunds.refund(
        payment=second, amount=Decimal(5), on=date(2026, 10, 15), reason="多付",
        document_number="", pay_again=True, actor=clerk, now=NOW,
    )  # fmt: skip
    assert "已登记退回 5 万元" in problem_of([row_of(second, "退回")], clerk)
    assert "都已登记过" in recorded([row_of(second, amount="15", returned="5")], clerk).outcome


def test_every_problem_of_a_file_is_told_at_once_and_nothing_is_recorded(paid, fund, clerk):
    more = drafted(fund, clerk, 3)
    rows = [
        *(row_of(each, voucher_number="支2号") for each in more),
        row_of(more[0], voucher_number="支2号"),
        row_of(paid[0], "退回"),
        row_of(paid[1], voucher_number="支7号"),
        row_of(paid[2], batch="x", amount="-1"),
    ]
    rows[1]["amount"] = "2"
    before = money()
    rehearsal = tried(rows, clerk)
    assert places_of(rehearsal) == [
        (3, "实付金额（万元）"), (5, "申报编号"), (7, "凭证号"), (8, "实付金额（万元）"),
    ]  # fmt: skip
    assert rehearsal.problems[1].message == "与第 2 行重复"
    with pytest.raises(SheetImportError, match="有 4 处要先改好"):
        recorded(rows, clerk)
    assert money() == before


def test_words_that_fit_two_payments_are_refused_and_not_guessed(fund, clerk):
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    case = ApplicationFactory(submitted_at=SUBMITTED)
    for _ in range(2):
        line = AwardLineFactory(application=case, fund=fund, state="approved")
        payments.add_payment(batch=batch, line=line, actor=clerk, now=NOW)
    rehearsal = tried([row_of(each) for each in batch.payments.all()], clerk)
    assert places_of(rehearsal) == [(2, "期次"), (3, "期次")]
    assert "批次里有 2 项的申报编号、奖补级别和期次都相同" in rehearsal.problems[0].message


def test_between_preview_and_recording_nothing_is_taken_on_trust(draft, clerk):
    sheet = keep(as_csv([row_of(each) for each in draft]), clerk)
    assert not rehearse(kind=PAYMENT_RESULTS, sheet=sheet, user=clerk, now=NOW).problems
    payments.change_payment(payment=draft[0], amount=Decimal(5), actor=clerk, now=NOW)
    with pytest.raises(SheetImportError, match="有 1 处"):
        record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=clerk, now=NOW)
    assert PaymentBatch.objects.get().is_draft


# Who may


def test_the_batches_of_another_place_are_as_unknown_as_none(draft, clerk):
    county = FinanceFactory(jurisdiction_code="140521")
    rows = [row_of(each) for each in draft]
    told = tried(rows, county)
    assert {found.message for found in told.problems} == {"没有这个批次，或者不归您办理"}
    recorded([row_of(draft[0]), row_of(draft[1]), row_of(draft[2], "支付失败")], clerk)
    failed = tried([row_of(draft[2], "支付失败")], county)
    assert failed.problems[0].message == "没有这个批次，或者不归您办理"


def test_only_who_pays_imports(client, clerk):
    for who, status in (
        (UserFactory(permissions=["manage_notices", "view_application"]), 403),
        (FinanceFactory(permissions=["view_awardline", "manage_awards"]), 403),
        (clerk, 200),
    ):
        client.force_login(who)
        assert client.get(UPLOAD).status_code == status
        assert client.get(BATCHES).status_code in (200, 403)
        assert (UPLOAD in client.get(BATCHES).content.decode()) == (status == 200)


def test_a_preview_asks_as_often_for_many_rows(client, fund, clerk):
    """Without the writing, which it rehearses and which grows with the rows."""
    client.force_login(clerk)
    client.get(reverse("admin:index"))  # what the menu counts is kept for a minute

    def reads(count):
        batch = drafted(fund, clerk, count, "1")
        rows = [row_of(each, amount="7") for each in batch]
        sheet = keep(as_csv(rows), clerk)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("admin:centre_sheetimport_change", args=[sheet.pk]))
        return len(captured)

    assert reads(2) == reads(12)


# The list goes out and comes back


def download(client, ending, **query):
    response = client.post(LIST, {"format": ending}, query_params=query)
    return b"".join(response.streaming_content)


def filled_in(content, ending, results):
    """The exported file with the columns of the result filled in, by number of the case."""
    if ending == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    top = next(place for place, row in enumerate(rows) if "批次编号" in row)
    places = {header: place for place, header in enumerate(rows[top])}
    for row in rows[top + 1 :]:
        if row and row[0] == "合计":
            break
        for header, value in results[row[places["申报编号"]].strip()].items():
            row[places[header]] = value
    return _written(rows, ending)


def _written(rows, ending):
    if ending == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode("gb18030")
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"default_date_format": "yyyy-mm-dd"}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write(number, place, value)
    return made.getvalue()


def upload(client, content, name):
    """Upload, look and record; the page that follows."""
    page = client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)}, follow=True)
    assert "要先改好" not in page.content.decode()
    sheet = SheetImport.objects.get(done_at=None)
    record = reverse("admin:centre_sheetimport_record", args=[sheet.pk])
    return client.post(record, follow=True).content.decode()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_exported_list_comes_back_filled_in(client, draft, clerk, ending):
    client.force_login(clerk)
    day = date(2026, 10, 14) if ending == "xlsx" else "2026/10/14"
    done = {"支付结果": "已支付", "支付日期": day, "凭证号": "支1号", "实付金额（万元）": 20}
    results = {each.line.application.number: done for each in draft[:2]}
    failed = {"支付结果": "支付失败", "失败或退回原因": WRONG_ACCOUNT}
    results[draft[2].line.application.number] = failed
    content = filled_in(download(client, ending), ending, results)
    page = upload(client, content, f"支付清单.{ending}")
    assert "已登记 3 行。其中已支付 2 项，支付失败 1 项，共付 40 万元。" in page
    batch = PaymentBatch.objects.get()
    assert (batch.voucher_number, batch.paid_on) == ("支1号", date(2026, 10, 14))
    assert lines() == [("paid", 20, 0), ("paid", 20, 0), ("approved", 0, 0)]
    assert "都已登记过" in upload(client, content, f"支付清单.{ending}")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_list_of_what_is_recorded_changes_nothing_when_it_comes_back(
    client, paid, fund, clerk, ending
):
    client.force_login(clerk)
    recorded([row_of(paid[0], "退回")], clerk)
    refunds.refund(
        payment=paid[1], amount=Decimal("0.5"), on=date(2026, 10, 15), reason="多付",
        document_number="", pay_again=True, actor=clerk, now=NOW,
    )  # fmt: skip
    drafted(fund, clerk, 1)
    before = money()
    page = upload(client, download(client, ending, state__exact="paid"), f"支付清单.{ending}")
    assert "表里的 3 行都已登记过，没有改动。" in page
    assert money() == before
    unfilled = tried_upload(client, download(client, ending), f"支付清单.{ending}")
    assert "要先改好" not in unfilled
    assert "3 行以前已登记：下面 1 行所在批次在表里还没有结果，有了结果再导入。" in unfilled


def tried_upload(client, content, name):
    page = client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)}, follow=True)
    return page.content.decode()
