"""An editor takes a programme out of the self-check and deletes rows: asked why, told afterwards."""

import pytest

from policies.catalogue.models import Programme
from tests.browser.test_catalogue_admin import log_in
from tests.browser.walk import check_page, keep_picture
from tests.factories import FactFactory

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("files_root")]
WHY = "资金已用完，下一年度再受理。"


@pytest.mark.night
@pytest.mark.parametrize("wide", [[1440, 390]], indirect=True)
def test_an_editor_takes_away_with_a_reason(wide, site):
    # Django's own widget for choosing conflicts fails the check of accessibility.
    programme = Programme.objects.get(pk="jc-xsg")
    log_in(wide, site)
    wide.goto(f"{site}/admin/catalogue/programme/{programme.pk}/change/")
    keep_picture(wide, "programme-change")
    wide.locator("#id_windows-0-DELETE").check()
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.get_by_text("要写明原因").first.wait_for()
    keep_picture(wide, "window-without-reason")
    wide.goto(f"{site}/admin/catalogue/programme/{programme.pk}/change/")
    wide.get_by_role("link", name="不再参与自测").click()
    wide.get_by_text("所有企业的自测结果里都不再有这个项目").wait_for()
    check_page(wide, "screening")
    wide.get_by_label("原因", exact=False).fill(WHY)
    wide.get_by_role("button", name="不再参与自测").click()
    wide.get_by_text("项目的网页写明了原因").wait_for()
    keep_picture(wide, "programme-not-screened")
    wide.goto(f"{site}/programmes/{programme.pk}/")
    wide.get_by_text("起不参与自测").wait_for()
    check_page(wide, "public-not-screened")

    fact = FactFactory(key="test.nobodys", label="录错的指标")
    wide.goto(f"{site}/admin/catalogue/fact/{fact.pk}/delete/")
    check_page(wide, "delete-with-reason")
    wide.get_by_label("删除的原因", exact=False).fill("重复录入")
    wide.get_by_role("button", name="是的，我确定").click()
    wide.get_by_role("link", name="删除记录").click()
    wide.get_by_text("重复录入").wait_for()
    check_page(wide, "deleted")
