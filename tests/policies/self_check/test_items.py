"""What is listed item by item: rows of a page, lines of a text, and what goes wrong in them."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from applications.firm.forms.application import _typed
from policies.rules.answers import MOST_LIST_ITEMS
from policies.rules.assessment import plain_values
from policies.rules.facts import Fact, Item
from policies.self_check.forms.items import BLANK_ROWS
from policies.self_check.forms.questions import QuestionsForm, field_name
from policies.self_check.forms.typed import as_typed, sent
from tests.factories import FactFactory, SelfCheckFactory

pytestmark = pytest.mark.one_database
TODAY = date(2026, 11, 28)
PRODUCTS = Fact.from_data(
    {"key": "first.products", "section": "测试", "label": "首台套产品", "type": "item_list",
     "unit": "万元", "choices": {"complete": "成套装备", "single": "单机"}}
)  # fmt: skip


def items_form(typed):
    data = {field_name(PRODUCTS.key): typed}
    return QuestionsForm(
        data, facts={PRODUCTS.key: PRODUCTS}, keys=[PRODUCTS.key], known={}, on=TODAY
    )


@pytest.mark.parametrize(
    ("typed", "items"),
    [
        ("120 成套装备 2026-03-01", (Item(Decimal(120), "complete", date(2026, 3, 1)),)),
        ("120万元 2026年3月1日 单机", (Item(Decimal(120), "single", date(2026, 3, 1)),)),
        (
            "0.5亿元 成套装备\n\n30 万元 single\n",
            (Item(Decimal(5000), "complete"), Item(Decimal(30), "single")),
        ),
        ("0", ()),
        ("没有", ()),
    ],
)
def test_items_are_typed_a_line_each_and_read_the_same_again(typed, items):
    form = items_form(typed)
    assert form.is_valid(), form.errors
    assert form.parsed == {PRODUCTS.key: items}
    assert items_form(as_typed(PRODUCTS, items)).is_valid()
    again = items_form(as_typed(PRODUCTS, items))
    assert again.is_valid()
    assert again.parsed == form.parsed
    assert json.loads(json.dumps(plain_values(form.answers)))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("120", "第 1 项：种类应为下列代码之一"),
        ("120 成套装备\n好几台 单机", "第 2 项："),
        ("120 成套装备 单机", "第 1 项：看不懂“120 成套装备 单机”，应为金额（万元）、种类、日期"),
        ("120 成套装备 去年", "第 1 项："),
        ("120 成套装备 2027-01-01", "第 1 项：不能晚于测算日期"),
    ],
)
def test_a_line_that_is_no_item_is_named_and_kept(typed, told):
    form = items_form(typed)
    assert not form.is_valid()
    [errors] = form.errors.values()
    assert errors[0].startswith(told)
    assert form[field_name(PRODUCTS.key)].value() == typed


def sent_rows(*rows, fact=PRODUCTS, **others):
    """What a browser sends of the rows: every cell, also the blank ones."""
    name, data = field_name(fact.key), QueryDict(mutable=True)
    for cells in (*rows, ("", "", "")):
        for cell, value in zip(("amount", "kind", "date"), cells, strict=True):
            data.appendlist(f"{name}__{cell}", value)
    data.update({name: "", **others})
    return data


def form_of(data, fact=PRODUCTS):
    return QuestionsForm(data, facts={fact.key: fact}, keys=[fact.key], known={}, on=TODAY)


COMPLETE = Item(Decimal(120), "complete", date(2026, 3, 1))
NAME = field_name(PRODUCTS.key)


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (sent_rows(("120", "成套装备", "2026-03-01")), (COMPLETE,)),
        (sent_rows(("1 200 000元", "成套装备", "2026 3 1")), (COMPLETE,)),
        (sent_rows(("30", "单机", ""), ("", "", ""), ("120", "成套装备", "20260301")),
         (Item(Decimal(30), "single"), COMPLETE)),
        (sent_rows(**{f"{NAME}__none": "1"}), ()),
        (sent_rows(("30", "单机", ""), **{NAME: "成套装备\t120\t2026-03-01"}),
         (Item(Decimal(30), "single"), COMPLETE)),
    ],
)  # fmt: skip
def test_rows_are_read_and_shown_again(data, items):
    form = form_of(data)
    assert form.is_valid(), form.errors
    assert form.parsed == {PRODUCTS.key: items}
    # As a draft keeps it, and as the next page shows it.
    kept = _typed(sent(PRODUCTS, data, NAME))
    again = form_of(QueryDict(mutable=True) | {NAME: kept[0]})
    assert again.is_valid()
    assert again.parsed == form.parsed
    page = str(again[NAME])
    assert page.count(f'name="{NAME}__amount"') == len(items) + BLANK_ROWS
    assert page.count(" selected") == len(items)
    assert page.count(" checked") == (not items)


def test_what_is_not_answered_is_unclear_and_not_none():
    form = form_of(sent_rows())
    assert form.is_valid()
    assert form.unclear == [PRODUCTS.key]


@pytest.mark.parametrize(
    ("rows", "others", "told", "kept"),
    [
        ([("好几台", "单机", "")], {}, "第 1 项：", 'value="好几台"'),
        ([("", "单机", "")], {}, "第 1 项：没有写金额（万元）", '"单机" selected'),
        ([("", "", "20260301")], {}, "第 1 项：没有写金额（万元）", 'value="20260301"'),
        ([("5", "单机", "去年")], {}, "第 1 项：“去年”不是日期", 'value="去年"'),
        ([("5", "", "")], {}, "第 1 项：种类应为", 'value="5"'),
        ([("5", "单机", "")], {f"{NAME}__none": "1"}, "“没有”不能和填了的各项同时选", " checked"),
        ([], {NAME: "5 单机 2026-03-01 再加一台"}, "第 1 项：看不懂", ">5 单机 2026-03-01 再加一台</textarea>"),
        ([("<b>", "单机", "")], {}, "第 1 项：", 'value="&lt;b&gt;"'),
        ([("1", "单机", "")] * (MOST_LIST_ITEMS + 1), {}, f"最多填 {MOST_LIST_ITEMS} 项", 'value="1"'),
    ],
)  # fmt: skip
def test_a_slip_is_told_beside_the_rows_and_kept(rows, others, told, kept):
    form = form_of(sent_rows(*rows, **others))
    assert not form.is_valid()
    assert form.errors[NAME][0].startswith(told)
    assert kept in str(form[NAME])
    # The draft of an application keeps it too.
    drafted = form_of(
        QueryDict(mutable=True) | {NAME: _typed(sent(PRODUCTS, form.data, NAME), 20_000)[0]}
    )
    assert kept in str(drafted[NAME])


def test_without_kinds_a_row_has_an_amount_and_a_day():
    invoices = Fact.from_data(
        {"key": "rd.invoices", "section": "测试", "label": "发票", "type": "item_list"}
    )
    form = form_of(sent_rows(("12.5", "", "2026-03-01"), fact=invoices), invoices)
    assert form.is_valid(), form.errors
    assert form.parsed == {invoices.key: (Item(Decimal("12.5"), None, date(2026, 3, 1)),)}
    assert "<select" not in str(form[field_name(invoices.key)])


@pytest.mark.django_db
def test_a_step_takes_rows_and_gives_one_more(client):
    FactFactory(key=PRODUCTS.key, type="item_list", choices=PRODUCTS.choices)
    check = SelfCheckFactory(answers={}, steps=[[PRODUCTS.key]])
    step = reverse("self_check:self-check-step", args=[check.token, 1])
    page = client.get(step).content.decode()
    more = reverse("self_check:item-row") + f"?fact={PRODUCTS.key}"
    assert f'hx-get="{more}"' in page
    assert f'name="{NAME}__amount"' in client.get(more).content.decode()
    assert (
        client.get(reverse("self_check:item-row") + "?fact=enterprise.employees").status_code == 404
    )
    wrong = sent_rows(("多", "单机", ""), asked=PRODUCTS.key)
    assert 'value="多"' in client.post(step, wrong.dict() | dict(wrong.lists())).content.decode()
    sent_back = sent_rows(("120", "成套装备", "2026-03-01"), asked=PRODUCTS.key)
    assert client.post(step, dict(sent_back.lists())).status_code == 302
    check.refresh_from_db()
    assert check.answers == {
        PRODUCTS.key: [{"amount": 120, "kind": "complete", "date": "2026-03-01"}]
    }
