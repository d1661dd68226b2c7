"""Awards on the same money are both shown, and count once in the totals."""

from policies.rules.assessment import assess


def award(amount, **more):
    return {"level": "city", "amount": amount, **more}


def totals(edition, facts, on, *awards):
    editions = [edition(awards=[row]) for row in awards]
    document = assess(editions, {}, on, facts)
    assert all(result["awards"]["city"]["now"] for result in document["programmes"])
    return document["totals"]


def test_the_larger_counts(edition, facts, on):
    found = totals(
        edition, facts, on, award(10, same_money="C1"), award(25, same_money="C1"), award(3)
    )
    assert found["now"] == found["all"] == [28, 28]


def test_other_money_is_added(edition, facts, on):
    found = totals(edition, facts, on, award(10, same_money="C1"), award(25, same_money="C2"))
    assert found["now"] == [35, 35]


def test_ranges_are_bounded_by_the_larger_of_each_end(edition, facts, on):
    rows = [
        award({"range": [10, 30]}, same_money="C1"),
        award({"range": [15, 20]}, same_money="C1"),
    ]
    assert totals(edition, facts, on, *rows)["now"] == [15, 30]
    rows.append(award({"at_least": 5}, same_money="C1"))
    assert totals(edition, facts, on, *rows)["now"] == [15, None]


def test_within_a_programme_too(edition, facts, on):
    both = edition(
        awards=[award(10, same_money="C1"), award(25, same_money="C1"), award(3)],
    )
    assert assess([both], {}, on, facts)["totals"]["now"] == [28, 28]
