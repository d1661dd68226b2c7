"""What comes near: told only where reaching, or passing, it makes the difference."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from policies.rules.edition import ELIGIBLE, NOT_ELIGIBLE
from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.near_limits import NEAR, Turn, near_limits, next_turn
from tests.policies.packs import editions
from tests.policies.packs import facts as catalogue_facts
from tests.policies.rules.test_properties import FIRMS, ON, many

EDITIONS = st.sampled_from(editions())
XSG = next(each for each in editions() if each.programme == "jc-xsg")
FITTING = {
    "enterprise.county": "140521",
    "industry.section": "C",
    "stat.direct_reporting": True,
    "stat.first_time_above_scale": True,
    "stat.entry_path": "below_scale",
    "stat.first_upgrade_year": 2026,
}


def near(revenue):
    firm = Firm(FITTING | {"revenue.main_business.y0": revenue}, ON)
    return near_limits(judge(XSG, firm), firm, catalogue_facts())


@many
@given(FIRMS, EDITIONS)
def test_what_is_told_is_within_a_tenth_and_turns_the_verdict(answers, edition):
    firm = Firm(answers, ON)
    judgement = judge(edition, firm)
    for found in near_limits(judgement, firm, catalogue_facts()):
        assert found.value == answers[found.fact]
        assert abs(found.limit - found.value) <= abs(found.limit) * NEAR
        at_limit = judge(edition, Firm({**answers, found.fact: found.limit}, ON))
        if found.gains:
            assert judgement.verdict == NOT_ELIGIBLE != at_limit.verdict
        else:
            assert judgement.verdict == ELIGIBLE


@many
@given(FIRMS, EDITIONS)
def test_a_turn_is_a_day_that_differs_from_the_day_before(answers, edition):
    firm = Firm(answers, ON)
    turn = next_turn(edition, firm, catalogue_facts())
    if turn is None or turn.day.year > ON.year:
        return
    verdicts = [
        judge(edition, Firm(answers, day)).verdict
        for day in (turn.day - timedelta(days=1), turn.day)
    ]
    assert verdicts[0] != verdicts[1]
    assert verdicts[1] == (ELIGIBLE if turn.gains else NOT_ELIGIBLE)


def test_nine_tenths_are_near_and_less_or_nothing_is_not():
    [found] = near(Decimal(1800))
    assert (found.value, found.limit, found.gains) == (1800, 2000, True)
    assert found.unlocks == [135, 135]
    assert near(Decimal("1799.99")) == near(Decimal(2000)) == []
    unknown = Firm(FITTING, ON)
    assert near_limits(judge(XSG, unknown), unknown, catalogue_facts()) == []


COUNTY = {"enterprise.county": "140521"}


def gate(code, **rule):
    return {"code": code, "kind": "gate", "text": code, "rule": rule, "sources": []}


def test_what_ends_with_the_year_is_told_from_october_on(edition, facts):
    ending = edition([gate("T.1", fact="stat.first_upgrade_year", is_year=0)])
    answers = COUNTY | {"stat.first_upgrade_year": 2026}
    [early, late] = [
        next_turn(ending, Firm(answers, day), facts)
        for day in (date(2026, 10, 2), date(2026, 10, 3))
    ]
    assert early is None
    assert late == Turn(date(2027, 1, 1), gains=False)
    # What would begin next year hangs on answers that nobody has given.
    assert next_turn(ending, Firm(COUNTY | {"stat.first_upgrade_year": 2025}, ON), facts) is None
    assert next_turn(ending, Firm(COUNTY, ON), facts) is None


def test_a_ceiling_is_near_from_nine_tenths_on_and_only_where_passing_it_ends_something(
    edition, facts
):
    def near(rule, revenue):
        found = edition([{**gate("T.1"), "rule": rule}])
        firm = Firm(COUNTY | {"revenue": Decimal(revenue), "library": True}, ON)
        return [(each.value, each.gains) for each in near_limits(judge(found, firm), firm, facts)]

    ceiling = {"fact": "revenue", "at_most": 300}
    assert near(ceiling, 269) == near(ceiling, 400) == []
    assert near(ceiling, 270) == [(270, False)]
    assert near(ceiling, 300) == [(300, False)]
    assert near(ceiling, 301) == [(301, True)]
    # Another branch makes up for it.
    either = {"any": [ceiling, {"fact": "library", "is": True}]}
    assert near(either, 290) == []
