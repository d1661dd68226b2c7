"""What must hold for any answers, on the real catalogue."""

from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policies.rules.answers import contradictions
from policies.rules.assessment import assess, assess_edition
from policies.rules.firm import Firm
from tests.generated import TIMES, examples
from tests.policies.packs import editions, facts

ON = date(2026, 11, 20)
YEARS = [2021, 2022, 2023, 2024, 2025, 2026]
AMOUNTS = [
    Decimal(n) for n in ("0", "15", "99.99", "100", "300", "500", "1999.99", "2000", "45000")
]
DAYS = [date(2020, 1, 1), date(2024, 11, 20), date(2025, 11, 21), date(2026, 5, 20)]


def values_of(fact):
    if fact.type == "bool":
        return st.booleans()
    if fact.type == "enum":
        return st.sampled_from(sorted(fact.choices))
    if fact.type == "enum_set":
        return st.frozensets(st.sampled_from(sorted(fact.choices)))
    if fact.type == "date":
        return st.sampled_from(DAYS)
    if fact.type == "money_list":
        return st.lists(st.sampled_from(AMOUNTS), max_size=2).map(tuple)
    if fact.type == "ratio":
        return st.sampled_from([Decimal("0"), Decimal("0.59"), Decimal("0.6"), Decimal("1")])
    if fact.type == "int":
        return st.sampled_from(YEARS if fact.unit == "年" else [0, 1, 3, 8, 12, 20, 25, 60, 300])
    return st.sampled_from(AMOUNTS)


def jincheng(answers):
    """Two of three firms sit where the programmes apply, so that deeper rules are reached."""
    return {"enterprise.county": "140522", "industry.section": "C"} | answers


def yuncheng(answers):
    return {"enterprise.county": "140802", "industry.section": "I"} | answers


FIRMS = (
    st.fixed_dictionaries({}, optional={key: values_of(fact) for key, fact in facts().items()})
    .flatmap(lambda answers: st.sampled_from([answers, jincheng(answers), yuncheng(answers)]))
    .filter(lambda answers: not contradictions(answers, ON))
)
many = settings(
    max_examples=examples(60),
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


SHARE_REFORM = next(each for each in editions() if each.programme == "jc-share")
# An ITSS grade counts as the first one paid until an answer says otherwise.
PRESUMING = {"yun-itss": "eligible"}


def less(answers, kept):
    return {key: value for position, (key, value) in enumerate(answers.items()) if kept[position]}


@st.composite
def firms_and_parts(draw):
    answers = draw(FIRMS)
    kept = draw(st.lists(st.booleans(), min_size=len(answers), max_size=len(answers)))
    return answers, less(answers, kept)


@many
@given(firms_and_parts())
def test_more_answers_never_change_a_decided_verdict(firm_and_part):
    whole, part = firm_and_part
    for edition in editions():
        before = assess_edition(edition, Firm(part, ON))["verdict"]
        after = assess_edition(edition, Firm(whole, ON))["verdict"]
        if before != PRESUMING.get(edition.programme):
            assert before in ("unknown", after), edition.programme


@many
@given(firms_and_parts())
def test_more_answers_never_widen_what_a_level_pays(firm_and_part):
    """What is later is left out: a condition that turns false takes it away."""
    whole, part = firm_and_part
    for edition in editions():
        before = assess_edition(edition, Firm(part, ON))["awards"]
        after = assess_edition(edition, Firm(whole, ON))["awards"]
        for level in before.keys() & after.keys():
            if "now" not in before[level] or "now" not in after[level]:
                continue
            names = ["now"]
            if before[level]["later"] == after[level]["later"] == [0, 0]:
                names.append("total")
            for name in names:
                (low, high), (new_low, new_high) = before[level][name], after[level][name]
                assert new_low >= low, (edition.programme, level)
                assert high is None or (new_high is not None and new_high <= high)


@many
@given(FIRMS)
def test_intervals_are_ordered_and_near_misses_hold(answers):
    document = assess(editions(), answers, ON, facts())
    for edition, result in zip(editions(), document["programmes"], strict=True):
        for fields in result["awards"].values():
            for name in ("now", "later", "total"):
                if name in fields:
                    low, high = fields[name]
                    assert high is None or low <= high
        if result["near_miss"]:
            changed = {change["fact"]: change["to"] for change in result["near_miss"]["changes"]}
            after = assess_edition(edition, Firm({**answers, **changed}, ON))
            assert after["verdict"] in ("eligible", "unknown")
            assert after["missing"] == result["near_miss"]["still_missing"]


@many
@given(FIRMS, st.sampled_from(editions()))
@example({"industry.real_estate_kind": "agency"}, SHARE_REFORM)
@example({"industry.real_estate_kind": "leasing"}, SHARE_REFORM)
def test_every_missing_fact_can_help_to_settle_a_criterion(answers, edition):
    """Some answer does, given together with answers to what else the criterion lacks."""
    result = assess_edition(edition, Firm(answers, ON))
    for key in result["missing"]:
        asking = [entry for entry in result["criteria"] if key in entry["missing"]]
        assert any(_settles(edition, answers, entry) for entry in asking), key


def _settles(edition, answers, asking):
    """Whether some of many answers to all that a criterion lacks decide it."""
    random = Random(0)
    for _ in range(150):
        completed = dict(answers)
        for key in asking["missing"]:
            completed[key] = _fitting(key, completed, random)
        if contradictions(completed, ON):
            continue
        result = assess_edition(edition, Firm(completed, ON))
        entries = {entry["id"]: entry for entry in result["criteria"]}
        # Of a programme of elsewhere no other criteria are told.
        if asking["id"] in entries and entries[asking["id"]]["outcome"] != "unknown":
            return True
    return False


def _fitting(key, answers, random):
    """An answer that does not contradict those before it: of a hundred divisions few fit a section."""
    every = _every(facts()[key])
    tried = random.choice(every)
    if not contradictions({**answers, key: tried}, ON):
        return tried
    fitting = [value for value in every if not contradictions({**answers, key: value}, ON)]
    return random.choice(fitting or every)


def _every(fact):
    if fact.type == "bool":
        return [True, False]
    if fact.type == "enum":
        return list(fact.choices)
    if fact.type == "enum_set":
        return [frozenset(), frozenset(fact.choices)]
    if fact.type == "date":
        return [*DAYS, date(2040, 1, 1)]
    if fact.type == "money_list":
        return [(), (Decimal(1),)]
    return {"ratio": [0, 1], "int": [0, 3, 1000, *YEARS]}.get(fact.type, AMOUNTS)


def test_an_empty_answer_is_never_eligible_for_money():
    document = assess(editions(), {}, ON, facts())
    assert {result["verdict"] for result in document["programmes"]} == {"unknown"}
    assert document["totals"]["all"] == [0, 0]
