"""What a kept self-check says on a later day."""

import pytest
from django.utils import timezone

from policies.catalogue import current as catalogue
from policies.self_check.self_checks import known_answers, recompute_on
from tests.factories import SelfCheckFactory
from tests.policies.packs import load_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def packs(db):
    load_catalogue()


def test_what_the_facts_no_longer_understand_is_unknown_again():
    check = SelfCheckFactory(
        answers={
            "enterprise.county": "140521",
            "a.fact.that.was.dropped": 1,
            "industry.section": "no such code",
            "enterprise.employees": 85,
        }
    )
    known = known_answers(check, catalogue.facts(), check.on)
    assert known == {"enterprise.county": "140521", "enterprise.employees": 85}


def test_of_answers_that_contradict_each_other_one_is_unknown_again():
    check = SelfCheckFactory(answers={"enterprise.county": "140521", "enterprise.city": "140800"})
    known = known_answers(check, catalogue.facts(), check.on)
    assert known == {"enterprise.county": "140521"}


def test_recomputing_in_a_new_year_asks_again_what_was_said_of_the_old_one(time_machine):
    time_machine.move_to("2026-12-30 12:00+08:00")
    check = SelfCheckFactory(unclear=["stat.not_withdrawn"])
    time_machine.move_to("2027-01-05 12:00+08:00")
    copy = recompute_on(check, catalogue.facts(), timezone.now())
    assert copy.on.year == 2027
    assert "revenue.main_business.y0" not in copy.answers
    assert copy.answers["stat.first_upgrade_year"] == 2026
    assert copy.unclear == []
    check.refresh_from_db()
    assert "revenue.main_business.y0" in check.answers
