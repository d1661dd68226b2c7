"""What a firm types into a question: the value, or the words that ask it back with the text kept."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from policies.self_check.forms.questions import QuestionsForm, field_name
from policies.self_check.forms.typed import as_typed
from tests.factories import SelfCheckFactory
from tests.policies.packs import facts, load_catalogue

pytestmark = pytest.mark.one_database
REVENUE, SHARE, DAY = "revenue.main_business.y0", "tax.local_share", "enterprise.founded_on"
DEALS, YEAR = "broker.deals", "project.filing_year"
TODAY = date(2026, 11, 28)
UNDERSTOOD = [
    (REVENUE, "2300万", Decimal(2300)),
    (REVENUE, "0.23亿元", Decimal(2300)),
    (REVENUE, "23000000元", Decimal(2300)),
    (REVENUE, "１，９９９．９９", Decimal("1999.99")),
    ("net_profit.y1", "负两百万元", Decimal(-200)),
    ("enterprise.employees", "120人", 120),
    ("base.tenants", "30 家", 30),
    ("base.floor_area", "3,000平方米", Decimal(3000)),
    ("base.lease_term_years", "36个月", Decimal(3)),
    ("hr.trainee_age", "22周岁", 22),
    ("zjtx.score", "85.5分", Decimal("85.5")),
    (SHARE, "3", Decimal("0.03")),
    (SHARE, "3 %", Decimal("0.03")),
    (SHARE, "0.03%", Decimal("0.0003")),
    (YEAR, "2024年度", 2024),
    (DAY, "2024/2/3", date(2024, 2, 3)),
    (DAY, "２０２４年２月３日", date(2024, 2, 3)),
    (DAY, "20240203", date(2024, 2, 3)),
    (DEALS, "12.5 30万、200000元", (Decimal("12.5"), Decimal(30), Decimal(20))),
    (DEALS, "12 万元 30 万元", (Decimal(12), Decimal(30))),
    (DEALS, "0", ()),
]
ASKED_BACK = [
    (REVENUE, "1,5", "1.5 还是 15"),
    (REVENUE, "12,34", "12.34 还是 1234"),
    (REVENUE, "2000%", "这里要填的单位是“万元”"),
    (REVENUE, "约2000", "请填数字"),
    ("enterprise.employees", "100万元", "这里要填的单位是“人”"),
    ("enterprise.employees", "12.5", "应为整数"),
    (SHARE, "30万元", "这里要填的单位是“%”"),
    (SHARE, "0.03", "读作 0.03%；如果是 3%，请改成 3"),
    (SHARE, "300", "不能大于 100%"),
    (SHARE, "-3", "不能小于 0%"),
    (YEAR, "24", "是 2024 年吗"),
    (DAY, "24-2-3", "是 2024 年吗"),
    (DAY, "2024-02-30", "2024 年 2 月只有 29 天"),
    (DEALS, "5，6", "是一项还是几项"),
    (DEALS, "100,200", "是一项还是几项"),
    (DEALS, "30 很多", "请填数字"),
    (DEALS, "40 2 000", "“000”是一项，还是前一个数的后几位"),
    (DEALS, "40 1 050.5", "“050.5”是一项，还是前一个数的后几位"),
    (DEALS, "-40 25", "不能小于 0 万元"),
]


def form_of(key, typed, **others):
    data = {field_name(key): typed, **others}
    return QuestionsForm(data, facts=facts(), keys=[key], known={}, on=TODAY)


@pytest.mark.parametrize(("key", "typed", "value"), UNDERSTOOD)
def test_what_is_typed_is_understood_and_reads_the_same_when_shown_again(key, typed, value):
    form = form_of(key, typed)
    assert form.is_valid(), form.errors
    assert form.parsed == {key: value}
    again = form_of(key, as_typed(facts()[key], value))
    assert again.is_valid(), again.errors
    assert again.parsed == {key: value}


@pytest.mark.parametrize(("key", "typed", "told"), ASKED_BACK)
def test_what_is_unclear_is_asked_back_and_kept(key, typed, told):
    form = form_of(key, typed)
    assert told in str(form.errors[field_name(key)])
    assert f'value="{typed}"' in str(form[field_name(key)])


def test_a_small_share_holds_once_it_is_confirmed():
    asked = form_of(SHARE, "0.03")
    assert set(asked.errors) == {field_name(SHARE), "confirmed"}
    confirmed = form_of(SHARE, "0.03", confirmed="on")
    assert confirmed.is_valid()
    assert confirmed.parsed == {SHARE: Decimal("0.0003")}


def test_no_field_lets_a_browser_drop_what_is_typed():
    form = QuestionsForm(facts=facts(), keys=list(facts()), known={}, on=TODAY)
    assert "number" not in {getattr(each.field.widget, "input_type", "") for each in form}


@pytest.mark.django_db
def test_the_page_asks_back_beside_the_field_and_nothing_is_recorded(client):
    load_catalogue()
    check = SelfCheckFactory(answers={}, steps=[[REVENUE, SHARE]])
    url = reverse("self_check:self-check-step", args=[check.token, 1])
    data = {field_name(REVENUE): "12,34", field_name(SHARE): "0.03"}
    page = client.post(url, data).content.decode()
    assert "“12,34”是 12.34 还是 1234？" in page
    assert 'value="12,34"' in page
    assert "如果是 3%，请改成 3" in page
    check.refresh_from_db()
    assert check.answers == {}
    response = client.post(url, data | {field_name(REVENUE): "2300万", "confirmed": "on"})
    assert response.status_code == 302
    check.refresh_from_db()
    assert check.answers == {REVENUE: 2300, SHARE: 0.0003}
