"""Publishing: of one programme one edition is in force on a day, whoever publishes at once."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from policies.catalogue.current import Catalogue
from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition
from policies.consistency.catalogue import check_catalogue
from portal.triggers import remove_triggers
from tests.applications.cases.test_concurrency import at_once
from tests.factories import CriterionFactory, EditionFactory, ProgrammeFactory, ready
from tests.two_editors import agree, publish_edition

ON = date(2027, 6, 1)
needs_connections = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="needs several connections"
)


def draft_of(programme, day, **fields):
    draft = EditionFactory(programme=programme, effective_from=day, **fields)
    CriterionFactory(edition=draft, kind="manual", rule=None)
    return draft


def published(programme, *days):
    for day in days:
        publish_edition(ready(draft_of(programme, day)))


def terms(programme):
    rows = Edition.objects.standing().filter(programme=programme).order_by("effective_from")
    return [(f"{row.effective_from}", f"{row.ends}" if row.ends else None) for row in rows]


@pytest.mark.django_db
def test_an_edition_takes_its_place_between_the_others():
    programme = ProgrammeFactory()
    published(programme, "2021-01-01", "2028-01-01", "2027-01-01")
    assert terms(programme) == [
        ("2021-01-01", "2027-01-01"), ("2027-01-01", "2028-01-01"), ("2028-01-01", None),
    ]  # fmt: skip


@pytest.mark.django_db
def test_an_edition_that_ends_earlier_by_itself_keeps_its_end():
    programme = ProgrammeFactory()
    published(programme, "2028-01-01")
    publish_edition(ready(draft_of(programme, "2021-01-01", own_end="2022-01-01")))
    assert terms(programme) == [("2021-01-01", "2022-01-01"), ("2028-01-01", None)]


@pytest.mark.django_db
@pytest.mark.parametrize("ends", [None, "2030-01-01", "2027-01-02"])
def test_the_database_refuses_two_editions_in_force_together(ends):
    programme = ProgrammeFactory()
    published(programme, "2021-01-01", "2027-01-01")
    first = Edition.objects.filter(programme=programme, effective_from="2021-01-01")
    with pytest.raises(IntegrityError), transaction.atomic():
        first.update(ends=ends)
    draft = EditionFactory(programme=programme, effective_from="2025-01-01", ends=ends)
    agree(draft, "publish", digest="d")
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=draft.pk).update(status="published", digest="d")


@pytest.mark.django_db
def test_should_two_be_in_force_together_the_programme_counts_once_by_the_newest():
    programme = ProgrammeFactory()
    published(programme, "2021-01-01", "2027-01-01")
    # As a database without its guards could leave it; the test's transaction takes this back.
    remove_triggers("catalogue")
    Edition.objects.filter(programme=programme, ends__isnull=False).update(ends="2030-01-01")
    assert Edition.objects.in_force(ON).count() == 2
    [edition] = Catalogue().editions_in_force(ON)
    assert edition.edition == "2027-01-01"


def test_the_check_finds_an_overlap():
    edition = {"id": "p", "name": "项目", "family": "类", "kind": "cash", "area": "140500",
               "criteria": [], "awards": []}  # fmt: skip
    contents = [
        edition | {"effective_from": "2021-01-01", "ends": "2027-01-02"},
        edition | {"effective_from": "2027-01-01", "ends": None},
    ]
    found = [
        problem for problem in check_catalogue(contents, {}, {}, ON) if "同时有效" in problem.fault
    ]
    assert [(each.edition, each.row) for each in found] == [("2021-01-01", "起止日期")]
    contents[0]["ends"] = "2027-01-01"
    assert not [each for each in check_catalogue(contents, {}, {}, ON) if "同时有效" in each.fault]


@pytest.mark.django_db(transaction=True)
@needs_connections
@pytest.mark.parametrize("days", [("2027-01-01", "2027-02-01"), ("2027-02-01", "2027-01-01")])
def test_two_editors_who_publish_at_once_leave_one_edition_in_force(days):
    for number in range(5):
        programme = ProgrammeFactory(id=f"p-{number}")
        published(programme, "2021-01-01")
        drafts = [ready(draft_of(programme, day)) for day in days]
        at_once([lambda draft=draft: publish_edition(draft) for draft in drafts])
        assert terms(programme) == [
            ("2021-01-01", "2027-01-01"), ("2027-01-01", "2027-02-01"), ("2027-02-01", None),
        ]  # fmt: skip
        assert len(Catalogue().editions_in_force(ON, [programme.pk], screened_only=False)) == 1


@pytest.mark.django_db(transaction=True)
@needs_connections
def test_two_editors_who_copy_at_once_get_a_draft_each():
    programme = ProgrammeFactory()
    published(programme, "2021-01-01")
    edition = Edition.objects.get(programme=programme)
    at_once([lambda: copy_to_draft(edition, ON)] * 3)
    days = Edition.objects.filter(status="draft").values_list("effective_from", flat=True)
    assert sorted(days) == [date(2027, 6, day) for day in (1, 2, 3)]
