"""Awards, payments and budgets in the admin: who may do what, and each step from line to payment."""

import re
from datetime import datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.money.models import (
    AwardLine,
    Budget,
    Fund,
    FundPart,
    Payment,
    PaymentBatch,
    Refund,
)
from applications.money.services import payments
from policies.rules.facts import plain
from tests.applications.money.test_awards import ANSWERS, jurisdictions, recognised
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LINES = reverse("admin:money_awardline_changelist")
BATCHES = reverse("admin:money_paymentbatch_changelist")
FUNDS = reverse("admin:money_fund_changelist")
FIGURES = reverse("admin:money_fund_figures")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def clerk(client, time_machine):
    jurisdictions()
    user = FinanceFactory()
    client.force_login(user)
    time_machine.move_to(NOW, tick=False)
    return user


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def act(name, *lines):
    query = "&".join(f"line={line.pk}" for line in lines)
    return f"{reverse('admin:money_awardline_act', args=[name])}?{query}"


def seen(*lines, **data):
    """What the page of these lines posts."""
    return {**{f"seen-{line.pk}": line.version for line in lines}, **data}


def page(row, name="change"):
    return reverse(f"admin:money_{row._meta.model_name}_{name}", args=[row.pk])


def choose(client, action, lines):
    data = {"action": action, "_selected_action": [line.pk for line in lines]}
    return client.post(LINES, data, follow=True)


@pytest.fixture
def batch(clerk):
    """A draft that pays one line of 20."""
    line = AwardLineFactory(state="approved")
    [batch], refusals = payments.schedule(lines=[line], actor=clerk, now=NOW)
    assert not refusals
    return batch


def test_the_list_tells_what_falls_due_this_year_and_what_has_no_year(client):
    due = AwardLineFactory()
    unknown = AwardLineFactory(year=None)
    later = AwardLineFactory(year=2027)
    content = text(client.get(LINES))
    assert "2026 年到期，待确认 1 项" in content
    assert "年度未定 1 项" in content
    for query, line in (("now", due), ("unknown", unknown), ("later", later)):
        content = text(client.get(f"{LINES}?due={query}"))
        numbers = [each for each in (due, unknown, later) if each.application.number in content]
        assert numbers == [line]


def test_several_lines_are_confirmed_and_what_fails_is_named_and_kept(client):
    fund = FundFactory(budget=Decimal(30))
    lines = AwardLineFactory.create_batch(2, fund=fund)
    content = text(choose(client, "step_confirm", lines))
    assert "预算 30 万元，已承诺 0 万元，这次 40 万元，<strong>超出 10 万元" in content
    data = seen(*lines, note="统计部门确认在库")
    content = text(client.post(act("confirm", *lines), data), 400)
    assert f"{lines[1].application.number} 市级 首次升规：超出“{fund}”2026 年的预算" in content
    assert "剩余 10 万元，这次要 20 万元" in content
    assert "统计部门确认在库" in content
    assert "确认条件（1 项）" in content
    assert set(AwardLine.objects.values_list("state", flat=True)) == {"confirmed", "prepared"}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("confirm", {"note": " "}, "请写明核实的情况"),
        ("amount", {"amount": "很多", "reason": "评审", "document_number": "文1号"}, "请填数字"),
        (
            "amount",
            {"amount": "12.1234567", "reason": "评审", "document_number": "文1号"},
            "最多六位小数",
        ),
        (
            "amount",
            {"amount": "60", "reason": "评审", "document_number": "文1号"},
            "应在文件印的范围内（25–50 万元）",
        ),
        ("amount", {"amount": "30", "reason": "", "document_number": "文1号"}, "请写明理由"),
        ("amount", {"amount": "30", "reason": "评审", "document_number": ""}, "请填文号"),
        ("year", {"year": "明年", "reason": "投产"}, "请填四位数的年份"),
        ("fund", {"target": "x"}, "没有这项资金"),
        ("void", {"reason": ""}, "请写明理由"),
    ],
)
def test_a_wrong_form_is_told_and_kept(client, name, data, told):
    line = AwardLineFactory(kind="range", low=Decimal(25), high=Decimal(50), amount=None)
    content = text(client.post(act(name, line), seen(line, **data)), 400)
    assert told in content
    for value in data.values():
        assert value in content or name == "fund"
    assert not line.events.exists()


def test_a_page_grown_old_is_told(client):
    line = AwardLineFactory()
    data = seen(line, reason="已退库")
    client.post(act("confirm", line), seen(line, note="在库"))
    content = text(client.post(act("void", line), data), 400)
    assert "已被他人改动，您的操作没有生效" in content
    for stale in ({}, {f"seen-{line.pk}": "x"}):
        assert "已被他人改动" in text(client.post(act("void", line), {**data, **stale}), 400)
    line.refresh_from_db()
    assert line.state == "confirmed"


def test_a_line_goes_from_its_amount_to_the_payment_and_back(client):
    fund = FundFactory()
    part = FundPart.objects.create(fund=fund, position=1, name="做大做强")
    Budget.objects.create(fund=fund, part=part, year=2026, amount=Decimal(60))
    line = AwardLineFactory(
        kind="range", low=Decimal(25), high=Decimal(50), amount=None, year=None, fund=None,
        payer_id="140500", payer=None,
    )  # fmt: skip

    def step(name, **data):
        line.refresh_from_db()
        content = text(client.post(act(name, line), seen(line, **data), follow=True))
        line.refresh_from_db()
        return content

    step("amount", amount="40.5", reason="第二档", document_number="评1号")
    step("year", year="2026", reason="7 月投产")
    step("fund", target=f"{fund.pk}-{part.pk}")
    step("confirm", note="现场核实已投产")
    content = step("approve", document_number="批1号")
    assert (line.state, line.amount, line.part) == ("approved", Decimal("40.5"), part)
    for words in ("金额由空改为40.5", "给付年度由空改为2026", "评1号", "批1号", "现场核实已投产"):
        assert words in content
    content = text(choose(client, "schedule_selected", [line]))
    batch = PaymentBatch.objects.get()
    assert f"已列入支付批次 {batch}" in content
    payment = batch.payments.get()
    client.post(page(batch, "amount"), {"payment": payment.pk, "amount": "30"})
    client.force_login(FinanceFactory())  # another than who confirmed and approved
    data = {"seen": f"{line.pk}:30", "voucher_number": "支1号", "paid_on": "2026-10-15"}
    content = text(client.post(page(batch, "pay"), data, follow=True))
    assert f"已登记支付 {batch}" in content
    line.refresh_from_db()
    assert (line.state, line.paid, line.payable) == ("approved", 30, Decimal("10.5"))
    content = text(client.get(f"{page(batch, 'refund')}?payment={payment.pk}"))
    assert "最多能退回 30 万元" in content
    data = {"amount": "5", "on": "2026-10-15", "reason": "账号有误", "pay_again": "1"}
    content = text(client.post(f"{page(batch, 'refund')}?payment={payment.pk}", data, follow=True))
    assert "2026-10-15 退回 5 万元，重新支付" in content
    line.refresh_from_db()
    assert (line.net_paid, line.payable) == (25, Decimal("15.5"))
    assert "付 30 万元，退回 5 万元" in text(client.get(page(line)))


def test_what_cannot_be_paid_is_named_and_the_rest_is_drafted(client):
    fund = FundFactory()
    good = AwardLineFactory(fund=fund, state="approved")
    prepared = AwardLineFactory(fund=fund)
    content = text(choose(client, "schedule_selected", [good, prepared]))
    assert f"{prepared}：现在是“待确认”，批准后才能支付" in content
    assert Payment.objects.get().line == good
    text(choose(client, "schedule_selected", [prepared]))
    assert PaymentBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"voucher_number": ""}, "请填凭证号"),
        ({"paid_on": "昨天"}, "不是日期，请写成 2026-11-20 这样"),
        ({"paid_on": "2026-10-16"}, "日期不能晚于今天"),
        ({"seen": "1:2"}, "在您打开页面之后变了"),
    ],
)
def test_a_wrong_payment_is_told_and_kept(client, batch, data, told):
    line = batch.payments.get().line
    form = {"seen": f"{line.pk}:20", "voucher_number": "支1号", "paid_on": "2026-10-15", **data}
    content = text(client.post(page(batch, "pay"), form), 400)
    assert told in content
    assert form["voucher_number"] in content
    batch.refresh_from_db()
    assert batch.is_draft


def test_a_wrong_amount_of_a_payment_is_told_and_kept(client, batch):
    payment = batch.payments.get()
    for amount, told in (("很多", "请填数字"), ("21", "最多还能付 20 万元"), ("", "请填金额")):
        data = {"payment": payment.pk, "amount": amount}
        content = text(client.post(page(batch, "amount"), data), 400)
        assert told in content
        assert f'value="{amount}"' in content


def test_a_payment_is_taken_out_and_a_draft_thrown_away(client, batch):
    payment = batch.payments.get()
    assert "已移出" in text(
        client.post(page(batch, "remove"), {"payment": payment.pk}, follow=True)
    )
    assert client.post(page(batch, "remove"), {"payment": payment.pk}).status_code == 404
    assert "已删除" in text(client.post(page(batch, "discard"), follow=True))
    assert not PaymentBatch.objects.exists()


def test_a_wrong_refund_is_told_and_kept(client, batch, clerk):
    payment = batch.payments.get()
    address = f"{page(batch, 'refund')}?payment={payment.pk}"
    assert client.get(address).status_code == 404
    payments.pay_batch(
        batch=batch, voucher_number="支1号", paid_on=NOW.date(), actor=clerk, now=NOW
    )
    good = {"amount": "5", "on": "2026-10-15", "reason": "账号有误", "pay_again": "1"}
    for name, value, told in (
        ("amount", "21", "最多能退回 20 万元"),
        ("on", "2026-10-14", "不能早于支付日期"),
        ("reason", "", "请写明退回的原因"),
        ("pay_again", "", "请选退回以后怎么办"),
    ):
        content = text(client.post(address, {**good, name: value}), 400)
        assert told in content
    assert not Refund.objects.exists()


# Who may


def test_without_the_permission_there_is_neither_action_nor_page(client, batch):
    line = AwardLineFactory()
    client.force_login(FinanceFactory(permissions=["view_awardline"]))
    content = text(client.get(LINES))
    assert "确认条件</option>" not in content
    assert "列入支付批次" not in content
    assert act("confirm", line) not in text(client.get(page(line)))
    assert client.get(act("confirm", line)).status_code == 403
    assert client.post(page(batch, "pay")).status_code == 403
    assert client.get(reverse("admin:money_fund_add")).status_code == 403
    assert client.get(page(line.fund, "budget")).status_code == 403
    assert text(client.get(FIGURES))
    client.force_login(FinanceFactory(permissions=["manage_awards"]))
    assert client.get(act("approve", line)).status_code == 403
    assert client.post(page(batch, "discard")).status_code == 403
    client.force_login(FinanceFactory(permissions=["view_application"]))
    for address in (LINES, BATCHES, FUNDS, FIGURES, page(line), act("confirm", line)):
        assert client.get(address).status_code == 403
    client.logout()
    for address in (LINES, BATCHES, FUNDS, FIGURES, page(line), act("confirm", line)):
        assert client.get(address).status_code == 302


def test_the_money_of_another_place_is_not_found(client, batch):
    line = AwardLineFactory()
    JurisdictionFactory(code="140800", name="运城市", parent=JurisdictionFactory(code="140000"))
    client.force_login(FinanceFactory(jurisdiction_code="140800"))
    number = line.application.number
    assert number not in text(client.get(LINES))
    assert batch.number not in text(client.get(BATCHES))
    assert line.fund.name not in text(client.get(FUNDS))
    assert line.fund.name not in text(client.get(FIGURES))
    for address in (act("confirm", line), page(batch, "pay"), page(line.fund, "budget")):
        assert client.post(address, {}).status_code == 404
    for address in (page(line), page(batch), page(line.fund)):
        assert client.get(address).status_code == 404
    assert client.get(page(line.fund, "history")).status_code == 404


def test_a_county_reads_the_citys_line_and_is_told_who_pays(client):
    line = AwardLineFactory()
    client.force_login(FinanceFactory(jurisdiction_code="140521"))
    content = text(client.get(page(line)))
    assert "这笔钱由晋城市支付" in content
    assert act("confirm", line) not in content
    content = text(client.post(act("confirm", line), seen(line, note="在库")), 400)
    assert "这笔钱由晋城市支付，不归您办理" in content


def test_addresses_that_name_nothing_are_not_found(client):
    line = AwardLineFactory()
    for address in (
        act("confirm"),
        act("pay", line),
        act("confirm", line).replace(str(line.pk), "x"),
        act("confirm", line).replace(f"={line.pk}", f"={'9' * 30}"),
    ):
        assert client.get(address).status_code == 404


# Funds and budgets


def test_a_fund_is_entered_within_ones_own_place(client):
    JurisdictionFactory(code="140800", name="运城市", parent=JurisdictionFactory(code="140000"))
    address = reverse("admin:money_fund_add")
    parts = {f"parts-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    data = {
        "name": "市级专项", "level": "city", "jurisdiction": "140800",
        "document_number": "测1号", "yearly": "12.5", **parts,
    }  # fmt: skip
    assert "选择一个有效的选项" in text(client.post(address, data))
    client.post(address, {**data, "jurisdiction": "140500"})
    fund = Fund.objects.get()
    assert fund.yearly == Decimal("12.5")
    assert 'value="12.5"' in text(client.get(page(fund)))
    AwardLineFactory(fund=fund)
    client.post(page(fund), {**data, "level": "province"})
    fund.refresh_from_db()
    assert fund.level == "city"
    assert fund.history.count() == 1


def test_a_budget_starts_from_what_the_document_prints(client):
    fund = FundFactory(budget=False, yearly=Decimal(3000))
    part = FundPart.objects.create(fund=fund, position=1, name="创办", yearly=Decimal(500))
    content = text(client.get(page(fund, "budget")))
    assert 'value="3000"' in content
    assert 'value="500"' in content
    data = {"year": "2026", "amount": "2800", f"part-{part.pk}": "", "document_number": "预1号"}
    content = text(client.post(page(fund, "budget"), data, follow=True))
    assert "2026 年预算已登记" in content
    assert "整项预算由空改为2800" in content
    assert 'value="2800"' in content
    for changes, told in (
        ({"amount": "x"}, "请填数字"),
        ({"document_number": ""}, "请填预算文号"),
        ({f"part-{part.pk}": "2801"}, "多于整项预算 2800 万元"),
        ({"year": "26"}, "是 2026 年吗"),
    ):
        form = {**data, **changes}
        content = text(client.post(page(fund, "budget"), form), 400)
        assert told in content
        assert all(f'value="{value}"' in content for value in changes.values() if value)


def test_the_totals_on_the_page_are_one_number(client):
    family = EditionFactory(programme__family="专精特新")
    AwardLineFactory(state="confirmed", amount=Decimal("0.1"))
    AwardLineFactory(state="confirmed", amount=Decimal("0.2"), application__edition=family)
    AwardLineFactory(amount=Decimal("33.333333"), fund=None, payer_id="140500", payer=None)
    response = client.get(FIGURES)
    totals = [section["total"] for section in response.context["sections"]]
    assert {(total.planned, total.committed) for total in totals} == {
        (Decimal("33.633333"), Decimal("0.3"))
    }
    content = text(response)
    shown = re.findall("<tfoot>.*?</tfoot>", content)
    assert len(shown) == 3
    for total in shown:
        assert re.findall("<td>([0-9.]+)</td>", total) == ["33.633333", "0.3", "0", "0"]
    assert "还没有安排资金，或由其他地区支付" in content
    assert "2027 年还没有奖补" in text(client.get(f"{FIGURES}?year=2027"))
    for typed, year in (("２０２７年", 2027), ("2026", 2026)):
        assert f"{year} 年预算执行" in text(client.get(FIGURES, {"year": typed}))
    content = text(client.get(FIGURES, {"year": "27"}), 400)
    assert "“27”是 2027 年吗？" in content
    assert 'value="27"' in content


def test_scarce_money_is_warned_of(client):
    fund = FundFactory(budget=Decimal(21))
    line = AwardLineFactory(fund=fund)
    content = text(client.get(act("confirm", line)))
    assert "剩余 1 万元，不到一成" in content
    client.post(act("confirm", line), seen(line, note="在库"))
    assert "剩余不到一成" in text(client.get(FIGURES))
    AwardLineFactory(fund=fund, amount=Decimal(2))
    assert "计划多于预算" in text(client.get(FIGURES))
    other = AwardLineFactory(fund=FundFactory(budget=False))
    assert "还没有登记预算，不能确认" in text(client.get(act("confirm", other)))


def test_the_funds_of_the_documents_are_loaded_once():
    load_catalogue()
    for told in ("资金：新增 1，已有 0", "资金：新增 0，已有 1"):
        out = StringIO()
        call_command("load_funds", stdout=out)
        assert told in out.getvalue()
    fund = Fund.objects.get()
    assert fund.yearly == 3000
    assert sum(part.yearly for part in fund.parts.all()) == fund.yearly
    answers = {**ANSWERS, "enterprise.county": "140802"}
    line = recognised("yun-xsg", answers, county="140802").get(level="city")
    assert (line.fund, line.part.name, plain(line.amount)) == (fund, "中小微企业做大做强", "10")


@pytest.mark.parametrize("address", [LINES, BATCHES, FUNDS, FIGURES])
def test_pages_ask_as_often_for_many_rows(client, clerk, address, django_assert_num_queries):
    def fill(count):
        for line in AwardLineFactory.create_batch(count, state="approved"):
            payments.schedule(lines=[line], actor=clerk, now=NOW)

    def rows():
        return text(client.get(address)).count("<tr")

    fill(2)
    rows()  # counts what the menu shows for a minute
    with CaptureQueriesContext(connection) as few:
        shown = rows()
    fill(12)
    with django_assert_num_queries(len(few)):
        assert rows() == shown + 12


def test_pages_of_a_batch_and_of_chosen_lines_ask_as_often_for_many(
    client, clerk, django_assert_num_queries
):
    fund = FundFactory(budget=Decimal(1000))
    lines = AwardLineFactory.create_batch(2, fund=fund, state="approved")
    [batch], _ = payments.schedule(lines=lines, actor=clerk, now=NOW)
    prepared = AwardLineFactory.create_batch(2, fund=fund)
    client.get(page(batch))  # counts what the menu shows for a minute
    with CaptureQueriesContext(connection) as few:
        client.get(page(batch))
        client.get(act("confirm", *prepared))
    more = AwardLineFactory.create_batch(10, fund=fund, state="approved")
    payments.schedule(lines=more, actor=clerk, now=NOW)
    prepared += AwardLineFactory.create_batch(10, fund=fund)
    with django_assert_num_queries(len(few)):
        assert client.get(page(batch)).content.count(b'name="seen"') == 12
        client.get(act("confirm", *prepared))


def test_each_row_of_a_batch_leads_to_its_line_and_its_case(client, clerk):
    line = AwardLineFactory(state="approved")
    [batch], _ = payments.schedule(lines=[line], actor=clerk, now=NOW)
    case = reverse("admin:cases_application_change", args=[line.application_id])
    shown = text(client.get(page(batch)))
    assert f'href="{page(line)}"' in shown
    assert f'href="{case}"' in shown
    client.force_login(FinanceFactory(permissions=["pay_awards"]))
    shown = text(client.get(page(batch)))
    assert f'href="{page(line)}"' in shown
    assert case not in shown


def test_the_page_of_a_case_lists_its_awards_with_links_for_who_may_see_them(client, clerk):
    paid = AwardLineFactory(state="paid", paid=Decimal("20"), returned=Decimal("0.5"))
    case = {"application": paid.application, "fund": paid.fund}
    later = AwardLineFactory(
        **case, title="连续在规两年", year=None, kind="range", amount=None, low=Decimal(25),
        high=Decimal(50),
    )  # fmt: skip
    other = AwardLineFactory(
        application=ApplicationFactory(enterprise=paid.application.enterprise), title="别件"
    )
    address = reverse("admin:cases_application_change", args=[paid.application_id])
    shown = text(client.get(address))
    for told in ("奖补（2 项）", "20 万元", "19.5 万元", "已付清", "25–50 万元", "未定", "待确认"):
        assert told in shown
    assert page(paid) in shown
    assert page(later) in shown
    assert page(other) not in shown
    client.force_login(UserFactory(permissions=["view_application"]))
    shown = text(client.get(address))
    assert "19.5 万元" in shown
    assert page(paid) not in shown
    other = reverse("admin:cases_application_change", args=[other.application_id])
    assert "奖补（1 项）" in text(client.get(other))
    bare = ApplicationFactory(enterprise=paid.application.enterprise)
    address = reverse("admin:cases_application_change", args=[bare.pk])
    assert "奖补（" not in text(client.get(address))


def test_the_page_of_a_case_asks_as_often_for_many_awards(client, clerk, django_assert_num_queries):
    line = AwardLineFactory()
    address = reverse("admin:cases_application_change", args=[line.application_id])
    client.get(address)  # the first page of all compiles the catalogue
    with CaptureQueriesContext(connection) as few:
        assert "奖补（1 项）" in text(client.get(address))
    AwardLineFactory.create_batch(12, application=line.application, fund=line.fund)
    with django_assert_num_queries(len(few)):
        assert "奖补（13 项）" in text(client.get(address))
