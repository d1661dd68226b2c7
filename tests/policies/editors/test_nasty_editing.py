"""Whatever an editor deletes or types, the public pages answer and the numbers in force stay."""

from collections.abc import Iterator

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.db import transaction
from django.urls import reverse

from policies.catalogue.current import Catalogue
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Award, Conflict, Criterion, Document, Edition, Fact, Programme
from policies.rules.assessment import assess
from policies.self_check.self_checks import known_answers
from tests.factories import SelfCheckFactory, UserFactory
from tests.policies.editors.test_admin import typed
from tests.policies.packs import load_catalogue

pytestmark = pytest.mark.django_db
PROGRAMME = "jc-xsg"
NASTY = (
    "", "长" * 1200, "规上工业", "元", "a\x00b", "-1", "0", "99999999999999", "enum", "two words",
    "2024-02-31", "1e400", "NaN", "[]", '{"fact": "no.such", "is": 1}', "<b>", "a b\nc d",
)  # fmt: skip
FEW = ("", "元", "a\x00b", "-1", "enum", "NaN")


class World:
    """An editor, a firm's self-check, and a draft beside the edition in force."""

    def __init__(self, client):
        load_catalogue()
        self.client = client
        client.raise_request_exception = False
        user = UserFactory(permissions=["none"], jurisdiction_code="")
        user.groups.add(Group.objects.get(name="政策编辑"))
        client.force_login(user)
        self.check = SelfCheckFactory()
        self.edition = Edition.objects.get(programme=PROGRAMME)
        self.rules = Catalogue().pinned_edition(self.edition)
        self.draft = copy_to_draft(self.edition, self.check.on)
        self.numbers = self.numbers_now()

    def numbers_now(self):
        """Verdict, outcomes and money of the programme by the edition now in force."""
        known, on = Catalogue(), self.check.on
        rules = known.pinned_edition(self.edition)
        answers = known_answers(self.check, known.facts, on)
        [entry] = assess([rules], answers, on, known.facts)["programmes"]
        outcomes = [
            (each["id"], each["outcome"], each["gap"], each["values"]) for each in entry["criteria"]
        ]
        return rules.fault, entry["verdict"], outcomes, entry["awards"], entry["tranches"]

    def pages(self):
        token = self.check.token
        return [
            "/", "/programmes/", f"/programmes/{PROGRAMME}/", "/self-check/", "/calendar/",
            "/calendar.ics", "/documents/", reverse("self_check:result", args=[token]),
            reverse("self_check:self-check-step", args=[token, 1]),
        ]  # fmt: skip

    def problems_after(self, what):
        caches["pages"].clear()
        for address in self.pages():
            if (code := self.client.get(address).status_code) >= 400:
                yield f"{what}: {address} {code}"

    def rows(self):
        """A used row of each model of the catalogue that the admin shows, and the draft's parts."""
        found = {
            Fact: list(Fact.objects.filter(pk__in=self.rules.fact_keys)),
            Document: [Document.objects.filter(citations__criterion__edition=self.edition).first()],
            Conflict: [Conflict.objects.get(pk="C07")],
            Programme: [Programme.objects.get(pk=PROGRAMME)],
            Edition: [self.edition, self.draft],
            Criterion: [self.edition.criteria.first(), *self.draft.criteria.all()[:2]],
            Award: [self.edition.awards.first(), self.draft.awards.last()],
        }  # fmt: skip
        shown = {model for model in admin.site._registry if model._meta.app_label == "catalogue"}
        assert shown == set(found)
        return found


@pytest.fixture
def world(client):
    return World(client)


def address(row, page):
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
    return reverse(name, args=[] if page == "changelist" else [row.pk])


def filled_forms(page):
    """What a browser would send back, and the fields of which that is made, by name."""
    shown = [page.context["adminform"].form]
    data = {}
    for formset in page.context["inline_admin_formsets"]:
        data |= typed(formset.formset.management_form)
        shown += formset.formset.forms
    fields = {}
    for form in shown:
        own = typed(form)
        data |= own
        for bound in form:
            names = [name for name in own if name.startswith(bound.html_name)]
            fields |= dict.fromkeys(names or [bound.html_name], bound.field)
    return data, fields


def nasty_values(field, value, few) -> Iterator[object]:
    if isinstance(field, forms.BooleanField):
        yield None if value else "on"
    elif isinstance(field, forms.ModelChoiceField):
        # What is chosen from a list: another row, one that is not there, none.
        yield from [*map(str, field.queryset.values_list("pk", flat=True)[:3]), "999999", "", None]
        return
    elif isinstance(field, forms.ChoiceField):
        choices = [str(code) for code, _ in field.choices if str(code) != str(value)]
        yield from [*choices[: 2 if few else 4], "no-such-choice", ""]
    yield from FEW if few else NASTY
    yield None


def changes(world, row, few):
    page = world.client.get(address(row, "change"))
    assert page.status_code == 200, row
    if "adminform" not in page.context:
        return
    data, fields = filled_forms(page)
    for name, field in fields.items():
        for value in nasty_values(field, data.get(name), few):
            changed = {key: each for key, each in data.items() if key != name}
            yield name, value, changed | ({} if value is None else {name: value})


class _UndoneError(Exception):
    pass


def undone(act):
    """What `act` finds; the database is then as it was before."""
    found = []
    try:
        with transaction.atomic():
            found = list(act())
            raise _UndoneError
    except _UndoneError:
        caches["pages"].clear()
    return found


def try_change(world, row, name, value, data):
    what = f"{row._meta.model_name} {row.pk} {name}={value!r}"[:120]
    answer = world.client.post(address(row, "change"), data)
    if answer.status_code >= 500:
        yield f"{what}: {answer.status_code}"
    if answer.status_code != 302:
        return
    yield from world.problems_after(what)
    if world.numbers_now() != world.numbers:
        yield f"{what}: other numbers"
    if world.draft in (row, getattr(row, "edition", None)):
        for page in ("effect", "change"):
            if (code := world.client.get(address(world.draft, page)).status_code) >= 500:
                yield f"{what}: {page} {code}"
        world.client.post(address(world.draft, "publish"))
        yield from world.problems_after(f"{what}, published")


def try_deleting(world, row):
    what = f"{row._meta.model_name} {row.pk} deleted"
    for page, data in (
        ("delete", {"post": "yes"}),
        ("changelist", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}),
    ):
        answer = world.client.post(address(row, page), data)
        if answer.status_code >= 500:
            yield f"{what}: {answer.status_code}"
    yield from world.problems_after(what)
    if world.numbers_now() != world.numbers:
        yield f"{what}: other numbers"


def all_problems(world, rows, few):
    for row in rows:
        yield from undone(lambda row=row: try_deleting(world, row))
        for change in changes(world, row, few):
            yield from undone(lambda row=row, change=change: try_change(world, row, *change))


def test_every_row_in_use_survives_its_deletion(world):
    rows = [row for each in world.rows().values() for row in each]
    found = [line for row in rows for line in undone(lambda row=row: try_deleting(world, row))]
    assert not found


@pytest.mark.parametrize("model", [Conflict, Document, Fact])
def test_a_few_nasty_values_in_every_field_of_one_row(world, model):
    assert list(all_problems(world, world.rows()[model][-1:], few=True)) == []


@pytest.mark.night
@pytest.mark.parametrize("model", [Fact, Document, Conflict, Programme, Edition, Criterion, Award])
def test_nasty_values_in_every_field_of_every_form(world, model):
    assert list(all_problems(world, world.rows()[model], few=False)) == []
