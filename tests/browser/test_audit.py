"""An auditor in Chromium: a dossier and back, a sample, who held two roles, an export checked again."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from applications.cases.models import Application
from applications.centre.exports.applications import APPLICATIONS
from applications.centre.exports.recording import export_list
from applications.money.models import AwardEvent
from policies.catalogue.models import Edition
from tests.applications.centre.test_case_papers import hand_in, staff
from tests.browser.test_lists import log_in, save, save_when_ready
from tests.browser.walk import check_page
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EnterpriseFactory,
    FundFactory,
    reject_event,
)

pytestmark = pytest.mark.browser


def some_cases():
    """Six recognised cases; one was reviewed and its money confirmed by one person."""
    edition, fund = Edition.objects.get(programme="jc-zjtx-city"), FundFactory(budget=False)
    clerk = staff("审核员", first_name="独一人")
    now = timezone.now() - timedelta(days=3)
    for number in range(6):
        case = ApplicationFactory(
            enterprise=EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", name=f"沁水县第{number}测试有限公司"),
            edition=edition, status="recognised", number=f"140521-2026-{number:04d}",
            answers={"enterprise.employees": 80 + number}, submitted_at=now,
        )  # fmt: skip
        reject_event(case, clerk, "材料齐全", at=now, action="recommend", target="approved")
        line = AwardLineFactory(application=case, fund=fund, amount=Decimal(number + 1))
    AwardEvent.objects.create(line=line, at=now, actor=clerk, action="confirm", target="confirmed")
    hand_in(case, None, b"%PDF-1.7 paper", "paper.pdf")
    return clerk, case


@pytest.mark.night
@pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True)
def test_an_auditor_makes_a_dossier_samples_and_checks_what_comes_back(
    wide, site, worker, tmp_path
):
    clerk, case = some_cases()
    auditor = staff("审计", first_name="审计员甲", jurisdiction_code="140500")
    log_in(wide, site, auditor)
    wide.set_default_timeout(30000)
    wide.goto(f"{site}/admin/")
    wide.get_by_role("navigation", name="工作").get_by_role("link", name="审计").click()
    check_page(wide, "admin-audit-empty")

    wide.locator(".object-tools").get_by_role("link", name="一人办了两步的申报").click()
    wide.get_by_role("region", name="各有多少").get_by_text("审核过，又确认或批准奖补").wait_for()
    check_page(wide, "admin-audit-two-roles")
    save(wide, "导出全部（XLSX）", tmp_path / "two-roles.xlsx")
    wide.get_by_label("哪一种").select_option(label="专家评分，又审核")
    wide.get_by_role("button", name="看", exact=True).click()
    wide.get_by_text("所选的申报里没有这样的情况").wait_for()
    check_page(wide, "admin-audit-two-roles-empty")
    wide.get_by_label("申报年度").fill("去年")
    wide.get_by_role("button", name="看", exact=True).click()
    wide.get_by_text("没有照您填的列：").wait_for()
    wide.problems.clear()  # the browser notes the answer 400
    check_page(wide, "admin-audit-two-roles-wrong")

    wide.goto(f"{site}/admin/cases/application/{case.pk}/change/")
    save_when_ready(wide, re.compile("案卷（ZIP"), tmp_path / "案卷.zip")
    wide.goto(f"{site}/admin/centre/auditrecord/")
    wide.locator(".object-tools").get_by_role("link", name="核对案卷").click()
    check_page(wide, "admin-audit-check-dossier")
    wide.locator("input[type=file]").set_input_files(tmp_path / "案卷.zip")
    wide.get_by_role("button", name="核对", exact=True).click()
    wide.get_by_role("heading", name=re.compile("没有改动过")).wait_for()
    check_page(wide, "admin-audit-dossier-unchanged")
    wide.locator("input[type=file]").set_input_files(tmp_path / "two-roles.xlsx")
    wide.get_by_role("button", name="核对", exact=True).click()
    wide.get_by_text("里面没有清单").first.wait_for()
    wide.problems.clear()  # the browser notes the answer 400
    check_page(wide, "admin-audit-dossier-refused")

    wide.goto(f"{site}/admin/centre/auditrecord/")
    wide.locator(".object-tools").get_by_role("link", name="随机抽样").click()
    wide.get_by_role("button", name="抽样", exact=True).click()
    wide.get_by_text("请填抽几件").first.wait_for()
    wide.problems.clear()  # the browser notes the answer 400
    check_page(wide, "admin-audit-sample-wrong")
    wide.get_by_label("抽几件").fill("3")
    wide.get_by_label("按奖补金额抽").check()
    wide.get_by_label("种子").fill("开标号 17")
    wide.get_by_role("button", name="抽样", exact=True).click()
    wide.get_by_text("总体没有变，抽出的一样。").wait_for()
    check_page(wide, "admin-audit-sample")
    save_when_ready(wide, re.compile("的案卷（一个 ZIP）"), tmp_path / "several.zip")

    file, _ = export_list(
        data_list=APPLICATIONS, queryset=Application.objects.all(), ending="csv", user=clerk,
        filtered="无，全部列出", now=timezone.now(), query="queue=all",
    )  # fmt: skip
    with file:
        (tmp_path / "名单.csv").write_bytes(file.read())
    Application.objects.filter(pk=case.pk).update(contact_name="新联系人")
    wide.goto(f"{site}/admin/centre/auditrecord/")
    wide.locator(".object-tools").get_by_role("link", name="核对导出的文件").click()
    check_page(wide, "admin-audit-check-export")
    wide.locator("input[type=file]").set_input_files(tmp_path / "名单.csv")
    wide.get_by_role("button", name="核对", exact=True).click()
    wide.get_by_role("region", name="改了的行").get_by_text("新联系人").wait_for()
    check_page(wide, "admin-audit-export-changed")
    wide.goto(f"{site}/admin/centre/auditrecord/")
    check_page(wide, "admin-audit-records")
