"""Examples of a draft in the admin: typed as a form, run on each save, filled in and completed."""

from datetime import date

import pytest
from django.urls import reverse

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Criterion, Edition, Example
from policies.editors.examples import FILLED, NOTHING_TO_ADD, ROW_MOVED
from tests.factories import UserFactory
from tests.policies.editors.test_admin import sent_back
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def editor(client):
    user = UserFactory(is_superuser=True, jurisdiction_code="")
    client.force_login(user)
    return user


@pytest.fixture
def draft(editor):
    return copy_to_draft(Edition.objects.standing().get(programme="jc-xsg"), NEW_YEAR)


@pytest.fixture
def example(draft):
    return draft.examples.get()


def page_of(name, *args):
    return reverse(f"admin:catalogue_{name}", args=args)


def typed(page, **changes):
    """What a browser sends back for the page of an example, with its questions."""
    data = sent_back(page)
    for bound in page.context["questions"]:
        value = bound.value()
        if value not in (None, [], "", False):
            data[bound.html_name] = value
    return data | changes


def test_the_firm_is_typed_as_the_questions_that_the_edition_asks(client, example):
    address = page_of("example_change", example.pk)
    page = client.get(address)
    text = page.content.decode()
    assert "{&quot;" not in text
    assert "主营业务收入" in text
    asked = set(page.context["questions"].keys)
    assert asked == {*page.context["adminform"].form.rules.fact_keys, *example.firm}
    unchanged = client.post(address, typed(page))
    assert unchanged.status_code == 302
    before = example.firm, example.criteria, example.money
    example.refresh_from_db()
    assert (example.firm, example.criteria, example.money) == before
    sent = typed(page, title="换一家", revenue__main_business__y0="1.9 千万")
    wrong = client.post(address, sent | {"stat__first_upgrade_year": "去年"})
    assert wrong.status_code == 200
    assert "没有" not in str(wrong.context["adminform"].form["title"].errors)
    assert "stat__first_upgrade_year" in wrong.context["questions"].errors
    assert 'value="1.9 千万"' in wrong.content.decode()
    saved = client.post(address, typed(page, revenue__main_business__y0="1900"), follow=True)
    example.refresh_from_db()
    assert example.firm["revenue.main_business.y0"] == 1900
    told = saved.content.decode()
    assert "行例子算出来和预期不一样：第 1 个例子的条件第 " in told
    assert "例子写“符合”，算出来是“不符合”" in told


def test_saving_a_criterion_or_an_award_of_the_draft_runs_its_examples(client, draft):
    own = draft.criteria.get(code="XSG.3")
    address = page_of("criterion_change", own.pk)
    data = sent_back(client.get(address))
    held = client.post(address, data, follow=True)
    assert "例子都算过了，和预期一致。" in held.content.decode()
    Criterion.objects.filter(pk=own.pk).update(
        rule={"fact": "revenue.main_business.y0", "at_least": 3000}, sentence=""
    )
    data = sent_back(client.get(address))
    told = client.post(address, data, follow=True).content.decode()
    assert "行例子算出来和预期不一样" in told
    assert "例子和规则不一致（" in told  # on the draft's page, to which it leads
    award = draft.awards.get(level="city")
    address = page_of("award_change", award.pk)
    data = sent_back(client.get(address)) | {"tranches-0-amount.amount": "25"}
    told = client.post(address, data, follow=True).content.decode()
    assert "现在给：例子写“20 万元”，算出来是“25 万元”" in told


def test_a_draft_tells_what_no_example_tries_and_one_click_adds_both_sides(client, draft, example):
    address = page_of("edition_change", draft.pk)
    told = client.get(address).content.decode()
    assert "例子没有覆盖" not in told
    assert "和预期一致" in told
    example.criteria = [row for row in example.criteria if row["code"] not in ("XSG.3", "XSG.6")]
    example.money = [row for row in example.money if row["level"] != "city"]
    example.save()
    told = client.get(address).content.decode()
    assert "例子没有覆盖（" in told
    assert "条件 XSG.3" in told
    assert "第 2 项奖补（市级晋城市）：没有一个例子写到它" in told
    button = page_of("example_sides", draft.pk)
    assert f'action="{button}"' in told
    told = client.post(button, follow=True).content.decode()
    assert "补了这些例子" in told
    assert "第 1 个例子：XSG.3 不符合（" in told
    assert "XSG.6 不符合（" in told
    example.refresh_from_db()
    assert {row["is"] for row in example.criteria if row["code"] == "XSG.3"} == {"met", "not_met"}
    assert NOTHING_TO_ADD in client.post(button, follow=True).content.decode()


def test_expectations_are_filled_from_what_comes_out_and_said_to_be_looked_through(client, draft):
    address = page_of("example_add") + f"?edition={draft.pk}"
    page = client.get(address)
    sent = typed(page, title="新的一家", enterprise__county="140521", industry__section="C")
    told = client.post(address, sent | {"_fill": "1"}, follow=True)
    assert FILLED in told.content.decode()
    made = draft.examples.get(title="新的一家")
    assert made.firm == {"enterprise.county": "140521", "industry.section": "C"}
    outcomes = {row["code"]: row["is"] for row in made.criteria}
    assert outcomes["XSG.1"] == "met"
    assert outcomes["XSG.3"] == "unknown"
    assert {row["level"] for row in made.money} == {"province", "city", "county"}
    assert "✗" not in told.content.decode()
    criterion = draft.criteria.get(code="XSG.2")
    Criterion.objects.filter(pk=criterion.pk).update(
        rule={"fact": "industry.section", "is": "A"}, sentence=""
    )
    page = client.get(page_of("example_change", made.pk))
    assert "算出来是“不符合”" in page.content.decode()
    client.post(page_of("example_change", made.pk), typed(page) | {"_fill": "1"})
    made.refresh_from_db()
    assert {row["code"]: row["is"] for row in made.criteria}["XSG.2"] == "not_met"


def test_a_row_says_what_must_come_out_and_what_its_firm_answers_otherwise(client, example):
    new = page_of("example_row", example.pk, "criteria", "new")
    page = client.get(new)
    sent = typed_row(page, code="XSG.3", outcome="not_met", revenue__main_business__y0="1999.5")
    assert client.post(new, sent).status_code == 302
    example.refresh_from_db()
    assert example.criteria[-1] == {
        "code": "XSG.3", "is": "not_met", "with": {"revenue.main_business.y0": 1999.5},
    }  # fmt: skip
    last = page_of("example_row", example.pk, "criteria", len(example.criteria) - 1)
    page = client.get(last)
    wrong = client.post(last, typed_row(page, revenue__main_business__y0="很多"))
    assert wrong.status_code == 400
    assert "很多" in wrong.content.decode()
    # An answer that is taken away is not answered there.
    client.post(last, typed_row(page, outcome="unknown", revenue__main_business__y0=""))
    example.refresh_from_db()
    assert example.criteria[-1] == {
        "code": "XSG.3", "is": "unknown", "with": {"revenue.main_business.y0": None},
    }  # fmt: skip
    old = client.post(last, typed_row(page, outcome="met"))
    assert ROW_MOVED in old.content.decode()
    count = len(example.criteria)
    client.post(last, typed_row(client.get(last), _delete="1"))
    example.refresh_from_db()
    assert len(example.criteria) == count - 1
    assert client.get(last).status_code == 404
    assert client.get(page_of("example_row", example.pk, "firm", "0")).status_code == 404


@pytest.mark.parametrize(
    ("text", "figure"),
    [("30", 30), ("0-45", [0, 45]), ("0 至 45", [0, 45]), ("5以上", [5, None]), ("2000元", 0.2)],
)
def test_money_of_a_row_is_typed_as_figures(client, example, text, figure):
    address = page_of("example_row", example.pk, "money", "new")
    sent = typed_row(client.get(address), level="city", status="published", now=text)
    assert client.post(address, sent).status_code == 302
    example.refresh_from_db()
    assert example.money[-1] == {"level": "city", "now": figure}
    page = client.get(page_of("example_row", example.pk, "money", len(example.money) - 1))
    assert page.context["form"]["now"].value() is not None
    client.post(page.request["PATH_INFO"], typed_row(page))
    example.refresh_from_db()
    assert example.money[-1] == {"level": "city", "now": figure}


def test_a_figure_that_is_none_is_told_beside_its_field(client, example):
    address = page_of("example_row", example.pk, "money", "new")
    sent = typed_row(client.get(address), level="city", status="published", now="45-0")
    page = client.post(address, sent)
    assert page.status_code == 400
    assert "应填一个数" in str(page.context["form"]["now"].errors)
    assert "45-0" in page.content.decode()


def typed_row(page, **changes):
    data = {"seen": page.context["seen"]}
    for form in (page.context["form"], page.context["questions"]):
        for bound in form:
            value = bound.value()
            shown = bound.field.prepare_value(value)
            if shown not in (None, [], "", False):
                data[bound.html_name] = shown
    return data | changes


def test_of_a_published_edition_examples_are_read_in_words(client, editor):
    example = Edition.objects.standing().get(programme="jc-xsg").examples.get()
    page = client.get(page_of("example_change", example.pk)).content.decode()
    assert "主营业务收入" in page
    assert "_fill" not in page
    assert "添加一行" not in page
    assert f"XSG.6 {example.edition.criteria.get(code='XSG.6').text}：不符合" in page
    assert client.get(page_of("example_row", example.pk, "criteria", "new")).status_code == 403
    assert client.post(page_of("example_sides", example.edition_id), follow=True).status_code == 200
    assert Example.objects.filter(edition=example.edition).count() == 1
