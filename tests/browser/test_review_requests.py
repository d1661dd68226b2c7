"""A firm asks for a review of a rejection, and another person answers."""

import pytest
from django.utils import timezone

from applications.cases.models import ReviewRequest
from applications.cases.services.review import decide
from applications.cases.workflow import Action
from portal.models import Jurisdiction
from tests.applications.centre.test_roles import of_role
from tests.browser.test_messages import log_in
from tests.browser.walk import check_page
from tests.factories import ApplicationFactory, EnterpriseFactory, MembershipFactory

WIDTHS = [[1440, 390]]
pytestmark = pytest.mark.browser


@pytest.mark.night
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_asks_for_a_review_and_another_person_answers(wide, site, client):
    county = Jurisdiction.objects.get(pk="140521")
    member = MembershipFactory(enterprise=EnterpriseFactory(county=county)).user
    clerk, colleague = (
        of_role("审核员", first_name=name, username=username)
        for name, username in (("李四", "li"), ("张三", "zhang"))
    )
    case = ApplicationFactory(enterprise=EnterpriseFactory(county=county))
    reason = "主营业务收入没有达到文件规定的数额，不符合条件。"
    decide(application=case, action=Action.REJECT, actor=clerk, opinion=reason, now=timezone.now())
    log_in(wide, site, member, client)
    wide.set_default_timeout(20000)
    wide.goto(f"{site}/enterprise/applications/{case.reference}/")
    check_page(wide, "review-offered")
    wide.get_by_role("link", name="申请复核").click()
    wide.get_by_role("button", name="提交复核申请").click()
    wide.get_by_text("请写明申请复核的理由").first.wait_for()
    wide.problems.clear()  # the browser tells of the refusal itself
    check_page(wide, "review-ask")
    wide.get_by_label("申请理由").fill("审计报告里的收入已经达到，请看第 12 页。")
    wide.get_by_role("button", name="提交复核申请").click()
    wide.get_by_text("复核申请已提交").wait_for()
    check_page(wide, "review-asked")

    log_in(wide, site, clerk, client)
    wide.goto(f"{site}/admin/cases/application/{case.pk}/change/")
    wide.get_by_text("本单位可以答复的：张三").wait_for()
    check_page(wide, "admin-review-of-others")
    log_in(wide, site, colleague, client)
    wide.goto(f"{site}/admin/")
    wide.get_by_role("link", name="企业申请复核，等我答复").first.wait_for()
    check_page(wide, "admin-review-waits")
    wide.get_by_role("link", name="企业申请复核，等我答复").first.click()
    wide.get_by_text("未通过 · 企业申请复核").wait_for()
    check_page(wide, "admin-review-list")
    wide.get_by_role("link", name=case.number).click()
    wide.get_by_role("button", name="答复企业").click()
    wide.get_by_text("请写明答复的理由").wait_for()
    wide.problems.clear()
    check_page(wide, "admin-review-error")
    wide.get_by_label("维持不予通过").check()
    wide.get_by_label("答复理由").fill("第 12 页的收入含技术服务收入，仍没有达到。")
    wide.get_by_role("button", name="答复企业").click()
    wide.get_by_text("已答复复核申请").wait_for()
    check_page(wide, "admin-review-answered")
    assert ReviewRequest.objects.get().answered_by == colleague

    log_in(wide, site, member, client)
    wide.goto(f"{site}/enterprise/applications/{case.reference}/")
    wide.get_by_text("这是最后的答复").wait_for()
    check_page(wide, "review-upheld")
