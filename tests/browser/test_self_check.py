"""The self-check in a real Chromium: from the home page to the result, on phone and desktop."""

import pytest

from policies.catalogue.editions import put_in_force
from policies.self_check.models import SelfCheck
from tests.browser.walk import check_page, finish, go_to, start
from tests.factories import (
    AwardFactory,
    EditionFactory,
    FactFactory,
    SelfCheckFactory,
    TrancheFactory,
)

WIDTHS = [[390, 1440]]


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_firm_in_qinshui_reads_what_it_may_claim(wide, site):
    start(wide, site)
    check_page(wide, "step")
    finish(wide)
    assert "已确定 170 万元" in wide.locator(".headline").inner_text()
    first = wide.locator(".programme", has_text="小升规奖励").first
    first.locator("summary").focus()
    wide.keyboard.press("Enter")
    first.get_by_text("晋市政办〔2021〕35号").first.wait_for()
    failed = wide.locator(".fold", has_text="目前不符合")
    failed.locator("summary").first.click()
    failed.get_by_text("差：").first.wait_for()
    check_page(wide, "result")
    wide.get_by_role("button", name="删除这份测算").click()
    wide.get_by_text("这份测算已删除").wait_for()
    check_page(wide, "deleted")
    assert not SelfCheck.objects.exists()


@pytest.mark.browser
@pytest.mark.parametrize("wide", [390], indirect=True)
def test_a_wrong_figure_is_named_beside_its_field_and_kept(wide, site):
    start(wide, site)
    go_to(wide, "revenue__main_business__y0").fill("很多")
    wide.get_by_role("button", name="下一步").click()
    assert wide.locator("[name=revenue__main_business__y0]").input_value() == "很多"
    wide.get_by_text("请填数字，如 2000 或 1999.99").last.wait_for()
    wide.locator("[name=revenue__main_business__y0]").fill("20000000")
    wide.get_by_role("button", name="下一步").click()
    wide.get_by_text("请确认单位是万元而不是元").last.wait_for()
    check_page(wide, "questioned")


@pytest.mark.browser
@pytest.mark.parametrize("wide", [390], indirect=True)
def test_an_amount_is_echoed_while_it_is_typed(wide, site):
    start(wide, site)
    go_to(wide, "revenue__main_business__y0").press_sequentially("2000")
    wide.get_by_text("即人民币贰仟万元").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_the_next_question_updates_the_result_with_and_without_scripts(
    browser, site, java_script_enabled
):
    check = SelfCheckFactory()
    page = browser.new_page(java_script_enabled=java_script_enabled)
    page.goto(f"{site}/result/{check.token}/")
    fields = page.locator("#next-question form").locator("input:visible, select")
    asked = fields.first.get_attribute("name")
    page.get_by_role("button", name="更新结果").click()
    page.locator(f"#next-question [name={asked}]").first.wait_for(state="detached")
    check.refresh_from_db()
    assert check.unclear == [asked.replace("__", ".")]
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_what_goes_wrong_is_said_on_readable_pages(wide, site, settings):
    check = SelfCheckFactory()
    wide.goto(f"{site}/no-such-page/")
    wide.get_by_role("heading", name="没有找到这个页面").wait_for()
    wide.problems.clear()  # the browser logs the status
    check_page(wide, "not-found")
    wide.goto(f"{site}/result/{check.token}/")
    settings.ANONYMOUS_POST_RATE = "0/h"
    wide.get_by_role("button", name="按今天重新测算").click()
    wide.get_by_role("button", name="再次提交").wait_for()
    wide.problems.clear()
    check_page(wide, "too-often")


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_changed_number_shows_at_once_what_it_changes(wide, site):
    answers = SelfCheckFactory.build().answers | {"revenue.main_business.y0": 1900}
    check = SelfCheckFactory(answers=answers)
    wide.goto(f"{site}/result/{check.token}/")
    check_page(wide, "result-plan")
    wide.get_by_role("link", name="试一试：改变一个数").click()
    wide.locator("#what-if-fact").select_option("revenue.main_business.y0")
    field = wide.locator("#what-if [name=revenue__main_business__y0]")
    field.wait_for()
    field.fill("")
    field.press_sequentially("2000", delay=60)  # as fast as one types, not in one event
    wide.locator("#what-if-changes").get_by_text("符合申报条件，135 万元").wait_for()
    assert field.input_value() == "2000"
    check_page(wide, "what-if")


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_a_change_of_mind_names_what_it_drops_and_puts_it_back(wide, site):
    answers = {
        "enterprise.county": "140521", "enterprise.subject_type": "company",
        "industry.section": "K", "industry.division": "70",
        "industry.real_estate_kind": "development",
    }  # fmt: skip
    first, division, kind = list(answers)[:3], ["industry.division"], ["industry.real_estate_kind"]
    check = SelfCheckFactory(answers=answers, steps=[first, division, kind])
    wide.goto(f"{site}/self-check/{check.token}/1/")
    wide.locator("[name=industry__section]").select_option("C")
    wide.get_by_role("button", name="下一步").click()
    wide.get_by_text("下面的回答不再适用，已经去掉").wait_for()
    assert "主行业大类：房地产业" in wide.locator(".notice").inner_text()
    check_page(wide, "dropped")
    wide.get_by_role("button", name="恢复改动以前的回答").click()
    wide.wait_for_url("**/1/")
    assert wide.locator("[name=industry__section]").input_value() == "K"
    check.refresh_from_db()
    assert check.answers == answers


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_the_result_goes_on_with_what_was_not_asked(wide, site):
    check = SelfCheckFactory(steps=[["enterprise.county", "industry.section"]])
    wide.goto(f"{site}/result/{check.token}/")
    assert "最多" in wide.locator("#not-asked h2").inner_text()
    check_page(wide, "not-asked")
    wide.locator("#not-asked li", has_text="创业创新基地").get_by_role("button").click()
    wide.wait_for_url("**/self-check/**")
    wide.get_by_role("group", name="是否在运营小微企业双创基地").wait_for()
    wide.locator("[name=base__is_operator][value=true]").check()
    wide.get_by_role("button", name="下一步").click()
    wide.get_by_text("已经有结论的资金项目").wait_for()
    check_page(wide, "settled")


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS, indirect=True)
def test_items_are_filled_in_row_by_row_and_pay_each_by_its_kind(wide, site):
    kinds = {"complete": "成套装备", "single": "单机"}
    FactFactory(
        key="first.products", section="首台套", label="认定的首台套产品", type="item_list",
        question="去年有哪些首台套产品，各销售多少？", choices=kinds,
    )  # fmt: skip
    edition = EditionFactory(programme__name="首台套奖励", is_packed=True)
    award = AwardFactory(edition=edition, level="city")
    by_kind = [{"kinds": ["complete"], "rate": 0.05, "cap": 150}, {"rate": 0.05, "cap": 100}]
    items = {"items": {"fact": "first.products", "by_kind": by_kind}}
    TrancheFactory(award=award, amount=items)
    put_in_force(edition)
    check = SelfCheckFactory(answers={}, steps=[["first.products"]], families=[])
    wide.goto(f"{site}/self-check/{check.token}/1/")
    check_page(wide, "items-empty")
    wide.get_by_role("button", name="再加一行").click()
    amounts = wide.get_by_label("金额（万元）")
    amounts.nth(3).wait_for()
    for row, (amount, kind) in enumerate([("4000", "成套装备"), ("很多", "单机")]):
        amounts.nth(row).fill(amount)
        wide.get_by_label("种类").nth(row).select_option(kind)
    wide.get_by_role("button", name="直接看结果").click()
    wide.get_by_text("第 2 项：").last.wait_for()
    assert amounts.nth(1).input_value() == "很多"
    check_page(wide, "items-wrong")
    amounts.nth(1).fill("600万")
    wide.get_by_role("button", name="直接看结果").click()
    # 150 of the first, which is capped, and 30 of the second.
    programme = wide.locator(".programme", has_text="首台套奖励").first
    programme.get_by_text("180").first.wait_for()
    check_page(wide, "items-result")
