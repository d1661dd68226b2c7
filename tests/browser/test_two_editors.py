"""Two editors: one drafts and proposes, the other sends it back, looks again and approves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition
from tests.browser.test_catalogue_admin import answer
from tests.browser.walk import check_page, enter
from tests.factories import ready
from tests.policies.editors.people import JINCHENG, editor_of

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(site):
    published = Edition.objects.get(programme="jc-xsg")
    return copy_to_draft(published, timezone.localdate() + timedelta(days=30))


def open_criterion(page, site, draft):
    row = draft.criteria.get(code="XSG.3")
    page.goto(f"{site}/admin/catalogue/criterion/{row.pk}/change/")


@pytest.mark.night
@pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True)
def test_one_drafts_and_proposes_another_sends_back_then_approves(wide, site, draft):
    first = editor_of(JINCHENG, username="编辑甲", email="one@x.example")
    second = editor_of(JINCHENG, username="编辑乙", email="two@x.example")
    row = draft.criteria.get(code="XSG.3")
    row.rule = {"fact": "revenue.main_business.y0", "at_least": 1500}
    row.sentence = "[revenue.main_business.y0|申报当年主营业务收入达到{}]"
    row.save()
    ready(draft)
    draft.materials.create(position=80, name="多出来的材料")

    enter(wide, site, first)
    wide.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")
    wide.get_by_role("link", name="比较和取用").click()
    wide.get_by_role("heading", name="新增材料：多出来的材料").wait_for()
    check_page(wide, "edition-compare")
    wide.locator("button", has_text="多出来的材料").click()
    wide.get_by_text("其余没有动").wait_for()
    assert wide.get_by_role("heading", name="新增材料：多出来的材料").count() == 0
    wide.get_by_role("link", name="预览公开页面").click()
    wide.get_by_text("这个版本还没有发布，只有编辑看得到").wait_for()
    wide.get_by_text("申报当年主营业务收入达到1500万元").first.wait_for()
    check_page(wide, "edition-preview")
    wide.get_by_role("link", name="回到草稿").click()
    wide.get_by_role("link", name="看影响并提交审核").click()
    wide.get_by_role("heading", name="修改条件：XSG.3").wait_for()
    check_page(wide, "edition-effect")
    wide.get_by_label("给审核人的说明", exact=False).fill("照〔2026〕2号文，降到 1500 万元。")
    answer(wide)
    wide.get_by_role("button", name="提交审核").click()
    wide.get_by_text("自己提交的，要由另一位编辑审核").wait_for()
    check_page(wide, "edition-proposed")
    page_of_proposal = wide.url

    enter(wide, site, second)
    wide.goto(f"{site}/admin/")
    wide.get_by_role("link", name="等您审核的版本 1 个").click()
    check_page(wide, "edition-proposals")
    wide.get_by_role("link", name="小升规奖励", exact=False).click()
    wide.get_by_text("照〔2026〕2号文").wait_for()
    check_page(wide, "edition-proposal")
    wide.get_by_role("button", name="退回").click()
    wide.get_by_text("请写明不通过的原因").wait_for()
    wide.problems.clear()  # the answer is a bad request
    check_page(wide, "edition-proposal-error")
    wide.get_by_label("退回的原因", exact=False).fill("材料清单还缺统计证明。")
    wide.get_by_role("button", name="退回").click()
    wide.get_by_text("复核未通过。").first.wait_for()
    check_page(wide, "edition-refused")

    enter(wide, site, first)
    wide.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")
    wide.get_by_text("材料清单还缺统计证明").wait_for()
    check_page(wide, "edition-sent-back")
    draft.materials.create(position=80, name="统计证明")
    wide.get_by_role("link", name="看影响并提交审核").click()
    answer(wide)
    wide.get_by_role("button", name="提交审核").click()
    wide.get_by_text("自己提交的").wait_for()
    assert wide.url != page_of_proposal

    enter(wide, site, second)
    wide.reload()
    wide.get_by_role("heading", name="新增材料：统计证明").wait_for()
    wide.get_by_role("button", name="审核通过，发布").click()
    wide.get_by_text("您还没有勾选已经看过").wait_for()
    wide.problems.clear()
    wide.get_by_label("差异和预览我都看过").check()
    wide.get_by_role("button", name="审核通过，发布").click()
    wide.get_by_text("已发布，今后不能再改").wait_for()
    check_page(wide, "edition-approved")
    draft.refresh_from_db()
    assert draft.status == "published"


@pytest.mark.parametrize("wide", [[1024, 390]], indirect=True)
def test_what_was_typed_and_not_saved_is_offered_again(wide, site, draft):
    editor = editor_of(JINCHENG)
    warned = []
    wide.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    enter(wide, site, editor)
    open_criterion(wide, site, draft)
    text = wide.locator("[name=text]")
    before = text.input_value()
    offer = wide.locator("#unsaved")
    assert not offer.is_visible()
    wide.goto(f"{site}/admin/catalogue/edition/")  # nobody is warned of nothing
    assert warned == []
    open_criterion(wide, site, draft)
    text.fill("打了一半的话")
    wide.goto(f"{site}/admin/catalogue/edition/")
    assert warned == ["beforeunload"]
    open_criterion(wide, site, draft)
    assert text.input_value() == before
    offer.wait_for()
    check_page(wide, "unsaved-offered")
    offer.get_by_role("button", name="恢复").click()
    wide.get_by_text("现在也还没有保存").wait_for()
    assert text.input_value() == "打了一半的话"
    check_page(wide, "unsaved-resumed")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.locator(".messagelist .success").first.wait_for()
    open_criterion(wide, site, draft)
    assert text.input_value() == "打了一半的话"
    assert not offer.is_visible()

    # Given up, it is not offered again; nor is it to somebody else, nor after the log-out.
    text.fill("不要的话")
    wide.reload()
    offer.get_by_role("button", name="放弃").click()
    wide.reload()
    wide.wait_for_load_state()
    assert not offer.is_visible()
    text.fill("没有保存的话")
    wide.goto(f"{site}/admin/")
    enter(wide, site, editor_of(JINCHENG))
    open_criterion(wide, site, draft)
    wide.wait_for_load_state()
    assert not offer.is_visible()
    enter(wide, site, editor)
    open_criterion(wide, site, draft)
    offer.wait_for()
    wide.locator("#logout-form button").click()
    wide.wait_for_load_state()
    assert wide.evaluate("Object.keys(localStorage).filter(key => key.startsWith('unsaved'))") == []
