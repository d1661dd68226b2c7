"""Which answer becomes which over New Year: every one is accounted for, and none is made up."""

from hypothesis import given
from hypothesis import strategies as st

from policies.rules.years import Said, carry, dated, years_ago
from tests.policies.packs import facts
from tests.policies.rules.test_properties import FIRMS, many

YEAR = 2026
GAPS = st.integers(1, 4)


@many
@given(FIRMS, GAPS)
def test_every_answer_is_in_exactly_one_part_with_its_value(answers, gap):
    carried = carry(answers, YEAR, YEAR + gap, facts())
    parts = [
        carried.lasting.items(),
        *(
            [(said.key, said.value) for said in part.values()]
            for part in (carried.moved, carried.passed, carried.gone)
        ),
    ]
    found = [item for part in parts for item in part]
    assert len(found) == len(answers)
    assert dict(found) == answers


@many
@given(FIRMS, GAPS)
def test_a_figure_keeps_the_calendar_year_that_it_was_said_of(answers, gap):
    carried = carry(answers, YEAR, YEAR + gap, facts())
    for key, said in carried.moved.items():
        assert dated(key, YEAR + gap) == dated(said.key, YEAR)
        assert said.year == YEAR - years_ago(said.key)
    for said in (*carried.passed.values(), *carried.gone.values()):
        assert said.year == dated(said.key, YEAR)[1]


@many
@given(FIRMS, GAPS)
def test_what_nobody_could_know_then_is_unknown_now_and_asked_anew(answers, gap):
    carried = carry(answers, YEAR, YEAR + gap, facts())
    known = carried.answers
    for key in known:
        year = dated(key, YEAR + gap)[1]
        assert year is None or year <= YEAR
    assert not carried.anew.keys() & known.keys()
    assert carried.anew.keys() <= facts().keys()
    # Beside what is asked stands the latest of what was said of it, and nothing else.
    for key, said in carried.anew.items():
        assert answers[said.key] == said.value
        assert dated(said.key, YEAR)[0] == dated(key, YEAR)[0]
        alike = [each for each in answers if dated(each, YEAR)[0] == dated(key, YEAR)[0]]
        assert said.year == max(dated(each, YEAR)[1] for each in alike)


@many
@given(FIRMS, GAPS, GAPS)
def test_two_steps_lead_where_one_does(answers, first, second):
    halfway = carry(answers, YEAR, YEAR + first, facts()).answers
    at_last = carry(halfway, YEAR + first, YEAR + first + second, facts()).answers
    assert at_last == carry(answers, YEAR, YEAR + first + second, facts()).answers


def test_within_its_year_nothing_moves_passes_or_is_asked_anew():
    answers = {"enterprise.employees": 85, "assets.total.y1": 900, "enterprise.county": "140521"}
    carried = carry(answers, YEAR, YEAR, facts())
    assert carried.answers == answers
    assert not (carried.passed or carried.gone or carried.anew)


def test_last_years_figures_stand_beside_the_questions_of_this_year():
    answers = {
        "enterprise.employees": 85,
        "assets.total.y1": 900,
        "assets.total.y2": 800,
        "revenue.main_business.y0": 2000,
        "enterprise.county": "140521",
    }
    carried = carry(answers, 2026, 2027, facts())
    assert carried.answers == {"enterprise.county": "140521", "assets.total.y2": 900}
    assert carried.anew == {
        "enterprise.employees": Said(2026, "enterprise.employees", 85),
        "assets.total.y1": Said(2025, "assets.total.y1", 900),
        "revenue.main_business.y0": Said(2026, "revenue.main_business.y0", 2000),
    }
    assert set(carried.gone) == {"assets.total.y2", "revenue.main_business.y0"}
