"""A firm enters its account, finance confirms it and hands on a list with it."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from applications.enterprises.models import BankAccount
from portal.models import Jurisdiction
from tests.browser.walk import check_page, enter
from tests.factories import EnterpriseFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.browser


@pytest.mark.night
@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_an_account_goes_from_the_firm_to_the_list_that_is_handed_on(wide, site):
    county = Jurisdiction.objects.get(pk="140521")
    firm = EnterpriseFactory(name="沁水县测试新能源装备制造有限责任公司", county=county)
    owner = MembershipFactory(enterprise=firm).user
    finance = UserFactory(permissions=[])
    finance.groups.add(Group.objects.get(name="财务"))
    enter(wide, site, owner)
    wide.goto(site + reverse("firm:enterprise"))
    wide.get_by_role("link", name="收款账户").click()
    check_page(wide, "bank-account-empty")
    wide.get_by_label("开户行").fill("中国农业银行沁水县支行营业部")
    wide.get_by_label("账号").fill("6228 48")
    wide.get_by_role("button", name="提交核对").click()
    wide.get_by_text("您填了 6 位").first.wait_for()
    wide.problems.clear()  # the refusal is a bad request
    check_page(wide, "bank-account-error")
    assert wide.get_by_label("开户行").input_value() == "中国农业银行沁水县支行营业部"
    wide.get_by_label("账号").fill("6228 4812 3456 7890 123")
    wide.get_by_role("button", name="提交核对").click()
    wide.get_by_role("heading", name="等县中心核对").wait_for()
    check_page(wide, "bank-account-waiting")
    enter(wide, site, finance)
    wide.goto(site + reverse("admin:index"))
    wide.get_by_role("link", name="待核对的收款账户").click()
    check_page(wide, "bank-accounts")
    wide.get_by_role("link", name=firm.name).click()
    check_page(wide, "bank-account-to-confirm")
    wide.get_by_role("button", name="核对无误，启用").click()
    wide.get_by_text("已核对，已告知企业").wait_for()
    assert BankAccount.objects.current(firm).number == "6228481234567890123"
    check_page(wide, "bank-account-confirmed")
    wide.goto(site + reverse("admin:enterprises_enterprise_account", args=[firm.pk]))
    check_page(wide, "bank-account-by-staff")
    wide.goto(site + reverse("admin:centre_officelist_add"))
    check_page(wide, "office-list")
    wide.get_by_label("哪种名单").select_option("awards")
    wide.get_by_label("标题").fill("专项资金明细表")
    wide.get_by_label("编制单位").fill("沁水县中小企业发展促进中心")
    wide.get_by_role("button", name="保存", exact=True).click()
    wide.goto(site + reverse("admin:money_awardline_changelist"))
    wide.get_by_role("link", name="专项资金明细表").click()
    check_page(wide, "office-list-preview")
