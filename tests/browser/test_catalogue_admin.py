"""An editor copies an edition, changes a rule without JSON, and publishes it."""

import pytest
from django.conf import settings
from django.test import Client

from policies.catalogue.models import Edition
from tests.browser.walk import check_page
from tests.factories import UserFactory

pytestmark = pytest.mark.browser


def log_in(page, site):
    client = Client()
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])


def examples_anew(page, site, draft):
    """What came out before a rule was changed is filled in anew, and both its sides made."""
    page.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")
    page.get_by_text("例子和规则不一致（").wait_for()
    page.goto(f"{site}/admin/catalogue/example/{draft.examples.first().pk}/change/")
    page.get_by_role("button", name="由系统算出预期").click()
    page.get_by_text("预期已由系统按草稿现在的规则算出").wait_for()
    page.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")
    page.get_by_role("button", name="补上界限两边的例子").click()
    page.locator(".messagelist").get_by_text("例子").first.wait_for()


def answer(page):
    """Each question about the draft is ticked, with why it stays."""
    page.locator("[name^='looked-']").first.wait_for()
    for tick in page.locator("[name^='looked-']").all():
        tick.check()
    for reason in page.locator("[name^='because-']").all():
        reason.fill("核对过文件，以前录错了。")


def approve(page, site, what):
    """Somebody else opens the page that the first was led to, looks and approves."""
    page.get_by_text("等另一位编辑审核，审核通过后").wait_for()
    log_in(page, site)
    page.reload()
    if what in ("发布", "更正"):
        page.get_by_label("差异和预览我都看过").check()
    page.get_by_role("button", name=f"审核通过，{what}").click()


@pytest.mark.night
@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_an_editor_copies_changes_and_publishes(wide, site):
    log_in(wide, site)
    wide.goto(f"{site}/admin/")
    check_page(wide, "admin-home")
    wide.goto(f"{site}/admin/catalogue/edition/?q=jc-proj-in")
    check_page(wide, "admin-editions")
    wide.get_by_role("link", name="园区（开发区）内民营工业重点项目").click()
    wide.get_by_text("内容不能改动").wait_for()
    check_page(wide, "admin-edition-published")
    wide.get_by_role("button", name="复制为新草稿").click()
    wide.get_by_text("已复制为草稿").wait_for()
    check_page(wide, "admin-edition-draft")
    draft = Edition.objects.get(status="draft")
    criterion = draft.criteria.get(code="PI.6")
    wide.goto(f"{site}/admin/catalogue/criterion/{criterion.pk}/change/")
    check_page(wide, "admin-criterion")
    wide.locator("[name='rule.value']").fill("三千")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.locator("#rule-value-error").get_by_text("“三千”是 3000 元还是 3000 万元").wait_for()
    check_page(wide, "admin-criterion-error")
    wide.locator("[name='rule.value']").fill("3000")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("≥ 3000 万元").first.wait_for()
    wide.goto(f"{site}/admin/catalogue/award/{draft.awards.first().pk}/change/")
    check_page(wide, "admin-award")
    examples_anew(wide, site, draft)
    wide.get_by_role("link", name="看影响并提交审核").click()
    wide.get_by_text("修改条件：PI.6").wait_for()
    check_page(wide, "admin-effect")
    answer(wide)
    wide.get_by_role("button", name="提交审核", exact=True).click()
    approve(wide, site, "发布")
    wide.get_by_text("已发布，今后不能再改").wait_for()
    draft.refresh_from_db()
    assert draft.status == "published"


@pytest.mark.night
@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_an_editor_defines_a_formula(wide, site):
    log_in(wide, site)
    wide.goto(f"{site}/admin/catalogue/formula/")
    check_page(wide, "admin-formulas-none")
    wide.goto(f"{site}/admin/catalogue/formula/add/")
    check_page(wide, "admin-formula-add")
    wide.get_by_label("叫什么").fill("研发费用占比")
    wide.get_by_label("名称（键）").fill("rd.share")
    wide.get_by_label("起用日期").fill("2026-01-01")
    quantity = wide.get_by_label("怎么算")
    quantity.fill("研发费用（上年度） ÷ 营收")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("从“营收”起读不懂").wait_for()
    check_page(wide, "admin-formula-error")
    quantity.fill("研发费用（上年度） ÷ 营业收入（上年度）")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("研发费用占比（研发费用（上年度）÷营业收入（上年度））").wait_for()
    check_page(wide, "admin-formulas")
    wide.get_by_role("link", name="研发费用占比").first.click()
    wide.get_by_text("读出来是").wait_for()
    check_page(wide, "admin-formula")
