"""Every process sees a change of the catalogue, whoever makes it and whatever their clock says."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Call, Conflict, CountyLastDay, Fact, Formula, Synonym
from policies.catalogue.screening import set_screened
from policies.catalogue.stamps import TABLES, read_stamps
from portal.models import Jurisdiction
from tests.factories import (
    ContactFactory,
    CriterionFactory,
    DocumentFactory,
    EditionFactory,
    EnterpriseFactory,
    FactFactory,
    JurisdictionFactory,
    UserFactory,
    opened_call,
    ready,
)
from tests.two_editors import publish_edition, withdraw_edition

pytestmark = pytest.mark.django_db


def label(key):
    return Catalogue().facts[key].label


def test_a_change_by_a_clock_one_hour_behind_is_seen():
    first, _ = FactFactory(label="营业收入"), FactFactory(key="staff.total")
    assert label(first.key) == "营业收入"
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        first.label = "主营业务收入"
        first.save()
    assert label(first.key) == "主营业务收入"


def test_a_row_that_replaces_another_by_such_a_clock_is_seen():
    first, _ = FactFactory(), FactFactory(key="staff.total")
    assert first.key in Catalogue().facts
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        Fact.objects.filter(pk=first.pk).delete()
        second = FactFactory(key="assets.total")
    known = Catalogue().facts
    assert second.key in known
    assert first.key not in known


def test_a_change_by_raw_sql_is_seen():
    place = JurisdictionFactory()
    assert place.pk in Catalogue().areas
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Jurisdiction._meta.db_table} SET name = '改了名的县'")
    assert Catalogue().areas[place.pk].name == "改了名的县"


def test_what_was_read_of_a_change_that_is_taken_back_is_forgotten():
    """The next change must not look like the one that was taken back."""
    fact = FactFactory(label="营业收入")
    for text in ("不算数", "从业人员"):
        with transaction.atomic():
            fact.label = text
            fact.save()
            assert label(fact.key) == text
            transaction.set_rollback(text == "不算数")
    assert label(fact.key) == "从业人员"


def _touch(model):
    if model is CountyLastDay:  # whose rows never change
        CountyLastDay.objects.create(
            call=Call.objects.get(), county_id="140521", reason="县里要先初审",
            last_day=timezone.localdate(), at=timezone.now(), actor=UserFactory(),
        )  # fmt: skip
        return
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column}")


def test_each_table_that_is_kept_has_its_stamp():
    FactFactory()
    DocumentFactory()
    opened_call()
    EnterpriseFactory()
    EditionFactory().programme.conflicts.add(
        Conflict.objects.create(code="C01", text="以文件为准。")
    )
    programme = EditionFactory().programme
    ContactFactory(programme=programme)
    Synonym.objects.create(word="高企", means=["高新技术企业"])
    Formula.objects.create(
        key="firm.twice",
        effective_from=TODAY,
        label="两倍",
        quantity={"product": [2, "revenue.main_business.y0"]},
    )
    for name, models in TABLES.items():
        for model in models:
            before = read_stamps()
            _touch(model)
            after = read_stamps()
            assert {key for key in after if after[key] != before.get(key)} == {name}


def test_nothing_is_read_again_that_has_not_changed(django_assert_num_queries):
    FactFactory()
    kept = Catalogue().facts
    with django_assert_num_queries(1):
        assert Catalogue().facts is kept


TODAY = date(2026, 6, 1)


def in_force(on=TODAY):
    return [each.programme for each in Catalogue().editions_in_force(on)]


@pytest.fixture
def edition():
    criterion = CriterionFactory(edition__effective_from=TODAY, kind="manual", rule=None)
    publish_edition(ready(criterion.edition))
    return criterion.edition


def test_what_is_in_force_is_asked_for_once(edition, django_assert_num_queries):
    programme = edition.programme_id
    assert in_force() == [programme]
    with django_assert_num_queries(3):  # the stamps, each time
        assert in_force() == [programme]
        assert Catalogue().editions_in_force(TODAY, [programme])
        assert not Catalogue().editions_in_force(TODAY, ["another"])
    assert in_force(TODAY - timedelta(days=1)) == []


def test_what_is_published_or_withdrawn_or_not_screened_is_seen_at_once(edition):
    programme = edition.programme
    assert in_force() == [programme.pk]
    with transaction.atomic():
        withdraw_edition(edition, reason="文件撤回", now=timezone.now())
        assert in_force() == []
        transaction.set_rollback(True)
    assert in_force() == [programme.pk]
    set_screened(programme, is_screened=False, reason="只作介绍", now=timezone.now())
    assert in_force() == []
    assert Catalogue().editions_in_force(TODAY, screened_only=False)
    withdraw_edition(edition, reason="文件撤回", now=timezone.now())
    assert not Catalogue().editions_in_force(TODAY, screened_only=False)
