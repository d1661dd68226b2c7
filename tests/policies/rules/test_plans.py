"""Plans name years that can be: what takes years, and what comes too late."""

from datetime import date

import pytest

from policies.rules.answers import parse_answers
from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.near_miss import near_miss
from policies.rules.plans import earliest_year
from tests.policies.packs import editions, facts

ON = date(2026, 11, 20)
HTE = {"enterprise.county": "140802", "recognition.new_this_year": ["hte"]}
PARK = {
    "enterprise.county": "140524", "enterprise.subject_type": "company",
    "enterprise.ownership": "private", "project.kind": "industrial", "project.city": "140500",
    "project.in_park": False, "project.plan_145": True, "project.total_investment": 3000,
    "project.under_construction.y1": True, "project.prep_done": True,
    "project.received_city_funds": False, "credit.adverse_lists": [],
}  # fmt: skip
INTERN = {
    "enterprise.county": "140802", "industry.section": "I", "enterprise.employees": 5,
    "revenue.operating.y1": 40, "hr.trainees": 1, "hr.trainee_age": 20,
}  # fmt: skip


def plan(programme, answers, on=ON):
    edition = next(each for each in editions() if each.programme == programme)
    parsed = parse_answers(answers, facts(), on)
    firm = Firm(parsed, on)
    found = near_miss(judge(edition, firm), firm, facts())
    return earliest_year(edition, found, parsed, on, facts())


@pytest.mark.parametrize(
    ("answers", "year"),
    [
        # Three certificates, the first of them this year at the earliest: six years and more.
        ({**HTE, "recognition.new_this_year": [], "hte.consecutive_count": 0}, 2032),
        # The first one was taken this year: the third comes six years later.
        ({**HTE, "hte.consecutive_count": 1}, 2032),
        # An older one may be renewed this year.
        ({**HTE, "recognition.new_this_year": [], "hte.consecutive_count": 1}, 2029),
        ({**HTE, "hte.consecutive_count": 2}, 2029),
    ],
)
def test_certificates_take_their_terms(answers, year):
    assert plan("yun-hte-3", answers) == year


@pytest.mark.parametrize(("passes", "year"), [(0, 2028), (1, 2027), (2, 2026)])
def test_evaluations_come_once_a_year(passes, year):
    answers = {"enterprise.county": "140802", "tech_sme.consecutive_passes": passes}
    assert plan("yun-tsme-3", answers) == year


def test_months_pass_one_by_one():
    answers = {**INTERN, "hr.trainee_months": 1}
    assert plan("yun-intern", answers, date(2026, 10, 31)) == 2026
    assert plan("yun-intern", answers, date(2026, 11, 1)) == 2027


def test_what_is_done_now_shows_next_year_in_what_is_said_of_the_last_one():
    answers = {**PARK, "project.progress.y1": 0.55, "project.filing_year": 2024}
    assert plan("jc-proj-out", answers) == 2027


def test_a_plan_that_comes_too_late_for_the_other_conditions_is_none():
    """Filed three years ago, it is too old next year."""
    answers = {**PARK, "project.progress.y1": 0.55, "project.filing_year": 2023}
    assert plan("jc-proj-out", answers) is None


def test_what_can_be_done_at_once_is_planned_for_this_year():
    answers = {**PARK, "project.progress.y1": 0.6, "project.filing_year": 2023}
    answers["project.total_investment"] = 2900
    assert plan("jc-proj-out", answers) == 2026
