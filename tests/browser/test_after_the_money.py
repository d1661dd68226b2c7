"""After the money: a recognition is revoked, what was paid is claimed back and comes back in part."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from applications.money.models import AwardLine, Reclaim
from applications.money.services import payments
from applications.notices.services.recognitions import recognise
from portal.models import Jurisdiction
from tests.browser.walk import check_page, enter
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EnterpriseFactory,
    FundFactory,
    MembershipFactory,
    UserFactory,
    approved_cases,
)

pytestmark = pytest.mark.browser
WIDTHS = [1440, 1024, 390]
WHY = "申报时提供了虚假的收入证明，经核查属实"


def of_role(name, first_name):
    user = UserFactory(permissions=[], first_name=first_name)
    user.groups.add(Group.objects.get(name=name))
    return user


def recognised_case(actor):
    """A recognised case of a firm with a line that was paid and one that waits for payment."""
    county = Jurisdiction.objects.get(pk="140521")
    [case] = approved_cases(1, county=county)
    document = recognise(
        applications=[case], document_number="沁企服〔2026〕8号", on=timezone.localdate(), actor=actor,
        now=timezone.now(),
    )  # fmt: skip
    fund = FundFactory(
        name="县级小升规奖励资金", level="county", jurisdiction=county,
        budget=Decimal(100), budget__year=timezone.localdate().year,
    )  # fmt: skip
    year = timezone.localdate().year
    fields = {"application": case, "fund": fund, "level": "county", "year": year}
    paid = AwardLineFactory(**fields, title="首次升规", state="approved")
    AwardLineFactory(**fields, title="连续在规两年", state="approved")
    return case, document, paid


@pytest.mark.parametrize("wide", [WIDTHS], indirect=True)
def test_a_recognition_is_revoked_and_its_money_comes_back(wide, site):
    first, second = of_role("审核员", "李一"), of_role("审核员", "王二")
    finance, payer = of_role("财务", "赵三"), of_role("财务", "钱四")
    case, document, paid = recognised_case(first)
    owner = MembershipFactory(enterprise=case.enterprise).user
    pay(paid, finance, payer)

    enter(wide, site, first)
    wide.goto(site + reverse("admin:notices_recognition_change", args=[document.pk]))
    wide.get_by_role("link", name="撤销认定").last.click()
    check_page(wide, "revoke-empty")
    wide.get_by_role("button", name="提出撤销").click()
    wide.get_by_text("请选要撤销哪几件").first.wait_for()
    wide.problems.clear()  # the refusal is a bad request
    check_page(wide, "revoke-error")
    wide.get_by_label(case.number).check()
    wide.get_by_label("文号").fill("沁企服〔2026〕30号")
    wide.get_by_label("撤销日期").fill(timezone.localdate().isoformat())
    wide.get_by_label("依据").fill("管理办法第十二条")
    wide.get_by_label("原因").fill(WHY)
    wide.get_by_role("button", name="提出撤销").click()
    wide.get_by_text("已提出撤销 1 件").wait_for()
    check_page(wide, "revocations")

    enter(wide, site, second)
    wide.goto(site + reverse("admin:index"))
    wide.get_by_role("link", name="待复核的撤销认定").click()
    wide.get_by_role("link", name=case.number).click()
    check_page(wide, "revocation-to-confirm")
    wide.get_by_role("button", name="复核无误，生效").click()
    wide.get_by_text("已生效").first.wait_for()
    check_page(wide, "revocation-confirmed")

    enter(wide, site, finance)
    wide.goto(site + reverse("admin:index"))
    wide.get_by_role("link", name="暂停给付，待决定的奖补").click()
    check_page(wide, "awards-held")
    wide.goto(site + reverse("admin:money_awardline_change", args=[paid.pk]))
    check_page(wide, "award-held")
    wide.get_by_role("link", name="提出追回").click()
    check_page(wide, "reclaim-empty")
    wide.get_by_label("文号").fill("沁财〔2026〕40号")
    wide.get_by_label("最后期限").fill(timezone.localdate().isoformat())
    wide.get_by_role("button", name="提出追回").click()
    wide.get_by_text("已提出追回 20 万元").wait_for()
    check_page(wide, "reclaim-proposed")

    enter(wide, site, payer)
    wide.goto(site + reverse("admin:money_reclaim_changelist") + "?standing=confirm")
    wide.get_by_role("link", name=case.number).click()
    wide.get_by_role("button", name="复核无误，生效").click()
    wide.get_by_text("正在追回").first.wait_for()
    wide.get_by_label("收回金额（万元）").fill("50")
    wide.get_by_role("button", name="登记收回").click()
    wide.get_by_text("请填日期").first.wait_for()
    wide.problems.clear()
    check_page(wide, "reclaim-error")
    wide.get_by_label("收回金额（万元）").fill("12.5")
    wide.get_by_label("收到日期").fill(timezone.localdate().isoformat())
    wide.get_by_label("凭证号").fill("收0001")
    wide.get_by_role("button", name="登记收回").click()
    wide.get_by_text("已登记收回 12.5 万元").wait_for()
    check_page(wide, "reclaim-open")
    wide.goto(site + reverse("admin:money_reclaim_changelist"))
    check_page(wide, "reclaims")
    wide.get_by_role("link", name="导出追回清单").click()
    check_page(wide, "reclaim-list")
    assert Reclaim.objects.get().outstanding == Decimal("7.5")

    enter(wide, site, owner)
    wide.goto(site + reverse("firm:awards"))
    wide.get_by_text("暂停给付，等中心决定").first.wait_for()
    check_page(wide, "firm-awards-revoked")
    wide.goto(site + reverse("firm:case", args=[case.reference]))
    wide.get_by_text(WHY).first.wait_for()
    check_page(wide, "firm-case-revoked")


def pay(line, drafter, payer):
    """A batch with the line, paid today."""
    now = timezone.now()
    batch = payments.make_batch(fund=line.fund, actor=drafter, now=now)
    payments.add_payment(batch=batch, line=line, actor=drafter, now=now)
    payments.pay_batch(
        batch=batch, voucher_number="支0001", paid_on=timezone.localdate(), actor=payer, now=now
    )
    assert AwardLine.objects.get(pk=line.pk).state == "paid"


@pytest.mark.parametrize("wide", [WIDTHS], indirect=True)
def test_a_firm_is_renamed_then_moves_and_its_open_case_goes_with_it(wide, site):
    first, second = of_role("审核员", "李一"), of_role("审核员", "王二")
    county, other = (Jurisdiction.objects.get(pk=code) for code in ("140521", "140522"))
    firm = EnterpriseFactory(name="沁水县测试制造有限公司", county=county)
    case = ApplicationFactory(enterprise=firm, status="in_review")
    AwardLineFactory(
        application=ApplicationFactory(
            enterprise=firm, status="recognised", edition=case.edition, year=2025
        ),
        fund=FundFactory(level="county", jurisdiction=county), level="county",
    )  # fmt: skip

    enter(wide, site, first)
    wide.goto(site + reverse("admin:enterprises_enterprise_change", args=[firm.pk]))
    wide.get_by_role("link", name="登记更名、迁移、合并").click()
    check_page(wide, "change-empty")
    wide.get_by_role("button", name="提出变更").click()
    wide.get_by_text("请选是更名、迁移还是被合并").first.wait_for()
    wide.problems.clear()  # the refusal is a bad request
    check_page(wide, "change-error")
    wide.get_by_label("更名", exact=True).check()
    wide.get_by_label("新名称").fill("山西测试智能制造有限公司")
    enter_document(wide, "准予变更〔2026〕1号")
    wide.get_by_role("button", name="提出变更").click()
    wide.get_by_text("由您提出，要由另一人复核").wait_for()
    check_page(wide, "change-proposed")
    confirm_as(wide, site, second, "待复核的企业更名、迁移和合并")
    wide.goto(site + reverse("admin:enterprises_enterprise_register", args=[firm.pk]))
    wide.get_by_label("迁移", exact=True).check()
    wide.get_by_label("新注册地").select_option(other.pk)
    enter_document(wide, "准予变更〔2026〕2号")
    wide.get_by_role("button", name="提出变更").click()
    wide.get_by_text("沁水县迁到阳城县，由另一人复核").wait_for()
    check_page(wide, "move-proposed")
    confirm_as(wide, site, first, "待复核的企业更名、迁移和合并")
    check_page(wide, "move-confirmed")
    wide.goto(site + reverse("admin:enterprises_enterprisechange_changelist"))
    check_page(wide, "changes")
    wide.goto(site + reverse("admin:enterprises_enterprise_change", args=[firm.pk]))
    check_page(wide, "firm-changed")
    wide.get_by_role("link", name=case.number).click()
    wide.get_by_text("企业现在注册在阳城县").wait_for()
    wide.get_by_text("转交阳城县办理").click()
    check_page(wide, "case-to-transfer")
    wide.get_by_label("理由（企业看得到）").fill("企业已迁到阳城县，由新的县继续审核")
    wide.get_by_role("button", name="转交", exact=True).click()
    wide.get_by_text("已转交阳城县").wait_for()
    enter(wide, site, of_role("财务", "赵三"))
    wide.goto(site + reverse("admin:money_awardline_changelist") + "?due=held")
    wide.get_by_text("暂停：企业已迁出").first.wait_for()
    check_page(wide, "awards-of-a-firm-that-moved")


def enter_document(wide, number):
    wide.get_by_label("变更通知文号").fill(number)
    wide.get_by_label("变更日期").fill(timezone.localdate().isoformat())


def confirm_as(wide, site, user, title):
    enter(wide, site, user)
    wide.goto(site + reverse("admin:index"))
    wide.get_by_role("link", name=title).click()
    wide.locator("#result_list tbody a").first.click()
    wide.get_by_role("button", name="复核无误，生效").click()
    wide.get_by_text("已生效").first.wait_for()


@pytest.mark.parametrize("wide", [WIDTHS], indirect=True)
def test_what_an_absorbed_firm_leaves_is_decided_in_one_list(wide, site):
    first, second = of_role("审核员", "李一"), of_role("审核员", "王二")
    county = Jurisdiction.objects.get(pk="140521")
    firm = EnterpriseFactory(name="沁水县测试制造有限公司", county=county)
    successor = EnterpriseFactory(
        credit_code="91140522MA0K00002T", name="沁水县承继实业有限公司", county=county
    )
    case = ApplicationFactory(enterprise=firm, status="in_review")
    owner = MembershipFactory(enterprise=successor).user
    enter(wide, site, first)
    wide.goto(site + reverse("admin:enterprises_enterprise_register", args=[firm.pk]))
    wide.get_by_label("被合并", exact=True).check()
    wide.get_by_label("承继企业的统一社会信用代码").fill(successor.credit_code)
    enter_document(wide, "准予注销〔2026〕3号")
    wide.get_by_role("button", name="提出变更").click()
    wide.get_by_text("由您提出，要由另一人复核").wait_for()
    confirm_as(wide, site, second, "待复核的企业更名、迁移和合并")
    check_page(wide, "merger-left")
    wide.get_by_role("button", name=f"由承继企业继续：{case.number}").click()
    wide.get_by_text("请写明理由").first.wait_for()
    wide.problems.clear()
    wide.get_by_label("理由").first.fill("吸收合并，承继全部权利义务")
    wide.get_by_role("button", name=f"由承继企业继续：{case.number}").click()
    wide.get_by_text(f"已决定：{case.number}由承继企业继续").wait_for()
    check_page(wide, "merger-decided")
    enter(wide, site, owner)
    wide.goto(site + reverse("firm:case", args=[case.reference]))
    wide.get_by_text("由沁水县承继实业有限公司承继").first.wait_for()
    check_page(wide, "firm-case-taken-over")
