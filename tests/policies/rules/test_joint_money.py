"""Awards that are not simply added: joint caps, only the highest, places, and what is given back."""

from decimal import Decimal
from itertools import permutations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.rules.assessment import assess
from policies.rules.columns import MONEY, TOGETHER, ColumnReader
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.judgement import ELIGIBLE, judge
from policies.rules.read_edition import compile_edition, read_edition
from policies.rules.read_quantity import RuleError
from policies.rules.totals import choices, sums, totals
from tests.generated import TIMES, examples
from tests.policies.rules.test_quantities import FACTS, ON, firm

JOINT = {"group": "标准", "most": 150}


def content(programme="p", **parts):
    data = {"id": programme, "name": programme, "family": "测试", "kind": "cash", "area": "140500"}
    return {**data, "effective_from": "2021-01-01", **parts}


def award(amount, level="city", **more):
    return {"level": level, "amount": amount, **more}


def pays(*awards, **answers):
    """What a programme pays now, later and in all, alone and in a column."""
    edition = compile_edition(content(awards=list(awards)), FACTS)
    own = firm(**answers)
    results = ColumnReader([edition], ON).read_answers([own.answers]).arrays
    found = [money.pair for money in sums([judge(edition, own)])]
    for name, (low, high) in zip(("now", "later", "total"), found, strict=True):
        assert float(results[f"{name}_least"][0][0]) == float(low)
        assert float(results[f"{name}_most"][0][0]) == float("inf" if high is None else high)
    return found


# --- a joint cap ------------------------------------------------------------------------


@pytest.mark.parametrize(("machines", "people", "total"), [(1, 0, 100), (1, 1, 150), (2, 3, 150)])
def test_awards_with_a_joint_cap_pay_no_more_together(machines, people, total):
    international = award({"each": {"fact": "machines", "amount": 100}}, joint_cap=JOINT)
    national = award({"each": {"fact": "people", "amount": 50}}, joint_cap=JOINT)
    other = award(7)
    _, _, found = pays(international, national, other, machines=machines, people=people)
    assert found == [total + 7, total + 7]


def test_what_is_paid_now_leaves_less_of_a_joint_cap_for_later():
    now, later = award(100, joint_cap=JOINT), {
        "level": "city", "joint_cap": JOINT,
        "tranches": [{"title": "二期", "amount": {"range": [40, 80]}, "later": True}],
    }  # fmt: skip
    assert pays(now, later) == [[100, 100], [40, 50], [140, 150]]
    assert pays(now, later, award(60, joint_cap=JOINT)) == [[150, 150], [0, 0], [150, 150]]


def test_one_award_alone_is_held_by_the_joint_cap_too():
    assert pays(award(200, joint_cap=JOINT))[2] == [150, 150]


@pytest.mark.parametrize(
    ("awards", "message"),
    [
        ([award(1, joint_cap={"group": "标准"})], "awards[0].joint_cap：应写明 group"),
        ([award(1, joint_cap=JOINT), award(1, joint_cap={**JOINT, "most": 9})], "“标准”的合计最高应一致"),
        ([award(1, joint_cap=JOINT, same_money="C1")], "same_money、joint_cap 不能同时写"),
        ([award(1, claw_back={"years": 3})], "claw_back.when：应写明什么情形下收回"),
        ([award(1, claw_back={"when": "迁出", "share": 2})], "claw_back.share：应大于 0"),
        ([award(1, claw_back={"when": "迁出", "years": 0})], "claw_back.years：应为 1 至 100 的整数"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_shared_must_be_said_alike(awards, message):
    with pytest.raises(RuleError) as error:
        compile_edition(content(awards=awards), FACTS)
    assert message in str(error.value)


def across(*awards, **answers):
    """What levels that share a cap pay: each by itself, and all together as in `pays`."""
    edition = compile_edition(content(awards=list(awards)), FACTS)
    judgement = judge(edition, firm(**answers))
    assert judgement.payable.pair == pays(*awards, **answers)[2]
    [told] = assess([edition], firm(**answers).answers, ON, FACTS)["programmes"]
    assert told["together"]["total"] == judgement.payable.pair
    return {name: level.total.pair for name, level in judgement.levels.items()}


def test_levels_that_share_a_cap_pay_no_more_together_and_each_at_least_what_others_leave():
    city, county = award(100, joint_cap=JOINT), award(80, "county", joint_cap=JOINT)
    assert across(city, county) == {"city": [70, 100], "county": [50, 80]}
    assert pays(city, county) == [[150, 150], [0, 0], [150, 150]]
    # Where all of it fits, each pays what it says.
    assert across(award(60, joint_cap=JOINT), county) == {"city": [60, 60], "county": [80, 80]}
    # What is not held by the cap is paid beside it.
    assert across(city, county, award(7)) == {"city": [77, 107], "county": [50, 80]}


def test_a_cap_over_levels_holds_for_the_firms_own_county_only():
    city = award(100, joint_cap=JOINT)
    own, other = (award(paid, "county", payer=code, joint_cap=JOINT)
                  for paid, code in ((80, "140521"), (10, "140522")))  # fmt: skip
    edition = compile_edition(content(awards=[city, own, other]), COUNTIES)
    for answers, total in (({}, [100, 100]), ({"enterprise.county": "140521"}, [150, 150]),
                           ({"enterprise.county": "140522"}, [110, 110])):  # fmt: skip
        judgement = judge(edition, Firm(answers, ON))
        assert judgement.payable.pair == total
        arrays = ColumnReader([edition], ON).read_answers([answers]).arrays
        assert [arrays["total_least"][0][0], arrays["total_most"][0][0]] == total


COUNTIES = {**FACTS, "enterprise.county": Fact.from_data(
    {"key": "enterprise.county", "section": "测试", "label": "县", "type": "enum",
     "choices": {"140521": "沁水县", "140522": "阳城县"}}
)}  # fmt: skip


@st.composite
def awards_of_levels(draw):
    """Ranges, now or later, of several levels under one cap."""
    found = []
    for _ in range(draw(st.integers(2, 5))):
        low = draw(st.integers(0, 4))
        tranche = {
            "title": "奖补", "amount": {"range": [low, low + draw(st.integers(0, 3))]},
            "later": draw(st.booleans()),
        }  # fmt: skip
        found.append((draw(st.sampled_from(["province", "city", "county"])), tranche))
    return found, draw(st.integers(1, 12))


def possible(ranges):
    return [list(each) for each in product(*(range(low, high + 1) for low, high in ranges))]


@settings(max_examples=examples(80), deadline=None, derandomize=TIMES == 1)
@given(awards_of_levels())
def test_levels_under_one_cap_pay_what_every_way_to_share_it_may_come_to(drawn):
    """By hand: whatever each award is worth, what is now comes first, then what is later; within a
    time the levels give way in any order."""
    rows, most = drawn
    cap = {"group": "合计", "most": most}
    awards = [{"level": level, "tranches": [tranche], "joint_cap": cap} for level, tranche in rows]
    totals_found, by_level = set(), {level: set() for level, _ in rows}
    for worth in possible([tranche["amount"]["range"] for _, tranche in rows]):
        for order in permutations(by_level):
            left, paid = most, dict.fromkeys(by_level, 0)
            for later in (False, True):
                for level in order:
                    for (own, tranche), each in zip(rows, worth, strict=True):
                        if own == level and tranche["later"] == later:
                            taken = min(left, each)
                            left, paid[level] = left - taken, paid[level] + taken
            totals_found.add(sum(paid.values()))
            for level, each in paid.items():
                by_level[level].add(each)
    edition = compile_edition(content(awards=awards), FACTS)
    judgement = judge(edition, firm())
    assert judgement.payable.pair == [min(totals_found), max(totals_found)]
    assert pays(*awards)[2] == judgement.payable.pair
    for level, paid in by_level.items():
        low, high = judgement.levels[level].total.pair
        # Nothing that may be paid lies outside what is told.
        assert low <= min(paid) and high >= max(paid)


# --- only the highest -------------------------------------------------------------------


def programmes(**rows):
    """Programmes by name with what they pay and the groups of which only the highest counts."""
    return [
        compile_edition(content(name, awards=[award(amount, only_highest=groups)]), FACTS)
        for name, (amount, groups) in rows.items()
    ]


def judged(editions, **answers):
    return [judge(edition, firm(**answers)) for edition in editions]


def test_of_a_group_only_the_highest_programme_counts():
    found = totals(judged(programmes(a=(30, ["改造"]), b=(40, ["改造"]), c=(5, []))))
    assert found["all"] == [45, 45]
    assert found["only_highest"] == [
        {
            "groups": ["改造"],
            "counts": [{"programme": "b", "amount": [40, 40]}],
            "gives_way": [{"programme": "a", "amount": [30, 30]}],
            "is_sure": True,
        }
    ]


def test_two_that_each_exclude_a_third_count_where_they_pay_more_together():
    """b may not be had with a nor with c; a and c together are more."""
    rows = {"a": (30, ["x"]), "b": (50, ["x", "y"]), "c": (25, ["y"])}
    [choice] = choices(judged(programmes(**rows)))
    assert [option.programme for option in choice.counts] == ["a", "c"]
    assert choice.sums[2].pair == [55, 55]
    [choice] = choices(judged(programmes(**rows | {"b": (60, ["x", "y"])})))
    assert [option.programme for option in choice.counts] == ["b"]


def test_the_levels_of_one_programme_stand_and_fall_together():
    both = content(
        "a", awards=[award(30, only_highest=["x"]), award(20, "county", only_highest=["x"])]
    )
    editions = [compile_edition(both, FACTS), *programmes(b=(40, ["x"]))]
    assert totals(judged(editions))["all"] == [50, 50]


def test_where_it_is_open_which_pays_more_the_choice_is_not_sure():
    editions = programmes(
        a=({"share": {"fact": "loan", "rate": 0.1}}, ["x"]), b=({"cap": 40}, ["x"])
    )
    found = totals(judged(editions, loan=300))
    assert found["all"] == [30, 40]
    [choice] = found["only_highest"]
    assert [row["programme"] for row in choice["counts"]] == ["a"]
    assert not choice["is_sure"]


@st.composite
def tied_programmes(draw):
    amounts = st.tuples(st.integers(0, 5), st.integers(0, 3))
    rows = draw(
        st.lists(
            st.tuples(amounts, st.sets(st.sampled_from("xyz"), min_size=1)), min_size=1, max_size=6
        )
    )
    return [
        (f"p{place}", {"range": [low, low + more]}, sorted(groups))
        for place, ((low, more), groups) in enumerate(rows)
    ]  # fmt: skip


@st.composite
def programmes_of_all_kinds(draw):
    """Editions that exclude each other, are of the same money, share caps, or do not say."""
    when = st.sampled_from(
        [None, {"fact": "in_mountains", "is": True}, {"fact": "years", "at_least": 3}]
    )
    amounts = st.one_of(
        st.integers(0, 6), st.tuples(st.integers(0, 4), st.integers(0, 3)).map(
            lambda each: {"range": [each[0], sum(each)]}
        ), st.just({"at_least": 2}), st.just({"share": {"fact": "loan", "rate": 0.5}}),
    )  # fmt: skip
    editions = []
    for place in range(draw(st.integers(1, 5))):
        awards = []
        for _ in range(draw(st.integers(1, 3))):
            tied = draw(st.one_of(
                st.just({}),
                st.sets(st.sampled_from("xyz"), min_size=1).map(lambda each: {"only_highest": sorted(each)}),
                st.sampled_from(["C1", "C2"]).map(lambda code: {"same_money": code}),
                st.just({"joint_cap": {"group": "合计", "most": 5}}),
            ))  # fmt: skip
            tranche = {"title": "奖补", "amount": draw(amounts), "later": draw(st.booleans())}
            if (rule := draw(when)) and not tranche["later"]:
                tranche["now_when"] = rule
            level = draw(st.sampled_from(["city", "county"]))
            awards.append({"level": level, "tranches": [tranche], **tied})
        rule = draw(when)
        criteria = [{"code": "A", "kind": "gate", "rule": rule}] if rule else []
        editions.append(content(f"p{place}", awards=awards, criteria=criteria))
    return [compile_edition(each, FACTS) for each in editions]


ANSWERED = st.fixed_dictionaries(
    {},
    optional={
        "in_mountains": st.booleans(), "years": st.sampled_from([2, 3]),
        "loan": st.sampled_from([Decimal(0), Decimal(7), Decimal(12)]),
    },
)  # fmt: skip


@settings(max_examples=examples(80), deadline=None, derandomize=TIMES == 1,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(programmes_of_all_kinds(), st.lists(ANSWERED, min_size=1, max_size=4))
def test_columns_say_together_what_each_firm_is_told(editions, firms):
    """By all that a firm is eligible for: the same money once, and of a group the highest."""
    found = ColumnReader(editions, ON, [TOGETHER]).read_answers(firms).together
    for number, answers in enumerate(firms):
        judgements = [judge(edition, Firm(answers, ON)) for edition in editions]
        eligible = [each for each in judgements if each.verdict == ELIGIBLE]
        told = [end for money in sums(eligible) for end in money.pair]
        for name, end in zip(MONEY, told, strict=True):
            wanted = float("inf") if end is None else float(end)
            assert found[name][number] == pytest.approx(wanted), (name, answers)


@settings(max_examples=examples(60), deadline=None, derandomize=TIMES == 1)
@given(tied_programmes())
def test_no_allowed_combination_pays_more_than_what_is_chosen(rows):
    editions = programmes(**{name: (amount, groups) for name, amount, groups in rows})
    total = sums(judged(editions))[2]
    allowed = [
        [row for row, is_taken in zip(rows, taken, strict=True) if is_taken]
        for taken in product([False, True], repeat=len(rows))
    ]
    allowed = [
        each for each in allowed
        if all(sum(group in groups for _, _, groups in each) <= 1 for group in "xyz")
    ]  # fmt: skip
    for end in (0, 1):
        best = max(sum(amount["range"][end] for _, amount, _ in each) for each in allowed)
        assert total.pair[end] == best


# --- places, and what is given back -----------------------------------------------------


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({"most": 20, "ranked_by": "评分"}, "每年不超过 20 家，按评分择优：符合条件不等于入选。"),
        ({"most": 5, "period": "批"}, "每批不超过 5 家：符合条件不等于入选。"),
        ({"ranked_by": "投资额"}, "按投资额择优：符合条件不等于入选。"),
    ],
)
def test_places_are_told_and_change_no_verdict(places, words):
    [found] = assess([compile_edition(content(places=places), FACTS)], {}, ON, FACTS)["programmes"]
    assert found["verdict"] == "eligible"
    assert found["notices"] == [words]
    assert found["places"] == {"most": None, "period": "年", "ranked_by": ""} | places


@pytest.mark.parametrize("places", [{"most": 0}, {"period": "年"}, {"most": 2.5}])
def test_places_that_say_nothing_are_a_fault(places):
    assert "places" in read_edition(content(places=places), FACTS).fault


def test_what_is_given_back_stands_with_the_money():
    moves = {"when": "迁出", "years": 3, "share": Decimal(1)}
    edition = compile_edition(content(awards=[award(5, claw_back=moves), award(7)]), FACTS)
    [found] = assess([edition], {}, ON, FACTS)["programmes"]
    assert [row["claw_back"] for row in found["tranches"]] == [moves, None]
    assert judge(edition, Firm({}, ON)).payable.pair == [12, 12]
