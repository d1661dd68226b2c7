"""The packs of four other cities, typed through the forms as a browser sends them: the same digests."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from policies.catalogue.content import digest_of, edition_content
from policies.catalogue.models import Award, Document, Edition
from policies.catalogue.packs.catalogue_pack import read_packs
from policies.editors.fields import AmountField, RuleField, UndecidedField
from tests.factories import UserFactory
from tests.policies.editors.browser_form import sent

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.night]
CITIES = Path(__file__).parents[1] / "elsewhere"
BUILT = {"rule": RuleField, "when": RuleField, "amount": AmountField, "undecided": UndecidedField}
BUILT |= dict.fromkeys(("now_when", "past_when", "void_when"), RuleField)


def address(name, room="catalogue"):
    return reverse(f"admin:{room}_{name}_add")


@pytest.fixture
def editor():
    client = Client()
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    return client


def typed(client, page, values, built=None):
    """Open the page, type the values, and send it; rules and amounts as their rows are sent."""
    fields = sent(client.get(page).text)
    for name, value in (built or {}).items():
        widget = BUILT[name.rpartition("-")[2]](required=False).widget
        fields = {key: own for key, own in fields.items() if not is_of(key, name)}
        fields |= sent(widget.render(name, value))
    fields |= {name: [str(value)] for name, value in values.items() if value is not None}
    answer = client.post(page, fields)
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer.text
    return answer


def is_of(key, name):
    return key == name or key.startswith(f"{name}.")


def lines(items):
    return "\n".join(items)


def citations(row, documents):
    sources = row.get("sources", [])
    found = {"citations-TOTAL_FORMS": len(sources), "citations-INITIAL_FORMS": 0}
    for place, source in enumerate(sources):
        found |= {
            f"citations-{place}-position": place + 1,
            f"citations-{place}-document": documents[source["document"]],
            f"citations-{place}-clause": source["clause"],
        }
    return found


def type_fact(client, row, position):
    values = {
        name: row.get(name) for name in ("key", "section", "type", "label", "unit", "question")
    }
    values |= {name: row.get(name) for name in ("help", "minimum", "maximum", "decimals")}
    choices = lines(f"{code} {text}" for code, text in (row.get("choices") or {}).items())
    typed(client, address("fact"), {**values, "position": position, "choices": choices})


def type_award(client, edition, row, position, documents):
    tranches = row.get("tranches", [])
    values = {
        "position": position,
        "level": row["level"],
        "payer": row.get("payer"),
        "status": row["status"],
    }
    values |= {
        "only_highest": lines(row.get("only_highest", [])),
        "conflicts": lines(row.get("conflicts", [])),
    }
    values |= {"tranches-TOTAL_FORMS": len(tranches), "tranches-INITIAL_FORMS": 0}
    built = {"undecided": row["undecided"]} if row.get("undecided") else {}
    for place, tranche in enumerate(tranches):
        own = f"tranches-{place}"
        values |= {f"{own}-position": place + 1, f"{own}-title": tranche["title"]}
        values |= {f"{own}-condition": tranche.get("condition", "")}
        values |= {f"{own}-later": "on"} if tranche.get("later") else {}
        built |= {f"{own}-{name}": tranche[name] for name in BUILT if tranche.get(name) is not None}
    page = f"{address('award')}?edition={edition.pk}"
    typed(client, page, values | {"edition": edition.pk} | citations(row, documents), built)


@pytest.mark.parametrize("city", ["sanmenxia", "ningbo", "qingdao", "fuyang"])
def test_every_clause_is_typed_through_the_forms(editor, city):
    pack = read_packs(CITIES / city)
    for row in pack.jurisdictions:
        values = {name: row.get(name) for name in ("code", "name", "level", "parent")}
        typed(editor, address("jurisdiction", "portal"), values)
    for position, row in enumerate(pack.fact_rows, 1):
        type_fact(editor, row, position)
    for row in pack.conflicts:
        typed(editor, address("conflict"), {"code": row["code"], "text": row["text"]})
    for row in pack.documents:
        typed(
            editor,
            address("document"),
            {name: row.get(name) for name in ("number", "title", "issuer", "note")},
        )
    documents = dict(Document.objects.values_list("number", "pk"))
    for each in pack.clauses:
        row = each.fields | {
            "cited_as": lines(each.fields["cited_as"]),
            "document": documents[each.document],
        }
        typed(
            editor,
            address("clause"),
            {name: value for name, value in row.items() if name != "parts"},
        )
    for programme in pack.programmes:
        row = programme.row
        values = {
            name: row.get(name) for name in ("id", "name", "summary", "kind", "area", "beneficiary")
        }
        typed(
            editor,
            address("programme"),
            values | {"family": programme.family, "benefit": "money", "screened": "on"},
        )
        for edition_row, content in programme.editions:
            page = address("edition")
            values = {"programme": row["id"], "effective_from": content["effective_from"]}
            values |= {"own_end": edition_row.get("ends"), "notices": lines(content["notices"])}
            typed(editor, page, values)
            edition = Edition.objects.get(programme=row["id"])
            for position, criterion in enumerate(content["criteria"], 1):
                values = {
                    name: criterion.get(name)
                    for name in ("code", "kind", "text", "sentence", "reason")
                }
                values |= {"edition": edition.pk, "position": position} | citations(
                    criterion, documents
                )
                built = {name: criterion[name] for name in ("rule", "when") if name in criterion}
                typed(editor, f"{address('criterion')}?edition={edition.pk}", values, built)
            for position, award in enumerate(content["awards"], 1):
                type_award(editor, edition, award, position, documents)
            assert digest_of(edition_content(Edition.objects.get(pk=edition.pk))) == digest_of(
                content
            )
    assert Award.objects.count() == sum(
        len(c["awards"]) for p in pack.programmes for _, c in p.editions
    )
