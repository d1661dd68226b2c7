"""An editor proposes to change what several share, and one of another place accepts it."""

import pytest

from policies.catalogue.models import Edition, Fact
from tests.browser.walk import check_page, enter
from tests.policies.editors.people import JINCHENG, YUNCHENG, editor_of

pytestmark = pytest.mark.browser
FACT = "enterprise.employees"


@pytest.mark.night
@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_two_editors_change_what_both_use(wide, site):
    wide.set_default_timeout(60000)
    first, second = (
        editor_of(JINCHENG, username="晋城编辑"),
        editor_of(YUNCHENG, username="运城编辑"),
    )
    enter(wide, site, first)
    theirs = Edition.objects.get(programme="yun-xsg")
    wide.goto(f"{site}/admin/catalogue/edition/{theirs.pk}/change/")
    wide.get_by_text("这属于运城市，由那里的编辑修改").wait_for()
    assert wide.get_by_role("button", name="停用").count() == 0
    check_page(wide, "admin-edition-of-another-place")
    wide.goto(f"{site}/admin/catalogue/fact/{FACT}/change/")
    wide.get_by_text("各地的项目使用").wait_for()
    wide.locator("[name=help]").fill("看上月的社保缴费表")
    wide.locator("[name=label]").fill("")
    wide.get_by_role("button", name="提交，请另一位编辑确认").click()
    wide.locator(".errornote").wait_for()
    assert wide.locator("[name=help]").input_value() == "看上月的社保缴费表"
    check_page(wide, "admin-proposal-refused")
    wide.locator("[name=label]").fill("职工人数")
    wide.get_by_label("修改理由").fill("和统计报表的说法一致")
    wide.get_by_role("button", name="提交，请另一位编辑确认").click()
    wide.get_by_text("等另一位编辑确认后生效").wait_for()
    check_page(wide, "admin-proposal-made")
    wide.get_by_role("link", name="指标：").first.click()
    wide.get_by_role("button", name="撤回").wait_for()
    check_page(wide, "admin-proposal-of-ones-own")
    enter(wide, site, second)
    wide.goto(f"{site}/admin/")
    wide.get_by_role("link", name="等我确认的修改 1 项").click()
    check_page(wide, "admin-proposals")
    wide.locator("#result_list tbody").get_by_role("link").first.click()
    wide.get_by_text("和统计报表的说法一致").wait_for()
    check_page(wide, "admin-proposal")
    wide.get_by_role("button", name="确认，照着改").click()
    wide.get_by_text("：已确认。").wait_for()
    check_page(wide, "admin-proposal-accepted")
    fact = Fact.objects.get(pk=FACT)
    assert (fact.label, fact.help) == ("职工人数", "看上月的社保缴费表")
