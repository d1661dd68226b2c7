"""An editor sees which examples fail, fills them in, types one by hand and publishes the draft."""

from datetime import date

import pytest

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition
from tests.browser.test_catalogue_admin import approve, log_in
from tests.browser.walk import check_page

pytestmark = pytest.mark.browser


@pytest.mark.night
@pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True)
def test_examples_are_typed_tried_and_made(wide, site):
    draft = copy_to_draft(Edition.objects.get(programme="jc-xsg"), date(2027, 1, 1))
    example = draft.examples.get()
    example.criteria = [row for row in example.criteria if row["code"] != "XSG.6"]
    example.money[5] |= {"now": 31}
    example.save()
    empty = copy_to_draft(Edition.objects.get(programme="jc-proj-in"), date(2027, 1, 1))
    empty.examples.all().delete()

    log_in(wide, site)
    wide.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")
    wide.get_by_text("例子和规则不一致（1 处）").wait_for()
    wide.get_by_text("条件 XSG.6").first.wait_for()
    check_page(wide, "draft-examples-failing")
    wide.get_by_role("link", name="现在给：例子写“31 万元”，算出来是“30 万元”").click()
    wide.get_by_text("✗ 现在给").wait_for()
    check_page(wide, "example")
    wide.get_by_role("link", name="修改 金额的预期第 6 行").click()
    check_page(wide, "example-money-row")
    wide.get_by_label("现在给（万元）").fill("三百")
    wide.get_by_label("今年的主营业务收入是多少", exact=False).fill("很多")
    wide.get_by_role("button", name="保存这一行").click()
    wide.get_by_text("没有保存：").first.wait_for()
    wide.problems.clear()  # the answer is a bad request
    check_page(wide, "example-money-row-error")
    assert wide.get_by_label("今年的主营业务收入是多少", exact=False).input_value() == "很多"
    wide.get_by_label("现在给（万元）").fill("30")
    wide.get_by_label("今年的主营业务收入是多少", exact=False).fill("2000")
    wide.get_by_role("button", name="保存这一行").click()
    wide.get_by_text("已修改一行金额的预期").wait_for()
    wide.get_by_text("例子都算过了，和预期一致").wait_for()
    wide.get_by_role("link", name="添加一行条件的预期").click()
    check_page(wide, "example-criterion-row")
    wide.locator("[name=code]").select_option("XSG.6")
    wide.locator("[name=outcome]").select_option("met")
    wide.get_by_role("button", name="保存这一行").click()
    wide.get_by_text("已新增一行条件的预期").wait_for()
    wide.goto(f"{site}/admin/catalogue/edition/{draft.pk}/change/")
    wide.get_by_role("button", name="补上界限两边的例子").click()
    wide.get_by_text("第 1 个例子：XSG.6 不符合").wait_for()
    check_page(wide, "draft-examples-made")
    wide.get_by_role("link", name="看影响并提交审核").click()
    wide.get_by_role("button", name="提交审核", exact=True).click()
    approve(wide, site, "发布")
    wide.get_by_text("已发布，今后不能再改").wait_for()
    wide.goto(f"{site}/admin/catalogue/example/{example.pk}/change/")
    wide.get_by_text("和上面的企业不同的填报").first.wait_for()
    check_page(wide, "example-published")

    wide.goto(f"{site}/admin/catalogue/edition/{empty.pk}/change/")
    check_page(wide, "draft-without-examples")
    wide.get_by_role("link", name="添加例子").click()
    check_page(wide, "example-new")
    wide.get_by_label("名称").fill("刚过界限的企业")
    wide.get_by_role("button", name="由系统算出预期").click()
    wide.get_by_text("请对照文件逐行看过，不对的先改规则").wait_for()
    check_page(wide, "example-filled")
