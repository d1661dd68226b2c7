"""What an address or a rule is made of is refused beside its field, by the packs and by the database."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from policies.catalogue.models import Conflict, Edition, Fact, Programme
from policies.editors.builder.field import Built
from policies.editors.fields import AmountField, LinesField, PairsField, RuleField
from tests.factories import (
    CriterionFactory,
    DocumentFactory,
    FactFactory,
    JurisdictionFactory,
    ProgrammeFactory,
    UserFactory,
)
from tests.policies.editors.test_admin import sent_back, url
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WRONG = {
    "programme": ("id", ["小升规", "Jc-xsg", "jc xsg", "jc/xsg", "-jc", "jc_xsg", "a" * 61, ""]),
    "fact": (
        "key",
        # Left empty it is proposed: see test_new_questions.
        ["营业收入", "Revenue.a", "revenue", "revenue a.b", "a.", "'a'.b"],
    ),
    "conflict": ("code", ["口径", "c07", "07", "C 07", "C07" * 9, ""]),
    "document": ("number", ["两行\n文号", "两个  空格", "a" * 101, ""]),
}
RIGHT = {
    "programme": ("id", ["jc-xsg2", "2026-a"]),
    "fact": ("key", ["revenue.main_2.y0", "a.b"]),
    "conflict": ("code", ["C07", "OX1"]),
    "document": ("number", ["晋市政办〔2021〕35号", "Notice No. 5"]),
}
OTHER_FIELDS = {
    "programme": {"name": "项目", "family": "小升规", "kind": "cash", "area": "140500"},
    "fact": {"section": "经营", "label": "指标", "type": "int"},
    "conflict": {"text": "说明"},
    "document": {"title": "标题", "issuer": "机关"},
}


@pytest.fixture
def editor(client):
    JurisdictionFactory()
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))


def typed(table):
    return [(name, field, value) for name, (field, values) in table.items() for value in values]


def add(client, name, **values):
    address = url(f"{name}_add")
    return client.post(address, sent_back(client.get(address)) | OTHER_FIELDS[name] | values)


@pytest.mark.parametrize(("name", "field", "value"), typed(WRONG))
def test_a_wrong_identifier_is_refused_beside_its_field(client, editor, name, field, value):
    answer = add(client, name, **{field: value})
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {field}


@pytest.mark.parametrize(("name", "field", "value"), typed(RIGHT))
def test_a_right_one_is_kept(client, editor, name, field, value):
    assert add(client, name, **{field: value}).status_code == 302


@pytest.mark.parametrize(
    "make",
    [
        lambda: ProgrammeFactory(id="小升规"),
        lambda: FactFactory(key="营业收入"),
        lambda: Conflict.objects.create(code="c7", text="说明"),
        lambda: DocumentFactory(number="两行\n文号"),
        lambda: CriterionFactory(code="条件 1"),
        lambda: ProgrammeFactory(beneficiary="别的"),
    ],
)
def test_the_database_refuses_it_too(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_a_tier_names_a_choice_of_a_fact(client, editor):
    FactFactory(key="own.titles", type="enum_set", choices={"city": "市级"})
    for values, field in (
        ({"tier_fact": "no.such", "tier_code": "city"}, "tier_fact"),
        ({"tier_fact": "own.titles", "tier_code": "town"}, "tier_code"),
    ):
        answer = add(client, "programme", id="p1", **values)
        assert field in answer.context["adminform"].form.errors
    right = {"tier_fact": "own.titles", "tier_code": "city"}
    assert add(client, "programme", id="p1", **right).status_code == 302
    assert Programme.objects.get().tier_code == "city"


@pytest.mark.parametrize("choices", ["股份 股份公司", "a/b 甲", "company"])
def test_a_choice_has_a_code_and_a_text(client, editor, choices):
    answer = add(client, "fact", key="a.b", type="enum", choices=choices)
    assert "choices" in answer.context["adminform"].form.errors


@pytest.fixture
def draft(client):
    load_catalogue()
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    client.post(url("edition_copy", Edition.objects.get(programme="jc-xsg").pk))
    return Edition.objects.get(status="draft")


@pytest.mark.parametrize(
    ("field", "value"), [("code", "条件 1"), ("code", "X,1"), ("reason", "C999")]
)
def test_a_criterion_names_what_there_is(client, draft, field, value):
    address = url("criterion_change", draft.criteria.first().pk)
    answer = client.post(address, sent_back(client.get(address)) | {field: value})
    assert field in answer.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("same_money", "C999"),
        ("conflicts", "C999"),
        ("unsplit.json", '{"sum": 3}'),
        ("unsplit.json", '{"amount": NaN}'),
        ("unsplit.json", "[1]"),
        ("undecided.json", '[{"when": 3, "reason": "C07"}]'),
        ("undecided.json", "3"),
        ("tranches-0-amount.json", "1e999"),
        ("tranches-0-amount.json", "NaN"),
    ],
)
def test_an_award_names_what_there_is(client, draft, field, value):
    address = url("award_change", draft.awards.filter(tranches__isnull=False).first().pk)
    answer = client.post(address, sent_back(client.get(address)) | {field: value})
    assert answer.status_code == 200
    assert answer.context["errors"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (LinesField(), "a\0b"),
        (PairsField(), "a b\0"),
        (AmountField(), Built("amount", None, '{"range": ["\\u0000", 2]}')),
        (RuleField(), Built("rule", None, '{"fact": "a.b", "is": "\\u0000"}')),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_sign_that_postgresql_keeps_in_no_text_is_refused_beside_its_field(field, value):
    with pytest.raises(ValidationError, match="含有不能识别的字符"):
        field.clean(value)


def test_an_asked_fact_takes_no_key_of_a_derived_one(client, editor):
    page = add(client, "fact", key="size.class")
    assert "这个键已经用于推算的指标" in page.content.decode()
    assert not Fact.objects.filter(pk="size.class").exists()


def test_an_industry_that_the_classification_does_not_know_is_refused(client, editor):
    """No formula could place a firm that chose it."""
    load_catalogue()
    address = url("fact_change", "industry.division")
    choices = Fact.objects.get(pk="industry.division").choices
    typed_in = "\n".join(f"{code} {text}" for code, text in {**choices, "98": "航天"}.items())
    page = client.post(address, sent_back(client.get(address)) | {"choices": typed_in})
    assert "里没有 98。" in page.content.decode()
    assert Fact.objects.get(pk="industry.division").choices == choices
