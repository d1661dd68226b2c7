"""An editor builds a nested rule and a capped share from nothing: by keyboard, and without JavaScript."""

from datetime import date

import pytest

from policies.catalogue.models import Criterion, Edition, Tranche
from tests.browser.walk import check_page, enter
from tests.factories import UserFactory

pytestmark = pytest.mark.browser
RULE = {
    "any": [
        {"fact": "enterprise.employees", "at_least": 20},
        {"not": {"fact": "stat.direct_reporting", "is": True}},
    ]
}
SHARE = {"share": {"fact": "rd.expense.y1", "rate": 0.04, "cap": 2000}}


@pytest.fixture
def draft(site):
    programme = Edition.objects.get(programme="jc-xsg").programme
    return Edition.objects.create(programme=programme, effective_from=date(2031, 1, 1))


def log_in(page, site):
    enter(page, site, UserFactory(is_superuser=True, jurisdiction_code=""))


def box(page, name):
    return page.locator(f"[name='{name}']:not([type=hidden])")


def look(page, name):
    check_page(page, name)
    # A picture leaves an empty style on each box, which htmx would set again and the policy refuses.
    page.evaluate(
        "document.querySelectorAll('[style=\"\"]').forEach(e => e.removeAttribute('style'))"
    )


def pick(page, name, typed, label):
    """Type, take the first of what is offered, and wait until the form knows the fact."""
    box(page, name).focus()
    page.keyboard.type(typed)
    page.locator("#builder-found li").first.wait_for()
    page.keyboard.press("ArrowDown")
    with page.expect_response("**/build/**"):
        page.keyboard.press("Enter")
    assert label in box(page, name).input_value()


@pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True)
def test_a_rule_and_an_amount_are_built_by_keyboard(wide, site, draft):
    page = wide
    log_in(page, site)
    page.goto(f"{site}/admin/catalogue/criterion/add/?edition={draft.pk}")
    look(page, "builder-rule-empty")
    box(page, "code").fill("T.1")
    box(page, "kind").select_option("gate")
    box(page, "text").fill("测试条件")

    pick(page, "rule.fact", "cyry", "从业人员")
    page.locator("#rule-operator option[value=has]").wait_for(state="detached")
    assert box(page, "rule.operator").input_value() == "at_least"
    box(page, "rule.value").focus()
    page.keyboard.type("二十")
    page.locator("#rule-said").get_by_text("≥ 20 人").wait_for()
    box(page, "rule.kind").select_option("wrap-any")
    box(page, "rule.parts.0.value").wait_for()
    assert box(page, "rule.parts.0.value").input_value() == "二十"
    page.locator("button[value='add:parts']").focus()
    page.keyboard.press("Enter")
    box(page, "rule.parts.1.fact").wait_for()
    assert page.evaluate("document.activeElement.id") == "rule-parts-1-fact"
    pick(page, "rule.parts.1.fact", "stat.direct_reporting", "")
    page.locator("select#rule-parts-1-value").select_option("true")
    box(page, "rule.parts.1.kind").select_option("wrap-not")
    box(page, "rule.parts.1.part.value").wait_for()
    page.locator("#rule-said button[value=try]").focus()
    page.keyboard.press("Enter")
    answer = box(page, "rule.try-enterprise.employees")
    answer.wait_for()
    answer.fill("25")
    page.locator("#rule-said .outcome strong").get_by_text("符合", exact=True).wait_for()
    look(page, "builder-rule")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/edition/**")
    assert Criterion.objects.get(code="T.1").rule == RULE

    page.goto(f"{site}/admin/catalogue/award/add/?edition={draft.pk}")
    box(page, "level").select_option("city")
    page.locator("#tranches-group .add-row a, #tranches-group .add-row button").first.click()
    amount = "tranches-0-amount"
    box(page, "tranches-0-position").fill("1")
    box(page, f"{amount}.kind").select_option("share")
    box(page, f"{amount}.of.fact").wait_for()
    pick(page, f"{amount}.of.fact", "yanfafeiyong", "研发费用")
    box(page, f"{amount}.rate.rate").fill("4")
    box(page, f"{amount}.cap").fill("2000万")
    page.locator(f"#{amount}-said").get_by_text("请写上百分号").wait_for()
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator(f"#{amount}-rate-rate-error").wait_for()
    assert box(page, f"{amount}.cap").input_value() == "2000万"
    look(page, "builder-amount-error")
    box(page, f"{amount}.rate.rate").fill("4%")
    page.locator(f"#{amount}-said").get_by_text("的 4%，最高 2000 万元").wait_for()
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/edition/**")
    assert Tranche.objects.get(award__edition=draft).amount == SHARE


@pytest.mark.night
def test_the_same_without_javascript(browser, site, draft):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    page = context.new_page()
    log_in(page, site)
    page.goto(f"{site}/admin/catalogue/criterion/add/?edition={draft.pk}")
    box(page, "code").fill("T.1")
    box(page, "kind").select_option("gate")
    box(page, "text").fill("测试条件")
    go = page.locator("#rule-builder noscript button, #rule-builder button[value=go]").first
    box(page, "rule.kind").select_option("any")
    go.click()
    page.locator("button[value='add:parts']").click()
    box(page, "rule.parts.0.fact").fill("从业人员数")
    box(page, "rule.parts.0.value").fill("二十")
    box(page, "rule.parts.1.fact").fill("stat.direct_reporting")
    go.click()
    assert box(page, "rule.parts.0.value").input_value() == "二十"
    page.locator("select#rule-parts-1-value").select_option("true")
    box(page, "rule.parts.1.kind").select_option("wrap-not")
    go.click()
    assert "≥ 20 人" in page.locator("#rule-said").inner_text()
    page.locator("input[name=_save]:visible").click()
    page.wait_for_url("**/edition/**")
    assert Criterion.objects.get(code="T.1").rule == RULE

    page.goto(f"{site}/admin/catalogue/award/add/?edition={draft.pk}")
    box(page, "level").select_option("city")
    page.get_by_role("button", name="再加一期").click()
    amount = "tranches-0-amount"
    box(page, "tranches-0-position").fill("1")
    box(page, "tranches-0-title").fill("奖补")
    box(page, f"{amount}.kind").select_option("share")
    go = page.locator(f"#{amount}-builder button[value=go]").first
    go.click()
    box(page, f"{amount}.of.fact").fill("研发费用")
    box(page, f"{amount}.rate.rate").fill("4%")
    box(page, f"{amount}.cap").fill("2000万")
    go.click()
    page.locator(f"#{amount}-builder button[value='take:of.fact:rd.expense.y1']").click()
    assert box(page, f"{amount}.cap").input_value() == "2000万"
    page.locator("input[name=_save]:visible").click()
    page.wait_for_url("**/edition/**")
    assert Tranche.objects.get(award__edition=draft).amount == SHARE
    context.close()
