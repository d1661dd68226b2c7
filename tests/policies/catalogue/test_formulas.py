"""Formulas in the catalogue: dated, carried by the editions that use them, and kept once they are."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from policies.catalogue.content import digest_of, edition_content
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import (
    EditionError,
    begin_correction,
    copy_to_draft,
)
from policies.catalogue.models import Edition, Formula
from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError
from policies.editors.fact_form import FactForm
from policies.rules.assessment import assess, plain_values
from tests.factories import (
    ApplicationFactory,
    AwardFactory,
    CriterionFactory,
    EditionFactory,
    FactFactory,
    TrancheFactory,
    ready,
)
from tests.policies.catalogue.test_packs import edit, folder  # noqa: F401
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction, publish_edition

pytestmark = pytest.mark.django_db
KEY = "rd.share"
RULE = {"fact": KEY, "at_least": 0.04}
ON = date(2026, 11, 20)
ANSWERS = {"rd.expense": 5, "revenue.all": 100, "tax.base": 400}


def formula(day="2024-01-01", below="revenue.all", **fields):
    quantity = {"quotient": ["rd.expense", below]}
    fields = {"label": "研发费用占比", "unit": "比例", "quantity": quantity} | fields
    row = Formula(key=KEY, effective_from=day, **fields)
    row.full_clean()
    row.save()
    return row


@pytest.fixture(autouse=True)
def facts(db):
    for key in ANSWERS:
        FactFactory(key=key, label=key)


def draft_of(day="2024-06-01", programme=None):
    draft = EditionFactory(effective_from=day, **({"programme": programme} if programme else {}))
    CriterionFactory(edition=draft, rule=RULE)
    steps = {"ladder": {"of": KEY, "steps": [[0.04, 10], [0.1, 20]]}}
    TrancheFactory(award=AwardFactory(edition=draft), amount=steps)
    return draft


def published(*args, **fields):
    draft = draft_of(*args, **fields)
    publish_edition(ready(draft))
    draft.refresh_from_db()
    return draft


def told(edition, answers=ANSWERS):
    """What the edition says of a firm, as a case keeps it."""
    known = Catalogue()
    rules = known.pinned_edition(edition)
    assert not rules.fault
    return plain_values(assess([rules], answers, ON, known.facts)["programmes"][0])


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def test_a_new_version_changes_no_edition_and_no_case_but_a_new_draft_uses_it():
    formula()
    old = published()
    case = ApplicationFactory(edition=old, on=ON, answers=ANSWERS, assessment=told(old))
    assert (case.assessment["verdict"], old.digest) == ("eligible", digest_of(edition_content(old)))
    formula("2025-01-01", below="tax.base")
    case.refresh_from_db()
    assert digest_of(told(case.edition)) == digest_of(case.assessment)
    assert digest_of(edition_content(old)) == old.digest
    draft = copy_to_draft(old, date(2025, 3, 1))
    assert told(draft)["verdict"] == "not_eligible"
    publish_edition(ready(draft))
    draft.refresh_from_db()
    assert told(draft)["verdict"] == "not_eligible"
    assert draft.formulas[KEY]["quantity"] == {"quotient": ["rd.expense", "tax.base"]}
    assert digest_of(told(case.edition)) == digest_of(case.assessment)
    # What begins earlier takes the version of its day.
    assert told(published("2024-03-01"))["verdict"] == "eligible"


def test_a_correction_goes_by_the_version_of_its_day():
    formula()
    old = published()
    formula("2025-01-01", below="tax.base")
    draft = begin_correction(old)
    draft.criteria.update(text="别的说法")
    publish_correction(ready(draft), reason="改说法", now=timezone.now())
    draft.refresh_from_db()
    assert draft.formulas == old.formulas
    assert told(draft)["verdict"] == "eligible"


def test_what_uses_no_formula_says_nothing_of_one():
    draft = EditionFactory()
    CriterionFactory(edition=draft, rule={"fact": "revenue.all", "at_least": 1})
    formula()
    draft.refresh_from_db()
    assert "formulas" not in edition_content(draft)
    publish_edition(ready(draft))
    draft.refresh_from_db()
    assert draft.formulas == {}


def test_what_begins_before_its_formula_is_not_published():
    formula("2025-01-01")
    with pytest.raises(EditionError, match="“研发费用占比”从 2025-01-01 起才有"):
        publish_edition(ready(draft_of("2024-06-01")))


def test_what_a_published_edition_is_pinned_to_neither_changes_nor_goes():
    row, later = formula(), formula("2025-01-01", below="tax.base")
    draft = draft_of()
    rows, others = (Formula.objects.filter(pk=each.pk) for each in (row, later))
    # As long as there is a draft only, a slip can be mended.
    rows.update(label="研发占比")
    refused(lambda: rows.update(key="other.key"))
    publish_edition(ready(draft))
    for values in (
        {"label": "别的"}, {"unit": ""}, {"effective_from": "2023-01-01"},
        {"quantity": {"quotient": ["rd.expense", "tax.base"]}},
    ):  # fmt: skip
        refused(lambda values=values: rows.update(**values))
    refused(rows.delete)
    others.update(label="研发占比（新）")
    others.delete()
    refused(lambda: Edition.objects.filter(pk=draft.pk).update(formulas={}))


def test_the_last_version_that_a_rule_names_stays():
    first, second = formula(), formula("2025-01-01")
    draft_of()
    first.delete()
    refused(second.delete)


def test_a_fact_that_only_a_formula_reads_stays_as_it_is():
    formula()
    rows = type(FactFactory(key="rd.expense")).objects.filter(pk="rd.expense")
    refused(lambda: rows.update(unit="元"))
    refused(rows.delete)
    rows.update(label="研发费用")


def test_no_key_is_a_fact_and_a_formula():
    formula()
    form = FactForm(
        {"key": KEY, "label": "甲", "section": "测试", "type": "decimal", "position": 1}
    )
    assert form.errors["key"] == ["这个键已经是公式的键。"]
    refused(FactFactory.build(key=KEY).save)
    taken = Formula(key="rd.expense", effective_from="2024-01-01", label="甲", quantity={})
    with pytest.raises(ValidationError, match="这个键已经是指标的键"):
        taken.full_clean()
    refused(taken.save)
    refused(Formula(key="size.class", effective_from="2024-01-01", label="甲", quantity={}).save)


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        ({"quotient": ["rd.expense", "no.such"]}, "没有指标 no.such"),
        ({"quotient": ["rd.expense"]}, "应为两项的列表"),
        ("rd.expense", "单个指标直接用就可以"),
        ({"sum": [KEY, 1]}, "公式只能由指标组成，不能再用公式（研发费用占比）"),
        ({"sum": 3}, "应为至少两项的列表"),
        ([], "应为指标、数字"),
    ],
    ids=str,
)
def test_what_cannot_be_computed_is_told_beside_the_field(quantity, message):
    with pytest.raises(ValidationError) as error:
        formula(quantity=quantity)
    assert message in "".join(error.value.message_dict["quantity"])


FILE = """formulas:
  - key: test.share
    effective_from: '2020-01-01'
    label: 净利率
    unit: 比例
    quantity: {quotient: [net_profit.y1, revenue.operating.y1]}
  - key: test.share
    effective_from: '2030-01-01'
    label: 净利率
    unit: 比例
    quantity: {quotient: [net_profit.y1, assets.total.y1]}
"""


@pytest.mark.one_database
def test_packs_bring_formulas_and_load_twice_without_a_change(folder):  # noqa: F811
    load_catalogue()
    before = dict(Edition.objects.values_list("pk", "digest"))
    (folder / "formulas.yaml").write_text(FILE, encoding="utf-8")
    edit(folder, "[net_profit.sum3|三年净利润合计达到{}]", "[test.share|净利率达到{}]")
    edit(
        folder,
        "rule: {fact: net_profit.sum3, at_least: 100}",
        "rule: {fact: test.share, at_least: 0.1}",
    )
    counts = load_packs(folder, timezone.now())
    assert counts.new["公式"] == 2
    changed = Edition.objects.standing().exclude(pk__in=before)
    assert changed
    for edition in changed:
        assert edition.formulas["test.share"]["effective_from"] == "2020-01-01"
        assert not Catalogue().pinned_edition(edition).fault
    again = load_packs(folder, timezone.now())
    assert not again.new and not again.changed
    assert again.same["公式"] == 2
    # What names no formula has the digest that it had.
    assert set(
        Edition.objects.standing().exclude(pk__in=changed).values_list("digest", flat=True)
    ) <= set(before.values())


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("before", "after", "told_of"),
    [
        ("net_profit.y1, rev", "net_profit.y9, rev", "没有指标 net_profit.y9"),
        ("key: test.share", "key: net_profit.y1", "net_profit.y1 已经是指标的键"),
        ("effective_from: '2030-01-01'", "effective_from: '2020-01-01'", "不应重复出现"),
        ("    label: 净利率\n", "", "label：缺少这个键"),
    ],
)
def test_a_wrong_row_of_a_pack_is_told_with_its_line(folder, before, after, told_of):  # noqa: F811
    text = FILE.replace(before, after, 1)
    (folder / "formulas.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as error:
        load_packs(folder, timezone.now())
    lines = [line for line in str(error.value).splitlines() if told_of in line]
    assert lines and "formulas.yaml" in lines[0]
