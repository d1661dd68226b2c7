"""The firm's own page: what was granted and paid, what is to come, and nobody else's."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.money.services import awards, payments, refunds
from tests.applications.money.test_awards import jurisdictions
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    MembershipFactory,
)

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
AWARDS = reverse("firm:awards")
pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    jurisdictions()
    return FinanceFactory()


@pytest.fixture
def firm(client, clerk):
    membership = MembershipFactory()
    client.force_login(membership.user)
    return membership.enterprise


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_firm_reads_what_was_granted_and_paid_and_what_is_to_come(client, firm, clerk):
    fund = FundFactory()
    paid = AwardLineFactory(fund=fund, state="approved", condition="在规上工业企业库")
    case = {"application": paid.application, "fund": fund}
    AwardLineFactory(**case, title="连续在规两年", year=2029, amount=Decimal(10))
    AwardLineFactory(
        **case, level="county", title="未分期", kind="unpublished", amount=None, low=None,
        high=None, year=None,
    )  # fmt: skip
    ended = AwardLineFactory(**case, title="连续在规三年", year=2026)
    awards.void(line=ended, reason="2026 年已退库", actor=clerk, now=NOW)
    [batch], _ = payments.schedule(lines=[paid], actor=clerk, now=NOW)
    assert "2026年10月15日" not in text(client.get(AWARDS))
    payments.pay_batch(
        batch=batch, voucher_number="支1号", paid_on=NOW.date(), actor=clerk, now=NOW
    )
    refunds.refund(
        payment=batch.payments.get(), amount=Decimal("0.5"), on=NOW.date(), reason="多付",
        document_number="", pay_again=True, actor=clerk, now=NOW,
    )  # fmt: skip
    page = text(client.get(AWARDS))
    for words in (
        "<dd>20 万元</dd>", "<dd>19.5 万元</dd>", "2026年10月15日支付 20 万元",
        "2026年10月15日退回 0.5 万元：多付", "条件：在规上工业企业库", "2029 年给付", "等中心确认",
        "金额未公布", "另有 1 处金额未公布或待核定", "不再给付", "原因：2026 年已退库", "已付一部分",
    ):  # fmt: skip
        assert words in page
    assert "支1号" not in page
    assert clerk.username not in page


def test_nobody_reads_the_awards_of_another_firm(client, firm):
    other = AwardLineFactory(
        application__enterprise=EnterpriseFactory(credit_code="TESTCODE0000000001")
    )
    page = text(client.get(AWARDS))
    assert "还没有奖补" in page
    assert other.application.number not in page
    client.force_login(FinanceFactory())
    assert client.get(AWARDS).status_code == 404
    client.logout()
    assert client.get(AWARDS).status_code == 302
    assert client.post(AWARDS).status_code == 405


def test_the_page_asks_as_often_for_many_lines(client, firm, django_assert_max_num_queries):
    AwardLineFactory.create_batch(12)
    with django_assert_max_num_queries(10):
        assert text(client.get(AWARDS)).count("等中心确认") == 12


def test_a_recognised_case_says_what_it_brought_and_leads_there(
    client, firm, clerk, django_assert_num_queries
):
    fund = FundFactory(budget=Decimal(1000))
    line = AwardLineFactory(
        fund=fund, application__enterprise=firm, state="approved", amount=Decimal("20.5")
    )
    own = {"application": line.application, "fund": fund}
    AwardLineFactory(**own, title="以后")
    AwardLineFactory(**own, title="没有了", state="void")
    address = reverse("firm:case", args=[line.application.reference])
    told = "列出奖补 2 项：已确认给付 20.5 万元，已到账 {} 万元。"
    assert told.format(0) in text(client.get(address))
    [batch], _ = payments.schedule(lines=[line], actor=clerk, now=NOW)
    payments.pay_batch(
        batch=batch, voucher_number="支1号", paid_on=NOW.date(), actor=clerk, now=NOW
    )
    with CaptureQueriesContext(connection) as few:
        shown = text(client.get(address))
    assert told.format("20.5") in shown
    assert f'href="{AWARDS}?enterprise={firm.pk}"' in shown
    AwardLineFactory.create_batch(12, **own)
    with django_assert_num_queries(len(few)):
        client.get(address)


@pytest.mark.parametrize("status", ["submitted", "approved", "recognised"])
def test_a_case_without_awards_says_nothing_of_them(client, firm, status):
    case = ApplicationFactory(enterprise=firm, status=status)
    address = reverse("firm:case", args=[case.reference])
    assert "列出奖补" not in text(client.get(address))
