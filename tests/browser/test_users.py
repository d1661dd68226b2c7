"""A superuser deactivates an account with a reason and reads its history; a user manager works."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from tests.browser.test_messages import log_in
from tests.browser.walk import check_page
from tests.factories import JurisdictionFactory, ProgrammeFactory, UserFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
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


@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_a_user_manager_looks_after_accounts_and_permits_an_office_to_pay_alone(wide, site, client):
    city = JurisdictionFactory()
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=city)
    manager = UserFactory(username="manager", jurisdiction_code="140500", permissions=[])
    manager.groups.add(Group.objects.get(name="用户管理"))
    clerk = UserFactory(permissions=[])
    clerk.groups.add(Group.objects.get(name="财务"))
    log_in(wide, site, manager, client)
    wide.set_default_timeout(8000)
    wide.goto(f"{site}/admin/portal/user/{clerk.pk}/change/")
    wide.get_by_text("另有不由您管理的角色").wait_for()
    check_page(wide, "admin-user-of-manager")
    wide.goto(f"{site}/admin/money/singlepersonpermit/")
    wide.get_by_role("link", name="许可单人办理支付").click()
    check_page(wide, "admin-permit-grant")
    wide.get_by_label("哪里的单位").select_option("140521")
    wide.get_by_label("理由").fill("只有一名财务人员")
    last_day = timezone.localdate() + timedelta(days=60)
    wide.get_by_label("最后一天").fill(last_day.isoformat())
    wide.get_by_role("button", name="许可", exact=True).click()
    wide.get_by_text("已许可").wait_for()
    check_page(wide, "admin-permit")
    wide.get_by_role("button", name="提前结束").click()
    wide.get_by_text("已提前结束").first.wait_for()
    wide.goto(f"{site}/admin/money/singlepersonpermit/")
    check_page(wide, "admin-permits")
