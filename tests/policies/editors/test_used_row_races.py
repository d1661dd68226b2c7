"""A row of the catalogue is deleted while another transaction uses it first, on PostgreSQL.

One of the two waits for the other and is refused; nothing names what is not there.
"""

import pytest
from django.db import IntegrityError, connection

from applications.cases.models import ApplicationDraft
from applications.enterprises.models import ProfileAnswer
from policies.catalogue.models import Conflict, Fact, Programme
from portal.models import Jurisdiction
from tests.factories import (
    ApplicationFactory,
    AwardFactory,
    CriterionFactory,
    DraftFactory,
    EditionFactory,
    EnterpriseFactory,
    FactFactory,
    JurisdictionFactory,
    ProfileAnswerFactory,
    ProgrammeFactory,
    TrancheFactory,
)
from tests.in_turn import one_after_the_other

KEY = "test.first_use"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def fact():
    return FactFactory(key=KEY, type="enum", choices={"a": "甲", "b": "乙"})


def delete_fact():
    Fact.objects.filter(pk=KEY).delete()


def narrow_fact():
    Fact.objects.filter(pk=KEY).update(choices={"b": "乙"})


def in_a_criterion():
    edition = EditionFactory(status="draft")
    return lambda: CriterionFactory(edition=edition, rule={"fact": KEY, "is": "a"})


def in_a_condition():
    row = CriterionFactory(edition=EditionFactory(status="draft"))

    def change():
        row.when = {"fact": KEY, "is": "a"}
        row.save()

    return change


def in_a_tranche():
    award = AwardFactory(edition=EditionFactory(status="draft"))
    return lambda: TrancheFactory(award=award, now_when={"fact": KEY, "is": "a"})


def as_a_tier():
    row = ProgrammeFactory()
    own = Programme.objects.filter(pk=row.pk)
    return lambda: own.update(tier_fact=KEY, tier_code="a")


def in_a_profile():
    firm = EnterpriseFactory()
    return lambda: ProfileAnswerFactory(enterprise=firm, fact_key=KEY, value="a")


def in_a_case():
    edition, firm = EditionFactory(), EnterpriseFactory()
    return lambda: ApplicationFactory(edition=edition, enterprise=firm, answers={KEY: "a"})


def in_a_draft():
    row = DraftFactory()
    own = ApplicationDraft.objects.filter(pk=row.pk)
    return lambda: own.update(answers={KEY: "a"})


USES = (
    in_a_criterion, in_a_condition, in_a_tranche, as_a_tier, in_a_profile, in_a_case, in_a_draft,
)  # fmt: skip


@pytest.mark.parametrize("change", [delete_fact, narrow_fact])
@pytest.mark.parametrize("use", USES)
def test_a_fact_whose_first_use_is_under_way_is_neither_deleted_nor_narrowed(use, change):
    fact()
    assert one_after_the_other(use(), change, IntegrityError) == ["done", "refused"]
    assert Fact.objects.get(pk=KEY).choices == {"a": "甲", "b": "乙"}


@pytest.mark.parametrize("use", USES)
def test_a_fact_whose_deletion_is_under_way_is_not_used(use):
    fact()
    assert one_after_the_other(delete_fact, use(), IntegrityError) == ["done", "refused"]
    assert not ProfileAnswer.objects.exists()


def test_a_conflict_is_not_deleted_while_a_criterion_comes_to_name_it():
    Conflict.objects.create(code="C99", text="口径不一")
    edition = EditionFactory(status="draft")

    def use():
        CriterionFactory(edition=edition, reason="C99")

    def delete():
        Conflict.objects.filter(pk="C99").delete()

    assert one_after_the_other(use, delete, IntegrityError) == ["done", "refused"]


def test_an_area_is_not_deleted_while_a_criterion_comes_to_name_it():
    JurisdictionFactory()
    JurisdictionFactory(code="140599", name="新县", level="county", parent_id="140500")
    edition = EditionFactory(status="draft")

    def use():
        CriterionFactory(edition=edition, rule={"fact": "enterprise.county", "is": "140599"})

    def delete():
        Jurisdiction.objects.filter(pk="140599").delete()

    assert one_after_the_other(use, delete, IntegrityError) == ["done", "refused"]
