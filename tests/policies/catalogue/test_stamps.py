"""Every process sees a change of the catalogue, whoever makes it and whatever their clock says."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Conflict, Fact
from policies.catalogue.stamps import TABLES, read_stamps
from portal.models import Jurisdiction
from tests.factories import (
    DocumentFactory,
    FactFactory,
    JurisdictionFactory,
    ProgrammeFactory,
)

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


def test_each_table_that_is_kept_has_its_stamp():
    FactFactory()
    DocumentFactory()
    ProgrammeFactory().conflicts.add(Conflict.objects.create(code="C01", text="以文件为准。"))
    for name, models in TABLES.items():
        for model in models:
            before = read_stamps()
            table, column = model._meta.db_table, model._meta.pk.column
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET {column} = {column}")
            after = read_stamps()
            assert {key for key in after if after[key] != before.get(key)} == {name}


def test_nothing_is_read_again_that_has_not_changed(django_assert_num_queries):
    FactFactory()
    kept = Catalogue().facts
    with django_assert_num_queries(1):
        assert Catalogue().facts is kept
