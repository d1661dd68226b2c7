"""Money in Chromium: from recognition over amount, confirmation and payment to the firm's page."""

import pytest
from django.utils import timezone

from applications.money.models import AwardLine, Fund, PaymentBatch
from policies.catalogue.models import Edition
from portal.models import Jurisdiction
from tests.browser.test_notices import check_refusal, log_in
from tests.browser.walk import check_page
from tests.factories import (
    ApplicationFactory,
    FinanceFactory,
    MembershipFactory,
)

pytestmark = pytest.mark.browser
YEAR = timezone.localdate().year


def tranche(title, year, amount, level="city", **changes):
    payers = {"city": "140500", "county": "140521"}
    return {
        "level": level, "payer": payers[level], "title": title, "when": "now", "year": year,
        "kind": "fixed", "amount": amount, "condition": None, "status": "published",
        "sources": [{"document": "晋市政办〔2021〕35号", "clause": "三（四）"}], **changes,
    }  # fmt: skip


def approved_case(firm):
    condition = "首次升规后连续两年没有退出规上工业企业库（起算以统计部门确认为准）"
    edition = Edition.objects.get(programme="jc-xsg-field")
    return ApplicationFactory(
        enterprise=firm,
        edition=edition,
        status="approved",
        assessment={
            "programme": edition.programme_id,
            "edition": str(edition.effective_from),
            "name": edition.programme.name,
            "family": edition.programme.family,
            "verdict": "eligible",
            "awards": {"county": {"status": "unpublished"}},
            "criteria": [],
            "missing": [],
            "missing_for_amount": [],
            "near_miss": None,
            "flags": [],
            "notices": [],
            "tranches": [
                tranche("重点项目", YEAR, [25, 50]),
                tranche("首次升规", YEAR, [20, 20]),
                tranche("连续在规两年", YEAR + 3, [10, 10], condition=condition),
            ],
        },
    )


def choose(page, action):
    page.get_by_label("动作").select_option(action)
    page.get_by_role("button", name="执行").click()


def open_line(page, site, title):
    page.goto(f"{site}/admin/money/awardline/{AwardLine.objects.get(title=title).pk}/change/")


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_money_goes_from_recognition_to_the_firm(wide, site):
    membership = MembershipFactory()
    case = approved_case(membership.enterprise)
    names = ["view_application", "manage_notices", "view_awardline", "manage_awards", "pay_awards"]
    log_in(wide, site, FinanceFactory(permissions=names))

    wide.goto(f"{site}/admin/notices/recognition/record/?case={case.pk}")
    wide.get_by_label("文号").fill("测试〔2026〕8号")
    wide.get_by_label("认定日期").fill(timezone.localdate().isoformat())
    wide.get_by_role("button", name="登记认定").click()
    wide.get_by_text("已登记认定").wait_for()

    wide.goto(f"{site}/admin/money/fund/add/")
    wide.get_by_label("名称", exact=False).first.fill("市级小升规奖励资金")
    wide.get_by_label("哪一级的钱").select_option("city")
    wide.get_by_label("由哪里支付").select_option("140500")
    wide.get_by_label("依据文号").fill("晋市政办〔2021〕35号")
    check_page(wide, "admin-fund-add")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("成功添加").first.wait_for()
    fund = Fund.objects.get()
    wide.goto(f"{site}/admin/money/fund/{fund.pk}/change/")
    check_page(wide, "admin-fund")
    wide.get_by_role("link", name="登记预算").click()
    wide.get_by_label("整项预算").fill("55")
    wide.get_by_role("button", name="登记预算").click()
    wide.get_by_text("请填预算文号").wait_for()
    check_refusal(wide, "admin-budget-refused")
    wide.get_by_label("预算文号").fill("测试〔2026〕1号")
    wide.get_by_role("button", name="登记预算").click()
    wide.get_by_text("预算已登记").wait_for()
    check_page(wide, "admin-budget")

    wide.goto(f"{site}/admin/money/awardline/")
    check_page(wide, "admin-awards")
    wide.get_by_role("link", name=f"{YEAR} 年到期，待确认 2 项").click()
    wide.locator("#action-toggle").check()
    choose(wide, "step_fund")
    wide.locator("[name=target]").select_option(str(fund.pk))
    check_page(wide, "admin-awards-fund")
    wide.get_by_role("button", name="安排资金（2 项）").click()
    wide.get_by_text("安排资金 2 项").wait_for()

    open_line(wide, site, "重点项目")
    wide.get_by_role("link", name="核定金额").click()
    wide.get_by_label("金额（万元）").fill("60")
    wide.get_by_label("文号").fill("测试〔2026〕9号")
    wide.get_by_label("理由").fill("评审定为第二档")
    wide.get_by_role("button", name="核定金额").click()
    wide.get_by_text("金额应在文件印的范围内").wait_for()
    assert wide.get_by_label("理由").input_value() == "评审定为第二档"
    check_refusal(wide, "admin-award-amount-refused")
    wide.get_by_label("金额（万元）").fill("40.5")
    wide.get_by_role("button", name="核定金额").click()
    wide.get_by_text("金额由空改为40.5").wait_for()
    check_page(wide, "admin-award")

    wide.goto(f"{site}/admin/money/awardline/?due=now")
    wide.locator("#action-toggle").check()
    choose(wide, "step_confirm")
    wide.get_by_text("超出 5.5 万元").wait_for()
    check_page(wide, "admin-awards-confirm")
    wide.get_by_label("核实情况").fill("统计部门确认在库")
    wide.get_by_role("button", name="确认条件（2 项）").click()
    wide.get_by_text("超出“市级小升规奖励资金”").wait_for()
    check_refusal(wide, "admin-awards-confirm-refused")
    line = AwardLine.objects.get(state="confirmed")
    rest = AwardLine.objects.get(state="prepared", year=YEAR)
    open_line(wide, site, line.title)
    wide.get_by_role("link", name="批准支付").click()
    wide.get_by_label("批准文号").fill("批1号")
    wide.get_by_role("button", name="批准支付").click()
    wide.get_by_text("批准支付 1 项").wait_for()

    wide.goto(f"{site}/admin/money/awardline/?state__exact=approved")
    wide.locator("#action-toggle").check()
    choose(wide, "schedule_selected")
    wide.get_by_text("核对后再登记支付").wait_for()
    wide.get_by_label("本次支付（万元）").fill("15.5")
    wide.get_by_role("button", name="改", exact=False).first.click()
    wide.get_by_text("本次支付金额已改").wait_for()
    wide.get_by_text("支付要由另一人登记").wait_for()
    assert not wide.get_by_label("凭证号").count()
    check_page(wide, "admin-batch-of-own")
    wide.context.clear_cookies()
    log_in(wide, site, FinanceFactory(permissions=names))
    wide.goto(f"{site}/admin/money/paymentbatch/{PaymentBatch.objects.get().pk}/change/")
    check_page(wide, "admin-batch")
    wide.get_by_label("凭证号").fill("支1号")
    wide.get_by_label("支付日期").fill(timezone.localdate().isoformat())
    wide.get_by_role("button", name="登记支付 15.5 万元").click()
    wide.get_by_text("已登记支付").wait_for()
    check_page(wide, "admin-batch-paid")
    wide.get_by_role("link", name="登记退回").click()
    wide.get_by_label("退回金额").fill("0.5")
    wide.get_by_label("退回日期").fill(timezone.localdate().isoformat())
    wide.get_by_label("退回原因").fill("多付")
    wide.get_by_label("改正后重新支付").check()
    check_page(wide, "admin-refund")
    wide.get_by_role("button", name="登记退回").click()
    wide.get_by_text("已登记退回").wait_for()
    wide.goto(f"{site}/admin/money/paymentbatch/")
    check_page(wide, "admin-batches")
    wide.goto(f"{site}/admin/cases/application/{case.pk}/change/")
    wide.get_by_role("heading", name="奖补（4 项）").wait_for()
    for width in (390, 1440):
        wide.set_viewport_size({"width": width, "height": 900})
        check_page(wide, "admin-case-with-awards")
    wide.goto(f"{site}/admin/money/fund/figures/")
    wide.get_by_role("heading", name="按资金", exact=True).wait_for()
    check_page(wide, "admin-figures")
    assert PaymentBatch.objects.get().voucher_number == "支1号"

    wide.context.clear_cookies()
    log_in(wide, site, membership.user)
    for width in (1440, 390):
        wide.set_viewport_size({"width": width, "height": 900})
        wide.goto(f"{site}/enterprise/")
        wide.get_by_role("link", name="奖补和到账").click()
        wide.get_by_text("支付 15.5 万元").wait_for()
        wide.get_by_text("退回 0.5 万元：多付").wait_for()
        wide.get_by_text(f"{YEAR + 3} 年给付").wait_for()
        wide.get_by_text("金额未公布", exact=False).first.wait_for()
        check_page(wide, "awards")
        wide.get_by_role("link", name=case.number).first.click()
        wide.get_by_text("已到账 15 万元").wait_for()
        check_page(wide, "case-with-awards")
        wide.goto(f"{site}/enterprise/messages/")
        check_page(wide, "messages-of-money")
        wide.get_by_role("button", name="查看奖补和到账 ：奖补已支付").click()
        wide.get_by_role("heading", name="奖补和到账").wait_for()
    assert rest.state == "prepared"
    assert Jurisdiction.objects.filter(pk="140500").exists()
