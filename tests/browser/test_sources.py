"""From a figure to its clause: an editor keeps the original and checks against it, a reader looks."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Document, Edition
from tests.browser.test_catalogue_admin import log_in
from tests.browser.walk import check_page
from tests.factories import DocumentFactory, ready
from tests.two_editors import publish_edition
from tests.uploads import CONTENTS

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("files_root")]
NUMBER = "晋市政办〔2021〕35号"
FILE = {"name": "通知.pdf", "mimeType": "application/pdf", "buffer": CONTENTS["pdf"]}


@pytest.mark.night
@pytest.mark.parametrize("wide", [[1440, 1024, 390]], indirect=True)
def test_an_editor_keeps_an_original_and_checks_an_edition_against_it(wide, site):
    document, edition = Document.objects.get(number=NUMBER), Edition.objects.get(programme="jc-xsg")
    Document.objects.filter(number="沁水县申报指南").update(superseded_by=DocumentFactory())
    log_in(wide, site)
    wide.goto(f"{site}/admin/catalogue/document/{document.pk}/change/")
    check_page(wide, "admin-document")
    wide.get_by_role("link", name="条款", exact=True).last.click()
    wide.get_by_text("市级20、10、10万元").wait_for()
    check_page(wide, "admin-clauses")
    wide.goto(f"{site}/admin/catalogue/document/{document.pk}/original/")
    wide.get_by_role("button", name="上传并公开").click()
    wide.get_by_text("请选择要上传的文件").first.wait_for()
    wide.problems.clear()  # the answer is a bad request
    check_page(wide, "admin-original-error")
    wide.get_by_label("原件", exact=False).set_input_files(FILE)
    wide.get_by_role("button", name="上传并公开").click()
    wide.get_by_text("原件已上传").wait_for()
    check_page(wide, "admin-original")
    wide.goto(f"{site}/admin/catalogue/edition/{edition.pk}/change/")
    wide.get_by_role("link", name="核对出处").click()
    wide.get_by_label("本站所存的原件").check()
    wide.get_by_role("button", name="记下核对").click()
    wide.get_by_text("请勾选对照过的文件").first.wait_for()
    wide.problems.clear()
    check_page(wide, "admin-check-error")
    wide.get_by_role("checkbox", name=NUMBER).check()
    wide.get_by_role("button", name="记下核对").click()
    wide.get_by_text("已记下核对").wait_for()
    check_page(wide, "admin-checked")
    wide.goto(f"{site}/admin/catalogue/edition/?check=due")
    check_page(wide, "admin-editions-to-check")
    wide.goto(f"{site}/admin/catalogue/document/{document.pk}/take-down/")
    check_page(wide, "admin-original-take-down")


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_reader_goes_from_a_figure_to_its_clause_by_keyboard(wide, site):
    edition = Edition.objects.get(programme="jc-xsg")
    coming = copy_to_draft(edition, timezone.localdate() + timedelta(days=30))
    coming.criteria.filter(code="XSG.3").update(
        rule={"fact": "revenue.main_business.y0", "at_least": 3000}, sentence=""
    )
    publish_edition(ready(coming))
    newer = DocumentFactory(number="新〔2026〕1号")
    Document.objects.filter(number="沁水县申报指南").update(superseded_by=newer)
    wide.goto(f"{site}/programmes/jc-xsg/")
    wide.get_by_role("heading", name="规则的变化").wait_for()
    wide.get_by_text("修改条件：XSG.3").wait_for()
    check_page(wide, "programme-history")
    wide.get_by_role("link", name=f"{NUMBER} 三（四）").first.focus()
    wide.keyboard.press("Enter")
    wide.wait_for_url(re.compile("#clause-"))
    entry = wide.locator(":target")
    assert "市级20、10、10万元" in entry.inner_text()
    assert entry.evaluate("box => getComputedStyle(box).outlineStyle") == "solid"
    # A browser goes there once the page is laid out, which may be after it is loaded.
    wide.wait_for_function(
        """() => {
            const { top } = document.querySelector(":target").getBoundingClientRect();
            return top >= 0 && top < innerHeight;
        }"""
    )
    check_page(wide, "document-clause")
    document = Document.objects.get(number="沁水县申报指南")
    wide.goto(f"{site}/documents/{document.pk}/")
    wide.get_by_text("这份文件已被 新〔2026〕1号 取代").wait_for()
    check_page(wide, "document-superseded")
    wide.goto(f"{site}/documents/{newer.pk}/")
    wide.get_by_text("目前没有项目直接引用它").wait_for()
    check_page(wide, "document-empty")
