"""The lists of money, notices, cases and firms on a narrow screen: no column squeezed to a sign."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from applications.money.models import AwardLine, PaymentBatch
from applications.money.services.payments import add_payment, make_batch
from applications.money.services.permits import grant_permit
from applications.notices.services.recognitions import recognise
from policies.catalogue.models import Edition
from portal.models import Jurisdiction
from tests.browser.walk import BROKEN, check_page, enter
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    BankAccountFactory,
    ClaimFactory,
    EnterpriseFactory,
    FundFactory,
    ManagerFactory,
    UserFactory,
    approved_cases,
    drafted_notice,
)

pytestmark = pytest.mark.browser
ROOMS = ("enterprises", "cases", "money", "notices")
LONG = (
    "本单位只有一名财务人员，另一名调走以后还没有人接替，年底以前要付清各项奖补，请准予一人办理。"
)

# What lies beyond the frame of a list until somebody scrolls it: of its first column, which says whose
# the row is, on every screen; of money from a small desk on.
OUT_OF_SIGHT = """() => {
  const list = document.querySelector("#result_list");
  if (!list) return [];
  const end = list.closest(".results").getBoundingClientRect().right + 1;
  const beyond = cell => cell.getBoundingClientRect().right > end;
  const names = [...list.querySelectorAll("tbody tr")].map(row => row.querySelector("th"));
  const money = [...list.querySelectorAll("thead th")].filter(head => /元|已付/.test(head.innerText));
  return [...names, ...(innerWidth < 1024 ? [] : money)].filter(cell => cell && beyond(cell))
    .map(cell => cell.innerText.trim());
}"""


def filled():
    """A row or more in each list, with names as long as they get."""
    now, root = (
        timezone.now(),
        UserFactory(username="zhang.liyuan.accounting", jurisdiction_code=""),
    )
    city, county = Jurisdiction.objects.get(pk="140500"), Jurisdiction.objects.get(pk="140521")
    root.is_superuser = True
    root.save()
    name = "山西沁水县中小企业公共服务平台新能源装备制造有限责任公司第三分公司"
    edition = Edition.objects.get(programme="jc-xsg-field")
    firm = EnterpriseFactory(name=name, county=county)
    cases = approved_cases(3, edition=edition)
    drafted_notice(cases[:1], ManagerFactory(), now)
    recognise(
        applications=cases[1:2], document_number="晋市工信办字〔2026〕118号",
        on=timezone.localdate(), actor=ManagerFactory(), now=now,
    )  # fmt: skip
    ClaimFactory(enterprise=firm)
    case = ApplicationFactory(enterprise=firm, edition=edition, status="recognised")
    fund = FundFactory(name="省级下达小升规企业奖励和专精特新企业培育专项资金", jurisdiction=city)
    line = AwardLineFactory(application=case, fund=fund, state="approved", title="连续在规两年")
    batch = make_batch(fund=fund, actor=root, now=now)
    add_payment(batch=batch, line=line, actor=root, now=now)
    last_day = timezone.localdate() + timedelta(days=60)
    permit = grant_permit(jurisdiction=county, reason=LONG, last_day=last_day, actor=root, now=now)
    assert permit.reason == LONG
    return root


@pytest.mark.night
@pytest.mark.parametrize("wide", [[390, 1440]], indirect=True)
def test_no_column_of_a_list_is_squeezed(wide, site):
    enter(wide, site, filled())
    shown = [model for model in admin.site._registry if model._meta.app_label in ROOMS]
    for model in shown:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        wide.goto(site + reverse(f"admin:{name}_changelist"))
        check_page(wide, f"list-{name}")
        assert wide.evaluate(OUT_OF_SIGHT) == [], name


@pytest.mark.parametrize(
    "width",
    [1024, *(pytest.param(other, marks=pytest.mark.night) for other in (390, 1440))],
)
def test_no_figure_day_or_code_is_broken_in_a_table(page, site, width):
    root = filled()
    page.set_viewport_size({"width": width, "height": 900})
    enter(page, site, root)
    line, batch = AwardLine.objects.get(), PaymentBatch.objects.get()
    BankAccountFactory(
        enterprise=line.application.enterprise, number="6228481234567890123", confirmed_by=root
    )
    addresses = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    addresses += [
        reverse("admin:money_paymentbatch_change", args=[batch.pk]),
        reverse("admin:money_awardline_change", args=[line.pk]),
        reverse("admin:cases_application_change", args=[line.application_id]),
        reverse("admin:enterprises_enterprise_change", args=[line.application.enterprise_id]),
        *(reverse("admin:money_awardline_list", args=[key]) for key in ("awards", "awards-office")),
        *(
            reverse("admin:money_paymentbatch_list", args=[key])
            for key in ("payments", "payments-office")
        ),
    ]
    for address in addresses:
        page.goto(site + address)
        assert page.evaluate(BROKEN) == [], address
        assert page.evaluate(OUT_OF_SIGHT) == [], address
