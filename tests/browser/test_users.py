"""A superuser deactivates an account with a reason and reads its history."""

import pytest

from tests.browser.test_messages import log_in
from tests.browser.walk import check_page
from tests.factories import ProgrammeFactory, UserFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [390, 1440], indirect=True)
def test_an_account_is_deactivated_with_a_reason(wide, site, client):
    boss = UserFactory(username="boss", is_superuser=True)
    user = UserFactory()
    log_in(wide, site, boss, client)
    wide.set_default_timeout(8000)
    wide.goto(f"{site}/admin/portal/user/{user.pk}/change/")
    wide.get_by_role("link", name="停用账号").click()
    check_page(wide, "admin-deactivate")
    wide.get_by_label("理由").fill("已调离本单位")
    wide.get_by_role("button", name="停用账号").click()
    wide.get_by_text("已停用。").wait_for()
    user.refresh_from_db()
    assert not user.is_active
    wide.get_by_role("link", name="历史").click()
    wide.get_by_text("已调离本单位").wait_for()
    check_page(wide, "admin-user-history")


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_an_editor_reads_the_history_of_a_programme(wide, site, client):
    programme = ProgrammeFactory(name="旧名称")
    programme.name = "新名称"
    programme.save()
    log_in(wide, site, UserFactory(is_superuser=True), client)
    wide.goto(f"{site}/admin/catalogue/programme/{programme.pk}/history/")
    wide.get_by_text("旧名称").wait_for()
    check_page(wide, "admin-programme-history")
