"""The first page of the admin says what waits, and leads there."""

import pytest

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
    wide.get_by_role("region", name="申报").get_by_role("link", name="等我办理的申报 3 件").wait_for()
    check_page(wide, "admin-workbench")
    firms = wide.get_by_role("region", name="企业")
    firms.get_by_role("link", name="待核实的企业认领 1 件").click()
    wide.locator("#result_list").get_by_text(str(enterprise)).wait_for()
