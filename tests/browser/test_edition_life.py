"""An editor corrects, withdraws and retires an edition; readers and a firm are told why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition
from tests.applying import address, member_of, page_data
from tests.browser.test_catalogue_admin import answer, approve, examples_anew, log_in
from tests.browser.walk import check_page, enter
from tests.factories import ApplicationFactory, EnterpriseFactory, ready
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("files_root")]
NAME = "小升规奖励（首次升规及稳规）"
TODAY = timezone.localdate()


def open_edition(page, site, edition):
    page.goto(f"{site}/admin/catalogue/edition/{edition.pk}/change/")


@pytest.mark.night
@pytest.mark.parametrize("wide", [[1440, 390]], indirect=True)
def test_an_editor_corrects_withdraws_and_retires(wide, site, client):
    old = Edition.objects.get(programme="jc-xsg")
    ApplicationFactory(edition=old)
    later = copy_to_draft(old, TODAY + timedelta(days=60))
    publish_edition(ready(later))
    firm = EnterpriseFactory(credit_code="TESTCODE0000000001", name="另一家公司")
    member = member_of(enterprise=firm)
    client.force_login(member.user)
    client.post(
        address(name="apply-save"), {**page_data(client, address()), "contact_name": "张三"}
    )

    log_in(wide, site)
    open_edition(wide, site, old)
    wide.get_by_role("button", name="更正", exact=True).click()
    wide.get_by_text("这是更正的草稿").wait_for()
    check_page(wide, "edition-correction-draft")
    draft = Edition.objects.get(status="draft")
    criterion = draft.criteria.get(code="XSG.3")
    wide.goto(f"{site}/admin/catalogue/criterion/{criterion.pk}/change/")
    for limit in wide.locator("#rule-builder input[value='2000']").all():
        limit.fill("2500")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("≥ 2500 万元").first.wait_for()
    examples_anew(wide, site, draft)
    wide.get_by_role("link", name="看影响并提交审核").click()
    wide.get_by_text("修改条件：XSG.3").wait_for()
    wide.get_by_role("button", name="提交审核", exact=True).click()
    wide.get_by_text("请写明原因。").first.wait_for()
    wide.problems.clear()  # the answer is a bad request
    check_page(wide, "edition-correction-publish")
    wide.get_by_label("原因", exact=False).fill("限额看错了，应为2500万元。")
    answer(wide)
    wide.get_by_role("button", name="提交审核", exact=True).click()
    approve(wide, site, "更正")
    wide.get_by_text("更正已发布").wait_for()
    open_edition(wide, site, old)
    wide.get_by_text("已由更正的版本代替").wait_for()
    check_page(wide, "edition-corrected")
    wide.goto(f"{site}/admin/catalogue/edition/{old.pk}/history/")
    wide.get_by_text("限额看错了").first.wait_for()

    open_edition(wide, site, later)
    wide.get_by_role("link", name="撤回", exact=True).click()
    wide.get_by_text("一直有效，如同没有发布过这个版本").wait_for()
    check_page(wide, "edition-withdraw")
    wide.get_by_label("原因", exact=False).fill("发布错了。")
    wide.get_by_role("button", name="提交审核，通过后撤回").click()
    approve(wide, site, "撤回")
    wide.get_by_text("已撤回，如同没有发布过").wait_for()

    open_edition(wide, site, draft)
    wide.get_by_role("link", name="停用", exact=True).click()
    wide.get_by_text("后面没有别的版本").wait_for()
    check_page(wide, "edition-retire")
    wide.get_by_label("从哪一天起停用", exact=False).fill(f"{TODAY + timedelta(days=1)}")
    wide.get_by_label("原因", exact=False).fill("资金已用完，本年度不再受理。")
    wide.get_by_role("button", name="提交审核，通过后停用").click()
    wide.get_by_text("还没有提交：日期改了").wait_for()
    wide.get_by_label("从哪一天起停用", exact=False).fill(f"{TODAY}")
    wide.get_by_role("button", name="提交审核，通过后停用").click()
    wide.get_by_text(f"从 {TODAY} 起停用的结果").wait_for()
    wide.problems.clear()
    wide.get_by_role("button", name="提交审核，通过后停用").click()
    approve(wide, site, "停用")
    wide.get_by_text(f"自 {TODAY} 起没有版本").wait_for()
    check_page(wide, "edition-retired")
    wide.goto(f"{site}/admin/catalogue/programme/jc-xsg/change/")
    wide.get_by_text(f"自 {TODAY} 起没有版本").wait_for()
    wide.problems.clear()  # the page's own list of conflicts is Django's

    wide.context.clear_cookies()
    wide.goto(f"{site}/programmes/?q=小升规奖励")
    check_page(wide, "programmes-closed")
    wide.get_by_role("link", name=NAME).click()
    wide.get_by_text("起停止受理：资金已用完").first.wait_for()
    check_page(wide, "programme-retired")
    wide.locator("li", has_text="已更正的版本").get_by_role("link", name="看这个版本").click()
    wide.get_by_text("这个版本已于").wait_for()
    check_page(wide, "programme-old-edition")

    enter(wide, site, member.user)
    wide.goto(f"{site}/enterprise/")
    wide.get_by_text("这个项目现在不受理").wait_for()
    wide.get_by_role("link", name=NAME).click()
    wide.get_by_text("现在不能申报").wait_for()
    wide.get_by_text("张三").wait_for()
    check_page(wide, "apply-closed")
    wide.get_by_role("button", name="删除这份草稿").click()
    wide.get_by_text("草稿已删除").wait_for()
