"""Payment results in the lists of banks and paying offices: payments are found by firm and amount."""

from datetime import date, datetime
from decimal import Decimal
from zlib import crc32
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.cases.models import Application
from applications.centre.imports import finding
from applications.centre.imports.payments import (
    NO_RESULT_YET,
    OTHERS_WAIT,
    PAYMENT_RESULTS,
)
from applications.centre.imports.recording import (
    SheetImportError,
    keep_decisions,
    keep_sheet,
    record_sheet,
    rehearse,
)
from applications.enterprises.models import EnterpriseChange
from applications.money.models import Payment, PaymentBatch, Refund
from applications.money.services import payments
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
)
from tests.published_lists import as_csv, as_xls, as_xlsx, page

CHINA = ZoneInfo("Asia/Shanghai")
SUBMITTED = datetime(2026, 5, 6, 9, tzinfo=CHINA)
NOW = datetime(2026, 10, 15, 9, tzinfo=CHINA)
DAY = date(2026, 10, 14)
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def clerk():
    city = JurisdictionFactory()
    for code, name in (("140521", "沁水县"), ("140522", "阳城县")):
        JurisdictionFactory(code=code, name=name, level="county", parent=city)
    return FinanceFactory(permissions=["view_awardline", "manage_awards", "pay_awards"])


@pytest.fixture
def fund(clerk):
    return FundFactory()


def drafted(fund, clerk, *firms):
    """The payments of a draft: name of the firm, amount in 万元."""
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    for name, amount in firms:
        firm = EnterpriseFactory(
            credit_code=f"91140521MA{crc32(name.encode()) % 10**7:07d}X", name=name
        )
        case = ApplicationFactory(edition=EditionFactory(), submitted_at=SUBMITTED, enterprise=firm)
        line = AwardLineFactory(
            application=case, fund=fund, state="approved", amount=Decimal(amount)
        )
        payments.add_payment(batch=batch, line=line, actor=clerk, now=NOW)
    return list(batch.payments.select_related("batch", "line__application__enterprise"))


def keep(content, user):
    return keep_sheet(kind=PAYMENT_RESULTS, name="回单.xlsx", content=content, user=user, now=NOW)


def tried(sheet, user):
    sheet.refresh_from_db()
    return rehearse(kind=PAYMENT_RESULTS, sheet=sheet, user=user, now=NOW)


def record(sheet, user):
    sheet.refresh_from_db()
    return record_sheet(kind=PAYMENT_RESULTS, sheet=sheet, user=user, now=NOW)


def told(sheet, **details):
    keep_decisions(sheet, {}, {}, details=details)


BANK = ["交易日期", "收款户名", "收款账号", "金额（元）", "交易状态", "失败原因"]


def test_a_banks_list_pays_the_batch_with_the_voucher_told_once(fund, clerk):
    drafted(fund, clerk, ("甲有限公司", "20"), ("乙有限公司", "5"))
    list_ = page(
        ["某银行代发明细"],
        BANK,
        ["2026.10.14", "甲有限公司", "6222****0001", "200,000.00", "交易成功", ""],
        ["20261014", "乙 有限公司", "6222****0002", "50000", "交易失败", "账号有误"],
        ["", "合计", "", 250000, "", ""],
    )
    sheet = keep(as_xlsx(list_), clerk)
    seen = tried(sheet, clerk)
    assert not seen.account.mismatches
    assert seen.details.form.errors == {
        "voucher_number": ["请填凭证号；支付结果是“已支付”的要填。"]
    }
    told(sheet, voucher_number="支1号")
    outcome = "已登记 2 行。其中已支付 1 项，支付失败 1 项，共付 20 万元。"
    assert record(sheet, clerk).outcome == outcome
    batch = PaymentBatch.objects.get()
    assert (batch.voucher_number, batch.paid_on) == ("支1号", DAY)


@pytest.mark.parametrize("code", ["91140521MA0000001X", "91140521MA0000002X"])
def test_the_payment_of_an_absorbed_firm_is_found_by_its_successor_and_by_itself(fund, clerk, code):
    old, new = (
        EnterpriseFactory(credit_code=f"91140521MA000000{number}X", name=f"{name}有限公司")
        for number, name in ((1, "被并"), (2, "承继"))
    )
    EnterpriseChange.objects.create(
        enterprise=old, kind="merged", document_number="并1号", on=DAY, successor=new,
        proposed_at=NOW, proposed_by=clerk,
    )  # fmt: skip
    EnterpriseChange.objects.update(
        state="confirmed", decided_at=NOW, decided_by=FinanceFactory(username="other")
    )
    case = ApplicationFactory(edition=EditionFactory(), submitted_at=SUBMITTED, enterprise=old)
    case.events.create(at=NOW, actor=clerk, action="succeed", opinion="承继")
    Application.objects.filter(pk=case.pk).update(successor=new)
    line = AwardLineFactory(application=case, fund=fund, state="approved", amount=Decimal(20))
    batch = payments.make_batch(fund=fund, actor=clerk, now=NOW)
    payments.add_payment(batch=batch, line=line, actor=clerk, now=NOW)
    name = "承继有限公司" if code == new.credit_code else "被并有限公司"
    headers = ["统一社会信用代码", "收款户名", "金额（元）", "交易状态", "凭证号", "支付日期"]
    values = [code, name, 200000, "交易成功", "支1号", DAY]
    columns = dict(zip(headers, values, strict=True))
    if code == old.credit_code:
        # As the portal lists it, with its own numbers.
        columns |= {
            "批次号": batch.number, "申报编号": case.number, "奖补级别": line.get_level_display(),
            "期次": line.title,
        }  # fmt: skip
    sheet = keep(as_xlsx(page(["明细"], list(columns), list(columns.values()))), clerk)
    assert "共付 20 万元" in record(sheet, clerk).outcome
    assert PaymentBatch.objects.get().state == "paid"


def test_a_remark_tells_why_a_payment_failed_and_says_nothing_of_one_that_did_not(fund, clerk):
    _, failed = drafted(fund, clerk, ("甲有限公司", "20"), ("乙有限公司", "5"))
    headers = ["开户名", "应发金额", "实发金额（元）", "处理状态", "备注", "付款日期", "凭证编号"]
    rows = [
        ["甲有限公司", 200000, 200000, "处理成功", "第一批", DAY, "支1号"],
        ["乙有限公司", 50000, 0, "处理失败", "户名不符", "", ""],
    ]
    sheet = keep(as_xls(page(headers, *rows)), clerk)
    assert tried(sheet, clerk).details.form.fields.keys() == {"batch"}
    record(sheet, clerk)
    event = failed.line.events.get(action="unschedule")
    assert event.reason == "户名不符"


def test_the_same_list_twice_changes_nothing_and_says_so(fund, clerk):
    drafted(fund, clerk, ("甲有限公司", "20"))
    list_ = page([*BANK[:5], "流水号"], [DAY, "甲有限公司", "x", 200000, "成功", "支1号"])
    record(keep(as_xlsx(list_), clerk), clerk)
    seen = tried(keep(as_xlsx(list_), clerk), clerk)
    assert (seen.problems, seen.open, seen.new, len(seen.known)) == ([], 0, 0, 1)


def test_what_came_back_is_told_by_the_name_of_the_sheet(fund, clerk):
    [payment] = drafted(fund, clerk, ("示例劳务有限公司", "0.123456"))
    payments.pay_batch(
        batch=payment.batch, voucher_number="支1号", paid_on=DAY, actor=clerk, now=NOW
    )
    list_ = page(
        ["序号", "单位名称", "单位编号", "退回金额（元）", "退回原因"],
        [1, "示例劳务有限公司", 1032455, 1234.56, "账户名不符"],
        name="已退回",
    )
    sheet = keep(as_xls(list_), clerk)
    seen = tried(sheet, clerk)
    assert seen.details.values["result"] == "退回"
    assert seen.details.form.fields["result"].help_text == "从表名“已退回”读出，请核对。"
    assert "on" in seen.details.form.errors
    told(sheet, on="2026-10-15")
    assert record(sheet, clerk).outcome == "已登记 1 行。其中退回 1 项。"
    back = Refund.objects.get()
    assert (back.amount, back.reason) == (Decimal("0.123456"), "账户名不符")


def test_an_allocation_is_paid_with_result_day_and_voucher_told_once(fund, clerk):
    """Counties merged over their rows, subtotals, the unit on a line of its own and in a cell."""
    drafted(fund, clerk, ("甲有限公司", "5"), ("乙有限公司", "5"), ("丙有限公司", "5"))
    list_ = page(
        ["附表2"],
        ["某市工业企业上规入库专项奖励金下达计划明细表", "", "", ""],
        ["", "", "", "单位：万元"],
        ["序号", "县、区", "企业名称", "补助金额"],
        [1, "沁水县", "甲有限公司", 5],
        [2, "", "乙有限公司", 5],
        [3, "", "丙有限公司", "5万元"],
        ["小计", "沁水县", "3家", 15],
        ["合计", "", "3家", 15],
        merged=[(1, 0, 1, 3), (4, 1, 6, 1)],
    )
    sheet = keep(as_xlsx(list_), clerk)
    assert tried(sheet, clerk).details.form.errors.keys() == {"result"}
    told(sheet, result="已支付", paid_on="2026-10-14", voucher_number="支1号")
    assert record(sheet, clerk).outcome == "已登记 3 行。其中已支付 3 项，共付 15 万元。"


def test_of_two_payments_of_a_firm_the_amount_tells_or_somebody_is_asked(fund, clerk):
    first = drafted(fund, clerk, ("甲有限公司", "20"), ("乙有限公司", "5"))
    second = drafted(fund, clerk, ("甲有限公司", "8"), ("乙有限公司", "5"))
    headers = ["企业名称", "金额（万元）", "支付结果", "支付日期", "凭证号"]
    paid = ["成功", DAY, "支1号"]
    list_ = page(headers, ["甲有限公司", 8, *paid], ["乙有限公司", 5, *paid])
    sheet = keep(as_xlsx(list_), clerk)
    by_amount, asked = tried(sheet, clerk).matches
    assert by_amount.found.key == str(second[0].pk)
    assert asked.why == finding.SEVERAL
    keep_decisions(sheet, {}, {}, {asked.key: str(second[1].pk)})
    record(sheet, clerk)
    states = {batch.number: batch.state for batch in PaymentBatch.objects.all()}
    assert states == {first[0].batch.number: "draft", second[0].batch.number: "paid"}


def test_the_batch_told_once_tells_all_rows_apart(fund, clerk):
    firms = ("甲有限公司", "5"), ("乙有限公司", "5")
    drafted(fund, clerk, *firms)
    second = drafted(fund, clerk, *firms)
    headers = ["企业名称", "金额（万元）", "支付结果", "支付日期", "凭证号"]
    rows = [[name, amount, "成功", DAY, "支1号"] for name, amount in firms]
    sheet = keep(as_csv(page(headers, *rows)), clerk)
    assert tried(sheet, clerk).open == 2
    told(sheet, batch=second[0].batch.number)
    assert tried(sheet, clerk).open == 0
    record(sheet, clerk)
    assert not PaymentBatch.objects.get(pk=second[0].batch.pk).is_draft


def test_what_waits_in_other_batches_does_not_stop_a_file(fund, clerk):
    """The list that went out holds all drafts; the results of one have come."""
    done, waits = (
        drafted(fund, clerk, ("甲有限公司", "5")),
        drafted(fund, clerk, ("乙有限公司", "5")),
    )
    headers = [
        "批次编号", "申报编号", "统一社会信用代码", "奖补级别", "期次", "支付结果", "支付日期", "凭证号",
        "实付金额（万元）",
    ]  # fmt: skip

    def row(payment, *result):
        line = payment.line
        firm = line.application.enterprise
        level = line.get_level_display()
        return [
            payment.batch.number, line.application.number, firm.credit_code, level, line.title,
            *result,
        ]  # fmt: skip

    rows = [row(waits[0]), row(done[0], "已支付", DAY, "支1号", 5)]
    sheet = keep(as_xlsx(page(headers, *rows)), clerk)
    seen = tried(sheet, clerk)
    assert [str(each.place) for each in seen.left_out] == ["第 2 行"]
    outcome = f"已登记 1 行。其中已支付 1 项，共付 5 万元。有 1 行没有登记：{NO_RESULT_YET}"
    assert record(sheet, clerk).outcome == outcome
    assert PaymentBatch.objects.get(pk=waits[0].batch.pk).is_draft


def test_a_batch_of_which_the_bank_tells_a_part_waits_and_the_others_are_recorded(fund, clerk):
    whole = drafted(fund, clerk, ("甲有限公司", "20"), ("乙有限公司", "5"))
    part = drafted(fund, clerk, ("丙有限公司", "8"), ("丁有限公司", "3"))
    headers = ["企业名称", "金额（万元）", "支付结果", "支付日期", "凭证号"]
    paid = ["成功", DAY, "支1号"]
    rows = [["甲有限公司", 20, *paid], ["丙有限公司", 8, *paid], ["乙有限公司", 5, *paid]]
    sheet = keep(as_xlsx(page(headers, *rows)), clerk)
    seen = tried(sheet, clerk)
    assert (seen.problems, seen.open) == ([], 0)
    [left] = seen.left_out
    assert str(left.place) == "第 3 行"
    assert part[1].line.application.number in left.message
    outcome = record(sheet, clerk).outcome
    assert outcome == f"已登记 2 行。其中已支付 2 项，共付 25 万元。有 1 行没有登记：{OTHERS_WAIT}"
    states = {batch.pk: batch.state for batch in PaymentBatch.objects.all()}
    assert states == {whole[0].batch_id: "paid", part[0].batch_id: "draft"}
    alone = keep(as_xlsx(page(headers, rows[1])), clerk)
    [problem] = tried(alone, clerk).problems
    assert "一个批次要一起登记" in problem.message


def test_a_row_without_a_result_in_a_batch_with_results_is_told_by_its_cell(fund, clerk):
    drafted(fund, clerk, ("甲有限公司", "5"), ("乙有限公司", "5"))
    headers = ["企业名称", "金额（万元）", "支付结果", "支付日期", "凭证号"]
    rows = [["甲有限公司", 5, "成功", DAY, "支1号"], ["乙有限公司", 5, "", "", ""]]
    seen = tried(keep(as_xlsx(page(headers, *rows)), clerk), clerk)
    assert [(each.cell, each.message) for each in seen.problems] == [
        ("C3", "没有填；同一批次的其他格填了，这一项也要写结果")
    ]


def test_an_amount_without_any_unit_is_refused_with_what_would_do(fund, clerk):
    drafted(fund, clerk, ("甲有限公司", "5"))
    headers = ["企业名称", "金额", "支付结果", "支付日期", "凭证号"]
    sheet = keep(as_xlsx(page(headers, ["甲有限公司", 5, "成功", DAY, "支1号"])), clerk)
    [problem] = tried(sheet, clerk).problems
    assert problem.cell == "B2"
    assert "请在表头里写上（元）或（万元）" in problem.message


def test_the_payments_of_another_office_are_as_unknown_as_none(fund, clerk):
    drafted(fund, clerk, ("甲有限公司", "5"))
    county = FinanceFactory(jurisdiction_code="140522")
    headers = ["企业名称", "金额（万元）", "支付结果", "支付日期", "凭证号"]
    sheet = keep(as_xlsx(page(headers, ["甲有限公司", 5, "成功", DAY, "支1号"])), county)
    [match] = tried(sheet, county).matches
    assert (match.why, match.candidates) == (finding.NOT_FOUND, ())


def test_all_that_is_open_is_told_and_nothing_is_recorded_before(fund, clerk):
    drafted(fund, clerk, ("甲有限公司", "5"))
    sheet = keep(as_xlsx(page(["企业名称", "金额（万元）"], ["甲有限公司", 5])), clerk)
    with pytest.raises(SheetImportError, match="还有 1 处待定"):
        record(sheet, clerk)
    assert Payment.objects.get().batch.is_draft


def test_the_number_of_queries_does_not_grow_with_the_rows(fund, clerk):
    headers = ["企业名称", "金额（万元）", "支付结果", "支付日期", "凭证号"]

    def reads(count):
        firms = [(f"第{count}批{number}有限公司", "1") for number in range(count)]
        drafted(fund, clerk, *firms)
        rows = [[name, 7, "成功", DAY, "支1号"] for name, _ in firms]
        sheet = keep(as_xlsx(page(headers, *rows)), clerk)
        with CaptureQueriesContext(connection) as captured:
            assert len(tried(sheet, clerk).problems) == count
        return len(captured)

    reads(1)
    assert reads(2) == reads(12)
