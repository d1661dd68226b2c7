"""Whatever an editor deletes or types, the public pages answer and the numbers in force stay."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from random import Random

import pytest
from django import forms
from django.contrib import admin
from django.core.cache import caches
from django.db import transaction
from django.urls import reverse

from policies.catalogue.current import Catalogue
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import (
    Award,
    Call,
    Clause,
    Conflict,
    Criterion,
    Document,
    Edition,
    Example,
    Fact,
    Formula,
    Office,
    Programme,
    Synonym,
)
from policies.rules.assessment import assess
from policies.self_check.self_checks import known_answers
from tests.factories import SelfCheckFactory
from tests.policies.editors.people import PROVINCE, editor_of
from tests.policies.editors.test_admin import typed
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PROGRAMME = "jc-xsg"
NASTY = (
    "", "长" * 1200, "规上工业", "元", "a\x00b", "-1", "0", "99999999999999", "enum", "two words",
    "2024-02-31", "1e400", "NaN", "[]", '{"fact": "no.such", "is": 1}', "<b>", "a b\nc d",
)  # fmt: skip
FEW = ("", "元", "a\x00b", "-1", "enum", "NaN")
# So many rows of one form are tried with every value.
MOST_TRIED = 3


class World:
    """An editor, a firm's self-check, and a draft beside the edition in force."""

    def __init__(self, client):
        load_catalogue()
        self.client = client
        client.raise_request_exception = False
        # Of the province, who may change also what several share, and alone.
        client.force_login(editor_of(PROVINCE))
        self.check = SelfCheckFactory()
        self.edition = Edition.objects.get(programme=PROGRAMME)
        self.rules = Catalogue().pinned_edition(self.edition)
        self.draft = copy_to_draft(self.edition, self.check.on)
        self.formula = Formula.objects.create(
            key="test.share", effective_from="2020-01-01", label="占比", unit="比例",
            quantity={"quotient": ["net_profit.y1", "revenue.operating.y1"]},
        )  # fmt: skip
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

    def problems_after(self, what, same_numbers=True):
        caches["pages"].clear()
        for address in self.pages():
            if (code := self.client.get(address).status_code) >= 400:
                yield f"{what}: {address} {code}"
        if same_numbers and self.numbers_now() != self.numbers:
            yield f"{what}: other numbers"

    def rows(self):
        """A used row of each model of the catalogue that the admin shows, and the draft's parts."""
        found = {
            Fact: list(Fact.objects.filter(pk__in=self.rules.fact_keys)),
            Document: [Document.objects.filter(citations__criterion__edition=self.edition).first()],
            Clause: [Clause.objects.get(document__number="晋市政办〔2021〕35号", name="三（四）")],
            Conflict: [Conflict.objects.get(pk="C07")],
            Synonym: [Synonym.objects.get(word="高企")],
            Formula: [Formula.objects.get(pk=self.formula.pk)],
            Office: [Office.objects.filter(contacts__programme=PROGRAMME).first()],
            Example: [self.edition.examples.first(), self.draft.examples.first()],
            Programme: [Programme.objects.get(pk=PROGRAMME)],
            Edition: [self.edition, self.draft],
            Criterion: [self.edition.criteria.first(), *self.draft.criteria.all()[:2]],
            Award: [self.edition.awards.first(), self.draft.awards.last()],
        }  # fmt: skip
        shown = {model for model in admin.site._registry if model._meta.app_label == "catalogue"}
        # Calls are the centre's, on pages of their own.
        assert shown - {Call} == set(found)
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
    yield from FEW if few else (*NASTY, None)


@dataclass(frozen=True)
class Change:
    """One field of a row's form with another value; None leaves it out."""

    form: "Form"
    field: str
    value: object
    # Whether other fields may go without notice because of it.
    may_hide: bool

    def __str__(self) -> str:
        row = self.form.row
        return f"{row._meta.model_name} {row.pk} {self.field}={self.value!r}"[:120]


class Form:
    """The form of a row as it is shown, and what it takes."""

    def __init__(self, world, row):
        self.client, self.row = world.client, row
        self.data, self.fields = self.shown()

    def shown(self):
        page = self.client.get(address(self.row, "change"))
        assert page.status_code == 200, self.row
        return filled_forms(page) if "adminform" in page.context else ({}, {})

    def changes(self, few) -> list[Change]:
        """Every value for each kind of field; the same fields of several inlines share them."""
        alike = defaultdict(list)
        for name in self.fields:
            alike[re.sub(r"-\d+-|\.\d+\.", "-", name)].append(name)
        return [
            Change(self, name, value, isinstance(field, forms.BooleanField | forms.ChoiceField))
            for names in alike.values()
            for place, name in enumerate(names)
            for field in [self.fields[name]]
            for value in [*nasty_values(field, self.data.get(name), few)][place :: len(names)]
            if value != self.data.get(name)
        ]

    def send(self, changes: Iterable[Change]) -> int:
        data = self.data | {change.field: change.value for change in changes}
        data = {name: value for name, value in data.items() if value is not None}
        return self.client.post(address(self.row, "change"), data).status_code


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


def problems_alone(changes, taken) -> Iterator[str]:
    """Try each alone; `taken` gets those that leave the form other than any before."""
    states = {}

    def act(change):
        code = change.form.send([change])
        if code >= 500:
            yield f"{change}: {code}"
        if code == 302:
            own = states.setdefault(change.form, [change.form.data])
            after, _ = change.form.shown()
            if after not in own:
                own.append(after)
                taken.append(change)

    for change in changes:
        yield from undone(lambda change=change: act(change))


def problems_together(world, changes) -> list[str]:
    """The pages with all these values at once; in halves where they do not go together."""
    what = ", ".join(map(str, changes))
    went_through = []

    def act():
        by_form = groupby(changes, lambda change: change.form)
        codes = [form.send(own) for form, own in by_form]
        if max(codes) >= 500:
            yield f"{what}: {codes}"
        if set(codes) != {302}:
            return
        yield from world.problems_after(what)
        rows = {change.form.row for change in changes}
        if any(world.draft in (row, getattr(row, "edition", None)) for row in rows):
            for page in ("effect", "change"):
                if (code := world.client.get(address(world.draft, page)).status_code) >= 500:
                    yield f"{what}: {page} {code}"
            world.client.post(address(world.draft, "publish"))
            if Edition.objects.get(pk=world.draft.pk).status == Edition.Status.DRAFT:
                return
            yield from world.problems_after(f"{what}, published", same_numbers=False)
        went_through.append(True)

    found = undone(act)
    if len(changes) > 1 and (found or not went_through):
        middle = len(changes) // 2
        for half in (changes[:middle], changes[middle:]):
            found += problems_together(world, half)
    return found


def try_deleting(world, row):
    what = f"{row._meta.model_name} {row.pk} deleted"
    answer = world.client.post(address(row, "delete"), {"post": "yes", "reason": "没有用到"})
    if answer.status_code >= 500:
        yield f"{what}: {answer.status_code}"
    if not type(row).objects.filter(pk=row.pk).exists():
        yield from world.problems_after(what)


def in_rounds(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Each change once, in a round of one a field.

    Shuffled, so that a field meets other values of its neighbours than the one it has.
    """
    by_field = defaultdict(list)
    for change in changes:
        by_field[change.form, change.field].append(change)
    shuffled = Random(len(changes))
    for own in by_field.values():
        shuffled.shuffle(own)
    for each in zip_longest(*by_field.values()):
        yield [change for change in each if change]


def test_every_row_in_use_survives_its_deletion(world):
    rows = [row for each in world.rows().values() for row in each]
    found = [line for row in rows for line in undone(lambda row=row: try_deleting(world, row))]
    assert not found


def test_a_few_nasty_values_in_every_field_of_a_conflict(world):
    """The form of fewest fields; at night all forms and all values."""
    taken = []
    changes = Form(world, world.rows()[Conflict][-1]).changes(few=True)
    assert list(problems_alone(changes, taken)) == []
    for each in in_rounds(taken):
        assert problems_together(world, each) == []


@pytest.mark.night
@pytest.mark.parametrize(
    "model",
    [Fact, Document, Clause, Conflict, Synonym, Formula, Programme, Edition, Criterion, Award],
)
def test_nasty_values_in_every_field_of_every_form(world, model):
    """Of many rows with one form, each is tried with another share of the values."""
    rows = world.rows()[model]
    shares = max(1, len(rows) // MOST_TRIED)
    found = []
    for place, row in enumerate(rows):
        taken = []
        changes = Form(world, row).changes(few=False)[place % shares :: shares]
        found += problems_alone(changes, taken)
        for each in in_rounds([change for change in taken if not change.may_hide]):
            found += problems_together(world, each)
        for change in taken:
            if change.may_hide:
                found += problems_together(world, [change])
    assert found == []
