"""Tiers: which titles stand above one another, and where a firm stands."""

from types import SimpleNamespace

import pytest

from policies.rules.tiers import ladders, standing
from tests.policies.packs import editions


def rung(code, area="140500", fact="titles"):
    return SimpleNamespace(area=area, tier=(fact, code) if code else None)


LOW, MIDDLE, HIGH = rung("low"), rung("middle"), rung("high")


def test_titles_of_one_fact_and_place_are_a_ladder_in_their_order():
    elsewhere = rung("low", area="140800")
    other = rung("city", fact="base.titles")
    assert ladders([LOW, other, elsewhere, rung(None), HIGH]) == {("140500", "titles"): [LOW, HIGH]}


@pytest.mark.parametrize(
    ("titles", "held", "following"),
    [
        ((), [], "low"),
        (("low",), ["low"], "middle"),
        (("middle",), ["middle"], "high"),
        (("low", "high"), ["low", "high"], None),
    ],
)
def test_the_next_rung_is_above_the_highest_title_held(titles, held, following):
    rungs = standing([LOW, MIDDLE, HIGH], {"titles": titles})
    assert [rung.code for rung in rungs if rung.held] == held
    assert next((rung.code for rung in rungs if rung.is_next), None) == following


def test_where_titles_are_not_known_nothing_is_held_and_nothing_next():
    rungs = standing([LOW, HIGH], {})
    assert [(rung.held, rung.is_next) for rung in rungs] == [(None, False), (None, False)]


def test_the_catalogue_has_the_ladders_of_firms_and_bases():
    codes = {
        key: [edition.programme for edition in rungs] for key, rungs in ladders(editions()).items()
    }
    assert list(codes.values()) == [
        ["jc-base-city", "jc-base-prov", "jc-base-prov-demo", "jc-base-nat-demo"],
        ["jc-zjtx-city", "jc-zjtx-prov", "jc-zjtx-giant-prov", "jc-zjtx-giant-nat"],
    ]
