"""Lists in Chromium: the preview and the files it gives, and lists that come in."""

import csv
from decimal import Decimal

import pytest
import xlsxwriter
from django.conf import settings
from django.test import Client
from django.utils import timezone
from python_calamine import load_workbook

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.centre.models import ExportLog
from applications.money.models import AwardLine, Budget
from applications.money.services import payments
from applications.notices.models import Recognition
from applications.notices.services.recognitions import recognise
from policies.catalogue.models import Edition
from tests.browser.walk import check_page
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    FinanceFactory,
    FundFactory,
    ManagerFactory,
    UserFactory,
    approved_cases,
)
from tests.published_lists import as_xls, page

pytestmark = pytest.mark.browser


def log_in(page, site, user):
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])


def save(page, button, path):
    with page.expect_download() as started:
        page.get_by_role("button", name=button).click()
    started.value.save_as(path)
    return started.value.suggested_filename


def save_when_ready(page, button, path):
    """Ask for a file that a worker makes, and fetch it from the page that says so."""
    page.get_by_role("button", name=button).click()
    ready = page.get_by_role("link", name="下载")
    ready.wait_for(timeout=120_000)
    with page.expect_download() as started:
        ready.click()
    started.value.save_as(path)
    return started.value.suggested_filename


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_staff_preview_a_list_and_take_it_in_every_format(wide, site, worker, tmp_path):
    edition, fund = Edition.objects.get(programme="jc-zjtx-city"), FundFactory()
    for year in range(2000, 2030):
        case = ApplicationFactory(edition=edition, year=year)
        AwardLineFactory(application=case, fund=fund, state="confirmed", amount=Decimal("12.5"))
    names = ["view_application", "view_awardline", "export_lists", "view_exportlog"]
    user = UserFactory(permissions=names)
    log_in(wide, site, user)
    wide.goto(f"{site}/admin/money/awardline/?q=140521")
    wide.get_by_role("link", name="导出奖补名单").click()
    wide.get_by_text("查找：140521").wait_for()
    check_page(wide, "admin-list-awards")
    shown = wide.locator(".preview tr.total").inner_text().split()
    name = save(wide, "下载 Excel", tmp_path / "list.xlsx")
    assert name.startswith("奖补名单-")
    assert name.endswith(".xlsx")
    sheet = load_workbook(str(tmp_path / "list.xlsx")).get_sheet_by_index(0).to_python()
    headers = [cell.inner_text() for cell in wide.locator(".preview thead th").all()]
    assert sheet[3] == headers
    total = next(row for row in sheet if row[0] == "合计")
    assert [f"{cell:g}" for cell in total if isinstance(cell, float)] == shown[1:]
    save(wide, "下载 CSV", tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == headers
    assert save_when_ready(wide, "下载 PDF", tmp_path / "list.pdf").endswith(".pdf")
    check_page(wide, "job-done")
    assert (tmp_path / "list.pdf").read_bytes().startswith(b"%PDF-")
    assert ExportLog.objects.count() == 3
    wide.goto(f"{site}/admin/cases/application/?queue=all")
    wide.get_by_role("link", name="导出申报名单").click()
    check_page(wide, "admin-list-applications")
    wide.goto(f"{site}/admin/centre/exportlog/")
    check_page(wide, "admin-export-log")
    wide.get_by_role("link").filter(has_text="年").first.click()
    check_page(wide, "admin-export-log-entry")


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_staff_import_a_recognised_list(wide, site, tmp_path):
    cases = approved_cases(2, edition=EditionFactory())
    log_in(wide, site, ManagerFactory())
    today = timezone.localdate()
    path = tmp_path / "名单.csv"

    def upload(*days):
        lines = ["申报编号,统一社会信用代码,文号,认定日期"]
        lines += [
            f"{case.number},{case.enterprise.credit_code},测试〔2026〕8号,{day}"
            for case, day in zip(cases, days, strict=True)
        ]
        path.write_text("\n".join(lines), encoding="utf-8-sig")
        wide.get_by_label("文件").set_input_files(path)
        wide.get_by_role("button", name="上传并核对").click()

    wide.goto(f"{site}/admin/notices/recognition/")
    wide.get_by_role("link", name="导入认定名单").click()
    check_page(wide, "admin-import")
    upload(today, "明天")
    wide.get_by_text("“明天”不是日期").wait_for()
    check_page(wide, "admin-import-problems")
    wide.get_by_role("link", name="重新上传").click()
    upload(today, today)
    wide.get_by_text("将登记 2 行").wait_for()
    check_page(wide, "admin-import-preview")
    wide.get_by_role("button", name="登记这 2 行").click()
    wide.get_by_text("已登记 2 行。").first.wait_for()
    check_page(wide, "admin-import-done")
    assert set(Application.objects.values_list("status", flat=True)) == {Status.RECOGNISED}
    wide.goto(f"{site}/admin/centre/sheetimport/")
    check_page(wide, "admin-imports")


@pytest.mark.night
@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_staff_import_a_list_as_it_was_published(wide, site, tmp_path):
    """An XLS without our numbers: one firm is found, of another one case is chosen, one is passed."""
    first, second = approved_cases(2, edition=EditionFactory())
    ApplicationFactory(
        enterprise=second.enterprise, edition=second.edition, year=2025, status=Status.APPROVED
    )
    today = timezone.localdate()
    rows = [
        ["附件1", "", "", ""],
        ["关于认定名单的公示（晋测〔2026〕17号）", "", "", ""],
        ["序号", "县、区", "企 业\n名 称", "奖补金额（万元）"],
        [1, "沁水县", first.enterprise.name, 5],
        [2, "", second.enterprise.name, 5],
        [3, "阳城县", "外地有限公司", 5],
        ["合　计", "", "4家", 20],
        [f"{today.year}年{today.month}月{today.day}日", "", "", ""],
    ]
    path = tmp_path / "名单.xls"
    path.write_bytes(as_xls(page(*rows, merged=[(1, 0, 1, 3), (3, 1, 4, 1)])))
    log_in(wide, site, ManagerFactory())
    wide.goto(f"{site}/admin/centre/sheetimport/upload/recognitions/")
    wide.get_by_label("文件").set_input_files(path)
    wide.get_by_role("button", name="上传并核对").click()
    wide.get_by_text("还有 2 处待定").wait_for()
    wide.get_by_text(
        "C7 写的是 4家，读出的是 3 行；D7 写的是 20，读出的 3 行加起来是 15"
    ).wait_for()
    check_page(wide, "admin-import-published")
    wide.get_by_label("文号").fill("")
    wide.get_by_role("group", name="第 5 行").get_by_label(second.number).check()
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("请填认定文件的文号。").wait_for()
    check_page(wide, "admin-import-published-lacks-document")
    wide.get_by_label("文号").fill("晋测〔2026〕17号")
    wide.get_by_role("group", name="第 6 行").get_by_label("略过").check()
    wide.get_by_role("button", name="保存选择").first.click()
    wide.get_by_text("将登记 2 行").wait_for()
    check_page(wide, "admin-import-published-decided")
    wide.get_by_role("button", name="登记这 2 行").click()
    wide.get_by_text("已登记 2 行。另有 1 行选定略过。").first.wait_for()
    check_page(wide, "admin-import-published-done")
    recognised = Application.objects.filter(status=Status.RECOGNISED).values_list(
        "number", flat=True
    )
    assert set(recognised) == {first.number, second.number}


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_clerk_decides_what_is_in_doubt_before_a_list_is_recorded(wide, site, tmp_path):
    cases = approved_cases(4, edition=EditionFactory())
    manager, today = ManagerFactory(), timezone.localdate()
    recognise(
        applications=cases[:1], document_number="测试〔2026〕8号", on=today, actor=manager,
        now=timezone.now(),
    )  # fmt: skip
    log_in(wide, site, manager)
    path = tmp_path / "名单.xlsx"
    with xlsxwriter.Workbook(path) as made:
        county, other = made.add_worksheet("沁水县"), made.add_worksheet("汇总")
        struck = made.add_format({"font_strikeout": True})
        county.write_row(0, 0, ["申报编号", "统一社会信用代码", "文号", "认定日期"])
        for number, case in enumerate(cases[1:], start=1):
            row = [case.number, case.enterprise.credit_code, "测试[2026]8号", today.isoformat()]
            county.write_row(number, 0, row, struck if number == 2 else None)
        county.set_row(3, None, None, {"hidden": True})
        county.write_row(4, 0, ["小计", "3家"])
        other.write_row(0, 0, ["县", "家数"])
        other.write_row(1, 0, ["沁水县", 3])
    wide.goto(f"{site}/admin/centre/sheetimport/upload/recognitions/")
    wide.get_by_label("文件").set_input_files(path)
    wide.get_by_role("button", name="上传并核对").click()
    wide.get_by_text("还有 4 处待定").wait_for()
    check_page(wide, "admin-import-doubts")
    wide.get_by_label("不是同一份").check()
    wide.get_by_role("button", name="保存回答").click()
    wide.get_by_text("没有依据不能按表里写的登记").wait_for()
    check_page(wide, "admin-import-no-reason")
    wide.get_by_label("是同一份文件").check()
    wide.get_by_role("group", name="“汇总”").get_by_label("不读").check()
    wide.get_by_role("group", name="“沁水县”第 3 行").get_by_label("略过").check()
    wide.get_by_role("group", name="“沁水县”第 4 行").get_by_label("是数据，要读").check()
    wide.get_by_role("button", name="保存选择").first.click()
    wide.get_by_text("将登记 2 行").wait_for()
    check_page(wide, "admin-import-decided")
    wide.get_by_role("button", name="登记这 2 行").click()
    wide.get_by_text("已登记 2 行。").first.wait_for()
    check_page(wide, "admin-import-decided-done")
    assert set(Recognition.objects.values_list("document_number", flat=True)) == {"测试〔2026〕8号"}


def fill_in(path, results):
    """Write the results into an exported CSV, row after row; a result is a dict by header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for row, result in zip(rows[1:], results, strict=False):
        for header, value in result.items():
            row[rows[0].index(header)] = value
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_finance_sends_a_payment_list_and_takes_its_results_back(wide, site, tmp_path):
    names = ["view_awardline", "manage_awards", "pay_awards", "export_lists"]
    clerk, fund, now = FinanceFactory(permissions=names), FundFactory(), timezone.now()
    Budget.objects.update(year=now.year)
    lines = AwardLineFactory.create_batch(3, fund=fund, state="approved", year=now.year)
    [batch], _ = payments.schedule(lines=lines, actor=clerk, now=now)
    log_in(wide, site, clerk)
    path, today = tmp_path / "支付清单.csv", timezone.localdate().isoformat()
    batches = f"{site}/admin/money/paymentbatch/"

    def upload(*results):
        fill_in(path, results)
        wide.get_by_label("文件").set_input_files(path)
        wide.get_by_role("button", name="上传并核对").click()

    wide.goto(batches)
    check_page(wide, "admin-batches-with-import")
    wide.get_by_role("link", name="导出支付清单").click()
    check_page(wide, "admin-list-payments")
    save(wide, "下载 CSV", path)
    wide.goto(batches)
    wide.get_by_role("link", name="导入支付结果").click()
    check_page(wide, "admin-import-results")
    paid = {"支付结果": "已支付", "支付日期": today, "凭证号": "支1号", "实付金额（万元）": "20"}
    failed = {"支付结果": "支付失败", "失败或退回原因": "账号有误"}
    upload({**paid, "实付金额（万元）": "200000"}, failed, {})
    wide.get_by_text("表里写的是 200000 万元").wait_for()
    check_page(wide, "admin-import-results-problems")
    wide.get_by_role("link", name="重新上传").click()
    upload(paid, failed, paid)
    wide.get_by_text("其中已支付 2 项，支付失败 1 项，共付 40 万元。").wait_for()
    check_page(wide, "admin-import-results-preview")
    wide.get_by_role("button", name="登记这 3 行").click()
    wide.get_by_text("已登记 3 行。").first.wait_for()
    check_page(wide, "admin-import-results-done")
    batch.refresh_from_db()
    assert (batch.state, batch.voucher_number) == ("paid", "支1号")
    states = AwardLine.objects.order_by("pk").values_list("state", flat=True)
    assert sorted(states) == ["approved", "paid", "paid"]
    wide.goto(f"{batches}{batch.pk}/change/")
    check_page(wide, "admin-batch-with-results")
