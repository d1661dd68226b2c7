"""The documents in Chromium: found by a short word, read, and reached without a pointer."""

import pytest

from tests.browser.walk import check_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_visitor_finds_a_document_and_what_rests_on_it(wide, site):
    wide.goto(site)
    wide.get_by_role("link", name="政策文件").click()
    check_page(wide, "documents")
    wide.get_by_role("link", name="下一页").focus()
    wide.keyboard.press("Enter")
    wide.get_by_text("第 2 页").wait_for()
    wide.get_by_label("文号、标题或发文机关").focus()
    wide.keyboard.insert_text("上规")
    wide.keyboard.press("Enter")
    wide.get_by_text("含“上规”的文件有").wait_for()
    check_page(wide, "documents-found")
    wide.get_by_role("link", name="关于进一步推动我市中小微工业企业上规升级的实施意见").focus()
    wide.keyboard.press("Enter")
    wide.get_by_text("首次由规下升为规上").first.wait_for()
    check_page(wide, "document")
