"""A firm walks over the turn of the year: what was said stays said, what was due stays due."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.rules.assessment import assess, assess_edition
from policies.rules.derived import DERIVED
from policies.rules.firm import Firm
from policies.rules.limits import answers_to_try, limits_of
from policies.rules.witness import Witnesses
from policies.rules.years import carry_over, dated
from tests.policies.packs import editions, facts
from tests.policies.rules.test_properties import FIRMS, many

TURNS = [
    (date(2026, 12, 31), date(2027, 1, 1)),
    (date(2027, 1, 1), date(2027, 12, 31)),
    (date(2027, 2, 28), date(2028, 2, 29)),
    (date(2028, 2, 29), date(2029, 2, 28)),
    (date(2026, 11, 20), date(2027, 11, 20)),
]
DAYS = sorted({day for turn in TURNS for day in turn})


def edition_of(programme):
    return next(each for each in editions() if each.programme == programme)


def lasts(key):
    """Neither said of a year, nor a day or a year that is held against today."""
    fact = facts()[key]
    return dated(key, 2026)[1] is None and fact.type != "date" and fact.unit != "年"


def asked(key):
    return DERIVED[key].reads if key in DERIVED else (key,)


def test_what_is_asked_of_a_year_is_not_said_of_the_next():
    of_a_year = re.compile("今年|上年|前年|近两年|近三年|申报年度|本年")
    lasting = [
        fact.key
        for fact in facts().values()
        if of_a_year.search(fact.question) and dated(fact.key, 2026)[1] is None
    ]
    assert lasting == []


@many
@given(FIRMS, st.sampled_from(TURNS))
def test_what_turns_on_no_year_stays_as_it_was(answers, turn):
    before, after = turn
    carried = carry_over(answers, before.year, after.year, facts())
    for edition in editions():
        then = assess_edition(edition, Firm(answers, before))["criteria"]
        now = {
            entry["id"]: entry
            for entry in assess_edition(edition, Firm(carried, after))["criteria"]
        }
        reads = {}
        for criterion in edition.criteria:
            reads.setdefault(criterion.code, set()).update(criterion.reads)
        for entry in then:
            read = reads.get(entry["id"])
            if read is not None and all(lasts(key) for key in read):
                assert now[entry["id"]]["outcome"] == entry["outcome"], entry["id"]


@many
@given(FIRMS, st.sampled_from(TURNS))
def test_what_is_decided_next_year_rests_on_answers_that_still_hold(answers, turn):
    """No answer of a year that is over decides a condition of the year that began."""
    before, after = turn
    if before.year == after.year:
        return
    carried = carry_over(answers, before.year, after.year, facts())
    for key, value in carried.items():
        stem, year = dated(key, after.year)
        assert {
            answers.get(other) for other in facts() if dated(other, before.year) == (stem, year)
        } == {value}


# --- money ------------------------------------------------------------------------------------

UPGRADED = {
    "enterprise.county": "140521", "industry.section": "C", "stat.direct_reporting": True,
    "stat.first_time_above_scale": True, "stat.entry_path": "below_scale",
    "stat.first_upgrade_year": 2026, "revenue.main_business.y0": Decimal(2300),
}  # fmt: skip
LEVELS = {"province": (30, 5, 10), "city": (20, 10, 10), "county": (30, 10, 10)}


def upgrade(year, **more):
    """The award of a firm upgraded in 2026, on the last day of a year."""
    carried = carry_over(UPGRADED, 2026, year, facts())
    answers = {**carried, **{f"stat.{key}": value for key, value in more.items()}}
    return assess_edition(edition_of("jc-xsg"), Firm(answers, date(year, 12, 31)))


@pytest.mark.parametrize("level", LEVELS)
def test_who_takes_each_tranche_when_it_is_due_gets_the_printed_total(level):
    first, second, third = LEVELS[level]
    paid = []
    for year in range(2026, 2033):
        received = {} if year == 2026 else {"first_award_received": True}
        result = upgrade(year, never_left_library=True, **received)
        assert result["verdict"] == "eligible"
        now = result["awards"][level]["now"]
        assert now[0] == now[1]
        paid.append(now[0])
        left = sum(LEVELS[level]) - sum(paid)
        assert result["awards"][level]["later"] == [left, left]
    assert paid == [first, 0, 0, second, third, 0, 0]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("year", range(2027, 2033))
def test_a_first_tranche_that_nobody_said_was_paid_is_never_nothing(level, year):
    first = LEVELS[level][0]
    result = upgrade(year, never_left_library=True)
    now = result["awards"][level]["now"]
    assert now[1] - now[0] == first
    assert "stat.first_award_received" in result["missing_for_amount"]
    assert "C74" in result["flags"]


@pytest.mark.parametrize("year", range(2027, 2033))
def test_who_left_the_library_loses_the_later_tranches_only(year):
    result = upgrade(year, never_left_library=False, first_award_received=False)
    assert {row["title"] for row in result["tranches"]} == {"首次升规"}


def one_off():
    return [
        each
        for each in editions()
        if each.programme != "jc-xsg-field"  # paid with the first tranche above
        and any("一次性" in tranche.title for award in each.awards for tranche in award.tranches)
    ]


@pytest.mark.parametrize("edition", one_off(), ids=lambda each: each.programme)
def test_what_is_paid_once_is_not_sure_again_next_year(edition):
    day = date(2026, 12, 31)
    tried = answers_to_try(limits_of(*edition.trees), facts(), day)

    def eligible(firm):
        from policies.rules.readings import MET, NOT_MET, unknown

        result = assess_edition(edition, firm)
        if result["verdict"] == "unknown":
            return unknown(result["missing"])
        return MET if result["verdict"] == "eligible" else NOT_MET

    answers = Witnesses(tried, day).find(eligible)
    assert answers is not None
    carried = carry_over(answers, 2026, 2027, facts())
    assert assess_edition(edition, Firm(carried, date(2027, 1, 1)))["verdict"] != "eligible"


@many
@given(FIRMS, st.sampled_from(DAYS))
def test_sums_headlines_and_lists_agree_on_any_day(answers, day):
    document = assess(editions(), answers, day, facts())
    eligible = [each for each in document["programmes"] if each["verdict"] == "eligible"]
    shared = {
        each.programme for each in editions() if any(award.same_money for award in each.awards)
    }
    sums = {"now": [Decimal(0)] * 2, "later": [Decimal(0)] * 2, "total": [Decimal(0)] * 2}
    for result in eligible:
        for level, fields in result["awards"].items():
            rows = [row for row in result["tranches"] if row["level"] == level]
            for row in rows:
                assert row["year"] is None or row["year"] >= day.year
                assert (row["when"] == "now") <= (row["year"] == day.year)
                assert (row["when"] == "later") <= (row["year"] != day.year)
            if fields["status"] != "published":
                continue
            if not fields.get("undecided") and all(row["when"] != "undecided" for row in rows):
                for when in ("now", "later"):
                    listed = [row["amount"] for row in rows if row["when"] == when]
                    if rows:
                        assert fields[when] == added(listed), (result["programme"], level)
            if result["programme"] not in shared:
                for name, pair in sums.items():
                    sums[name] = added([pair, fields[name]])
    if not shared & {each["programme"] for each in eligible}:
        totals = document["totals"]
        assert [totals["now"], totals["later"], totals["all"]] == list(sums.values())


def added(pairs):
    low, high = Decimal(0), Decimal(0)
    for pair in pairs:
        low += pair[0]
        high = None if high is None or pair[1] is None else high + pair[1]
    return [low, high]
