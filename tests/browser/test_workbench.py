"""The first page of the admin says what waits, and leads there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.cases.workflow import Status
from portal.models import Jurisdiction
from tests.applications.centre.test_roles import of_role
from tests.browser.test_messages import log_in
from tests.browser.walk import check_page
from tests.factories import ApplicationFactory, ClaimFactory, EnterpriseFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_a_reviewer_starts_with_what_waits(wide, site, client):
    county = Jurisdiction.objects.get(pk="140521")
    for number in range(3):
        enterprise = EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", county=county)
        ApplicationFactory(enterprise=enterprise)
    ClaimFactory(enterprise=enterprise)
    log_in(wide, site, of_role("审核员"), client)
    wide.set_default_timeout(20000)
    wide.goto(f"{site}/admin/")
    wide.get_by_role("region", name="申报").get_by_role(
        "link", name="等我办理的申报 3 件"
    ).wait_for()
    check_page(wide, "admin-workbench")
    firms = wide.get_by_role("region", name="企业")
    firms.get_by_role("link", name="待核实的企业认领 1 件").click()
    wide.locator("#result_list").get_by_text(str(enterprise)).wait_for()


@pytest.mark.parametrize("wide", [[1440, 390]], indirect=True)
def test_a_clerk_goes_from_case_to_case_by_keyboard(wide, site, client):
    county = Jurisdiction.objects.get(pk="140521")
    arrived = timezone.now()
    cases = [
        ApplicationFactory(
            enterprise=EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", county=county),
            arrived_at=arrived + timedelta(minutes=number),
        )
        for number in range(3)
    ]
    log_in(wide, site, of_role("审核员"), client)
    wide.set_default_timeout(20000)
    wide.goto(f"{site}/admin/cases/application/?queue=mine")
    wide.keyboard.press("?")
    wide.get_by_role("dialog", name="键盘").wait_for()
    wide.keyboard.press("Escape")
    # The end of a short case would stand on a tall screen at once.
    whole = wide.viewport_size
    wide.set_viewport_size({**whole, "height": 400})
    wide.keyboard.press("n")
    wide.get_by_role("heading", name=f"申报 {cases[0].number}").wait_for()
    scroll = "end => end.scrollIntoView({ block: 'center' })"
    wide.locator('[data-end-of="case"]').evaluate(scroll)
    wide.locator('.desk-contents a[href="#case"].read').wait_for()
    # Of a part whose end nobody has scrolled to, the beginning was seen and no more.
    assert wide.locator('.desk-contents a[href="#notes"].read').count() == 0
    wide.set_viewport_size(whole)
    check_page(wide, "admin-desk")
    wide.locator('[data-end-of="notes"]').evaluate(scroll)
    wide.locator('.desk-contents a[href="#notes"].read').wait_for()
    wide.keyboard.press("n")
    wide.get_by_role("heading", name=f"申报 {cases[1].number}").wait_for()
    # A letter that is typed is no command.
    wide.keyboard.press("o")
    wide.keyboard.type("n 情况属实")
    assert wide.get_by_label("意见（企业看得到").input_value() == "n 情况属实"
    wide.locator("h1").click()
    wide.keyboard.press("p")
    wide.keyboard.press("Enter")
    wide.get_by_text("等您办理的还有 3 件").wait_for()
    wide.get_by_role("heading", name=f"申报 {cases[2].number}").wait_for()
    cases[1].refresh_from_db()
    assert cases[1].status == Status.IN_REVIEW
    wide.keyboard.press("l")
    wide.wait_for_url("**/admin/cases/application/?queue=mine")
    for case in (cases[0], cases[2]):
        wide.get_by_role("checkbox", name=case.number).check()
    wide.get_by_label("动作").select_option(label="受理所选申报")
    wide.get_by_role("button", name="执行").click()
    wide.get_by_role("button", name="受理勾选的申报").wait_for()
    check_page(wide, "admin-many")
    wide.get_by_role("button", name="受理勾选的申报").click()
    wide.get_by_text("受理 2 件").wait_for()
