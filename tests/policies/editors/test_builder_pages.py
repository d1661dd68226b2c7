"""The pages of drafts with their builders: opened and sent back, changed by buttons, saved."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policies.catalogue.models import Award, Criterion, Edition, Example
from tests.factories import UserFactory
from tests.policies.editors.browser_form import buttons, sent
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PROGRAMMES = ["jc-xsg", "jc-share", "jc-proj-in"]
ROWS = 200


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture(autouse=True)
def editor(client, catalogue):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))


def url(name, *args, **query):
    return reverse(f"admin:catalogue_{name}", args=args, query=query or None)


def copied(client, programme):
    edition = Edition.objects.filter(programme=programme).latest("effective_from")
    client.post(url("edition_copy", edition.pk))
    return Edition.objects.get(programme=programme, status="draft")


def content_of(draft):
    return [
        list(draft.criteria.values("code", "rule", "when")),
        list(draft.awards.values("level", "unsplit", "undecided", "joint_cap", "only_highest",
                                 "claw_back", "fee_cap", "price_cut")),
        [list(award.tranches.values("amount", "now_when", "past_when", "void_when"))
         for award in draft.awards.all()],
    ]  # fmt: skip


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_the_pages_of_a_draft_are_opened_and_saved_without_a_change(client, programme):
    draft = copied(client, programme)
    before = content_of(draft)
    for model in ("criterion", "award"):
        for row in {"criterion": draft.criteria, "award": draft.awards}[model].all()[:4]:
            address = url(f"{model}_change", row.pk)
            page = client.get(address).content.decode()
            assert "null" not in str(sent(page))
            answer = client.post(address, sent(page))
            assert answer.status_code == 302, answer.content.decode()
    assert content_of(draft) == before


def test_places_are_written_on_the_draft_and_read_in_words(client):
    draft = copied(client, "jc-xsg")
    address = url("edition_change", draft.pk)
    data = sent(client.get(address).content.decode()) | {
        "places.is": ["places"],
        "places.kind": ["places"],
        "places.most": ["20"],
        "places.ranked_by": ["评分"],
    }
    assert client.post(address, data).status_code == 302
    draft.refresh_from_db()
    assert draft.places == {"most": 20, "ranked_by": "评分"}


def test_a_button_changes_the_form_and_saves_nothing(client):
    draft = copied(client, "jc-proj-in")
    row = draft.criteria.get(code="PI.6")
    address = url("criterion_change", row.pk)
    page = client.get(address).content.decode()
    data = sent(page) | {"text": [""], "rule.kind": ["wrap-all"], "rule.value": ["很多"]}
    again = client.post(address, data)
    assert again.status_code == 200
    changed = again.content.decode()
    assert "errornote" not in changed
    assert sent(changed)["rule.parts.0.value"] == ["很多"]
    assert sent(changed)["text"] == [""]
    more = client.post(address, sent(changed) | {"rule.act": ["add:parts"]}).content.decode()
    assert sent(more)["rule.parts.1.is"] == ["leaf"]
    row.refresh_from_db()
    assert row.rule == {"fact": "project.total_investment", "at_least": 1000}


def test_one_more_tranche_is_asked_for_without_javascript(client):
    draft = copied(client, "jc-xsg")
    award = draft.awards.first()
    address = url("award_change", award.pk)
    page = client.get(address).content.decode()
    assert ("tranches.act", "more") in buttons(page)
    count = int(sent(page)["tranches-TOTAL_FORMS"][0])
    more = client.post(address, sent(page) | {"tranches.act": ["more"]}).content.decode()
    assert sent(more)["tranches-TOTAL_FORMS"] == [str(count + 1)]
    assert sent(more)[f"tranches-{count}-amount.is"] == ["fixed"]


def test_a_rule_of_two_hundred_rows_is_saved(client):
    draft = copied(client, "jc-xsg")
    rule = {
        "any": [{"fact": "enterprise.employees", "at_least": row} for row in range(1, ROWS + 1)]
    }
    row = draft.criteria.first()
    Criterion.objects.filter(pk=row.pk).update(rule=rule, sentence="")
    address = url("criterion_change", row.pk)
    data = sent(client.get(address).content.decode())
    data[f"rule.parts.{ROWS - 1}.value"] = ["一万"]
    assert sum(map(len, data.values())) > 600
    assert client.post(address, data).status_code == 302
    row.refresh_from_db()
    rule["any"][-1]["at_least"] = 10000
    assert row.rule == rule


def test_more_tranches_ask_the_database_nothing_more_and_list_no_facts(client):
    draft = copied(client, "jc-xsg")
    award = draft.awards.filter(tranches__isnull=False).first()
    tranche = award.tranches.first()
    address = url("award_change", award.pk)
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    for position in range(award.tranches.count() + 1, 11):
        tranche.pk, tranche.position = None, position
        tranche.save()
    with CaptureQueriesContext(connection) as after:
        page = client.get(address).content.decode()
    assert len(after) == len(before)
    assert page.count("<option") < 4000


def test_one_way_of_counting_together_is_asked_for(client):
    draft = copied(client, "jc-xsg")
    address = url("award_change", draft.awards.first().pk)
    data = sent(client.get(address).content.decode()) | {
        "only_highest": ["甲组"],
        "joint_cap.is": ["joint_cap"],
        "joint_cap.kind": ["joint_cap"],
        "joint_cap.group": ["乙组"],
        "joint_cap.most": ["150"],
    }
    page = client.post(address, data)
    assert "一笔奖补只有一种合并算法" in page.content.decode()
    assert (
        client.post(address, data | {"only_highest": [""], "price_cut": ["4%"]}).status_code == 302
    )
    award = Award.objects.get(pk=draft.awards.first().pk)
    assert award.joint_cap == {"group": "乙组", "most": 150}
    assert str(award.price_cut.normalize()) == "0.04"


# --- what the builder asks while somebody is at it ----------------------------------------


def ask(client, data, name, *, edition="", family="rule", said=False):
    address = f"{url('criterion_build', family)}?edition={edition}{'&said' if said else ''}"
    headers = {"HX-Trigger": name} if said else {"HX-Trigger-Name": name}
    answer = client.post(address, data, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_builder_comes_back_alone_and_tells_its_sentence(client):
    draft = copied(client, "jc-proj-in")
    page = client.get(url("criterion_change", draft.criteria.get(code="PI.6").pk))
    data = sent(page.content.decode())
    html = ask(client, data | {"rule.act": ["try"]}, "rule.act")
    assert html.startswith('<div class="builder" id="rule-builder"')
    told = ask(client, data | {"rule.value": ["2000万"]}, "rule-said", said=True)
    assert "2000 万元" in told
    assert "<input" not in told


def test_an_example_of_the_draft_answers_beside_the_rule(client):
    draft = copied(client, "jc-proj-in")
    Example.objects.create(
        edition=draft, position=99, title="大项目", on="2026-11-20",
        firm={"project.total_investment": 5000},
    )  # fmt: skip
    example = draft.examples.get(position=99)
    row = draft.criteria.get(code="PI.6")
    data = sent(client.get(url("criterion_change", row.pk)).content.decode())
    html = ask(client, data | {"rule.act": ["try"]}, "rule.act", edition=draft.pk)
    assert "大项目" in html
    data |= sent(html) | {"rule.try-example": [str(example.pk)]}
    html = ask(client, data, "rule.try-example", edition=draft.pk)
    assert sent(html)["rule.try-project.total_investment"] == ["5000"]
    assert sent(html)["rule.try-day"] == ["2026-11-20"]
    assert "<strong>符合</strong>" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "cyry"}, "从业人员数（上年末）"),
        ({"q": "从业"}, "从业人员数（上年末）"),
        ({"q": "enterprise.emp"}, "从业人员数（上年末）"),
        ({"q": "阳城", "source": "enterprise.county"}, "阳城县"),
        ({"q": "yangcheng", "source": "enterprise.county"}, "阳城县"),
        ({"q": "C26", "source": "industries"}, "化学原料"),
    ],
)
def test_what_may_be_meant_is_offered(client, query, found):
    rows = client.get(url("criterion_facts"), query).json()["found"]
    assert any(found in row["value"] for row in rows)
    assert len(rows) <= 12


def test_only_who_edits_criteria_is_answered(client):
    ask_build, ask_facts = url("criterion_build", "rule"), url("criterion_facts")
    assert client.get(ask_build).status_code == 405
    assert client.post(url("criterion_build", "nothing")).status_code == 404
    client.force_login(UserFactory(permissions=["view_edition"], jurisdiction_code="140500"))
    assert client.post(ask_build).status_code == 403
    assert client.get(ask_facts, {"q": "从业"}).status_code == 403
    client.logout()
    assert client.post(ask_build).status_code == 302
