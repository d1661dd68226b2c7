"""Formulas in the admin: defined in a form, read back in words, and left as they are once they are used."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition, Formula
from tests.factories import ready
from tests.policies.editors.people import PROVINCE, editor_of
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ADD = reverse("admin:catalogue_formula_add")
TYPED = {
    "label": "研发费用占比",
    "key": "rd.share",
    "effective_from": "2026-01-01",
    "unit": "比例",
    "quantity": '{"quotient": ["rd.expense.y1", "revenue.operating.y1"]}',
}


@pytest.fixture
def client(db):
    load_catalogue()
    client = Client()
    client.force_login(editor_of(PROVINCE, username="editor"))
    return client


def test_a_formula_is_defined_and_read_back_in_words(client):
    assert client.post(ADD, TYPED).status_code == 302
    row = Formula.objects.get()
    assert row.quantity == json.loads(TYPED["quantity"])
    assert row.history.get().history_user.username == "editor"
    page = client.get(reverse("admin:catalogue_formula_change", args=[row.pk])).content.decode()
    assert "研发费用占比（研发费用（上年度）÷营业收入（上年度）），单位 比例" in page
    listed = client.get(reverse("admin:catalogue_formula_changelist")).content.decode()
    assert "研发费用占比（研发费用（上年度）÷营业收入（上年度））" in listed


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"quantity": '{"quotient": ["rd.expense.y1"'}, "quantity", "合法的 JSON"),
        ({"quantity": '{"quotient": ["rd.expense.y1", "rd.nothing"]}'}, "quantity", "没有指标 rd.nothing"),
        ({"quantity": '{"sum": ["rd.expense.y1", "enterprise.employees"]}'}, "quantity", "不是同一个单位"),
        ({"unit": "万元"}, "unit", "算出来的单位是比例，不是万元"),
        ({"key": "rd.expense.y1"}, "key", "这个键已经是指标的键"),
        ({"key": "研发"}, "key", "键用小写英文字母"),
        ({"effective_from": "2026-13-01"}, "effective_from", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_beside_its_field_and_kept(client, typed, field, told):
    response = client.post(ADD, TYPED | typed)
    assert response.status_code == 200
    form = response.context["adminform"].form
    assert told in "".join(form.errors[field])
    kept = form[field].value()
    assert getattr(kept, "pasted", kept) == (TYPED | typed)[field]
    assert not Formula.objects.exists()


def test_a_version_in_use_is_refused_in_words_and_a_new_one_follows_it(client):
    client.post(ADD, TYPED)
    row = Formula.objects.get()
    edition = Edition.objects.standing().filter(programme="jc-share").latest("effective_from")
    draft = copy_to_draft(edition, row.effective_from)
    criterion = draft.criteria.filter(kind="gate").last()
    criterion.rule, criterion.sentence = {"fact": "rd.share", "at_least": 0.04}, ""
    criterion.save()
    publish_edition(ready(draft))
    address = reverse("admin:catalogue_formula_change", args=[row.pk])
    response = client.post(address, TYPED | {"label": "别的名称"})
    assert response.status_code == 200
    assert "已有发布的政策版本在用" in response.content.decode()
    row.refresh_from_db()
    assert row.label == "研发费用占比"
    assert client.post(ADD, TYPED | {"effective_from": "2027-01-01"}).status_code == 302
    assert client.post(ADD, TYPED | {"effective_from": "2027-01-01"}).status_code == 200
    assert Formula.objects.count() == 2
