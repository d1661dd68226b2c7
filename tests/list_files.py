"""Exported lists against the database: every cell of every format, what it is and how it shows.

What a row should hold is written here once more, from the models and not from the declarations.
"""

import csv
import io
import re
import subprocess
from datetime import date
from decimal import Decimal
from itertools import zip_longest

from python_calamine import load_workbook

from applications.centre.exports.applications import APPLICATIONS
from applications.centre.exports.awards import AWARDS
from applications.centre.exports.notices import NOTICES
from applications.centre.exports.payments import PAYMENTS
from applications.money.models import AwardLine, Payment
from portal.lists.csv_file import unguarded
from tests.workbook import Cell, cells_of, rows_of, sum_by_hand

LISTS = {declared.key: declared for declared in (AWARDS, APPLICATIONS, NOTICES, PAYMENTS)}
TEXT, WHOLE, MONEY, DAY = "@", "0", "General", "yyyy-mm-dd"
AWARD_COLUMNS = {
    "申报编号": TEXT, "企业名称": TEXT, "统一社会信用代码": TEXT, "县（市、区）": TEXT, "申报项目": TEXT,
    "奖补级别": TEXT, "支付地区": TEXT, "期次": TEXT, "给付年度": WHOLE, "状态": TEXT,
    "金额（万元）": MONEY, "已付净额（万元）": MONEY, "文件印的金额": TEXT, "给付条件": TEXT, "资金": TEXT,
    "依据": TEXT,
}  # fmt: skip
PAYMENT_COLUMNS = {
    "批次编号": TEXT, "资金": TEXT, "支付日期": DAY, "凭证号": TEXT, "申报编号": TEXT, "企业名称": TEXT,
    "统一社会信用代码": TEXT, "开户名": TEXT, "开户行": TEXT, "账号": TEXT,
    "县（市、区）": TEXT, "申报项目": TEXT, "奖补级别": TEXT, "期次": TEXT, "给付年度": WHOLE, "本批金额（万元）": MONEY, "退回（万元）": MONEY, "实付金额（万元）": MONEY,
    "支付结果": TEXT, "退回日期": DAY, "失败或退回原因": TEXT, "单人办理许可": TEXT,
}  # fmt: skip
FIRST_DAY = date(1899, 12, 30)  # day 0 of a workbook
HEADER_LINE = 4


def subject_of(case):
    programme = case.edition.programme.name
    return f"{programme}（{case.subject}）" if case.subject else programme


def award_rows(lines=None):
    """The award list as the database has it: by county, case, level, payer and tranche."""
    rows = []
    for line in AwardLine.objects.all() if lines is None else lines:
        case = line.application
        counted = {"void": None, "returned": line.paid - line.returned}.get(line.state, line.amount)
        order = case.county_id, case.number, line.level, line.payer_id, line.position
        fund = " · ".join(str(each) for each in (line.fund, line.part) if each)
        cells = [
            case.number, case.enterprise_name, case.enterprise.credit_code, case.county.name,
            subject_of(case), line.get_level_display(), line.payer.name, line.title, line.year,
            line.get_state_display(), counted, line.paid - line.returned, line.printed,
            line.condition, fund, line.sources,
        ]  # fmt: skip
        rows.append((order, cells))
    return [cells for _, cells in sorted(rows)]


def payment_rows():
    """The payment list as the database has it: by batch and case."""
    rows = []
    for payment in Payment.objects.all():
        batch, line = payment.batch, payment.line
        account = payment.account
        case, refund = line.application, payment.refunds.order_by("on", "pk").last()
        is_paid, is_back = batch.state == "paid", payment.refunded == payment.amount
        result = ("退回" if is_back else "已支付") if is_paid else ""
        cells = [
            batch.number, batch.fund.name, batch.paid_on, batch.voucher_number, case.number,
            case.enterprise_name, case.enterprise.credit_code,
            account.holder if account else "", account.bank if account else "",
            account.number if account else "", case.county.name, subject_of(case),
            line.get_level_display(), line.title, line.year, payment.amount, payment.refunded,
            payment.amount - payment.refunded if is_paid else None, result,
            refund.on if is_back else None, refund.reason if is_back else None,
            f"{batch.permit_id} 号" if batch.permit_id else "",
        ]  # fmt: skip
        rows.append(((batch.number, case.number, payment.pk), cells))
    return [cells for _, cells in sorted(rows)]


def as_text(value):
    """A value as screens, CSV and PDF show it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else str(value)


def totals_of(columns, rows):
    """The sums of the columns of money, by place; the running number has place 0."""
    return {
        place: sum((row[place - 1] or Decimal(0) for row in rows), Decimal(0))
        for place, shown in enumerate(columns.values(), start=1)
        if shown == MONEY
    }


def total_line(columns, rows, blank=""):
    """合计, how many rows, and each total under its column."""
    totals = totals_of(columns, rows)
    line = ["合计", f"{len(rows)} 行", *[blank] * (len(columns) - 1)]
    for place, total in totals.items():
        line[place] = total
    return line


def check_workbook(content, title, columns, rows):
    """Every cell of the workbook, read by calamine and as it lies in the zip; its checksum."""
    headers = ["序号", *columns]
    cells = cells_of(content)
    body = rows_of(cells)
    found = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    last = HEADER_LINE + len(rows)
    assert body[0][0].value == found[0][0] == title
    assert [cell.value for cell in body[HEADER_LINE - 1]] == found[HEADER_LINE - 1] == headers
    formats = [WHOLE, *columns.values()]
    for number, (row, line, read) in enumerate(
        zip_longest(rows, body[HEADER_LINE:last], found[HEADER_LINE:last]), start=1
    ):
        expected = [number, *row]
        assert line == [
            Cell(_stored(value), "", shown) for value, shown in zip(expected, formats, strict=True)
        ]
        assert read == ["" if value is None else _read(value) for value in expected]
        for cell, shown in zip(line, formats, strict=True):
            assert cell.value is None or isinstance(cell.value, str) == (shown == TEXT)
    _check_totals(cells, body[last], found[last], columns, rows)
    foot = [line[0].value for line in body[last + 1 :] if line]
    checksum = re.search("[0-9a-f]{64}", foot[0])[0]
    assert foot[0] == f"校验码（SHA-256）：{checksum}"
    assert "制表单位（盖章处）" in foot[1]
    assert len(foot) == 2
    return checksum


def _check_totals(cells, line, read, columns, rows):
    """The last line: each total is the SUM over exactly the rows above, and says what it gives."""
    first, last = HEADER_LINE + 1, HEADER_LINE + len(rows)
    totals = totals_of(columns, rows)
    assert [cell.value for cell in line[:1]] == ["合计"]
    for place, cell in enumerate(line):
        letters = _letters(place)
        if place in totals:
            over = f"{letters}{first}:{letters}{last}" if rows[1:] else f"{letters}{first}"
            assert cell == Cell(totals[place], f"SUM({over})", MONEY)
            assert sum_by_hand(cells, cell.formula) == totals[place]
            assert read[place] == float(totals[place])
        else:
            assert not cell.formula
            assert cell.value == {0: "合计", 1: f"{len(rows)} 行"}.get(place)


def _letters(place):
    """The name of a column: 0 is A, 26 is AA."""
    head, tail = divmod(place, 26)
    return (_letters(head - 1) if head else "") + chr(ord("A") + tail)


def _stored(value):
    """A value as the zip holds it."""
    if isinstance(value, date):
        return Decimal((value - FIRST_DAY).days)
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return value or None


def _read(value):
    """A value as a reader gives it back: numbers are doubles."""
    return float(value) if isinstance(value, int | Decimal) else value


def check_csv(content, title, columns, rows):
    """Every cell of the CSV as text, and that no code in it becomes a number; its checksum."""
    assert content.startswith(b"\xef\xbb\xbf")
    body = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert body[0] == ["序号", *columns]
    shown = [WHOLE, *columns.values()]
    for number, (row, line) in enumerate(zip(rows, body[1:], strict=False), start=1):
        assert [unguarded(cell) for cell in line] == [as_text(value) for value in (number, *row)]
        for cell, kind in zip(line, shown, strict=True):
            assert kind != TEXT or not re.fullmatch(r"[-+=@\d.,]+", cell), cell
    assert body[len(rows) + 1] == [as_text(value) for value in total_line(columns, rows)]
    rest = [line for line in body[len(rows) + 2 :] if line]
    assert rest[0] == [title]
    assert rest[3][0] == "校验码（SHA-256）"
    return rest[3][1]


def check_screen(page, columns, rows):
    """The preview shows the headers, rows and totals that the file has."""
    shown = page.locator(".preview tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    expected = [["序号", *columns]]
    expected += [
        [as_text(value) for value in (number, *row)] for number, row in enumerate(rows, start=1)
    ]
    total = [as_text(value) for value in total_line(columns, rows)]
    total[1] = ""  # the number of rows stands above
    assert shown == [*expected, total]


def check_pdf(path, title, columns, rows):
    """Numbered pages, all rows, the totals and the place for the seal; its checksum."""
    text = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    *pages, rest = text.stdout.decode().split("\f")
    assert not rest
    pages = ["".join(page.split()) for page in pages]
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in page
        assert title in page
    whole = "".join(pages)
    assert f"合计（{len(rows)}行）" in whole
    for total in totals_of(columns, rows).values():
        assert as_text(total) in whole.partition("合计（")[2]
    for row in rows:
        for value in row:
            assert "".join(as_text(value).split()) in whole, value
    assert "制表单位（盖章处）" in pages[-1]
    assert "负责人" in pages[-1]
    return re.search("校验码（SHA-256）：([0-9a-f]{64})", whole)[1]
