"""Pictures of money: every bar is what the rules pay, all on one scale, and nothing beyond its end."""

from datetime import date
from decimal import Decimal

from policies.presentation.money_picture import (
    Bar,
    by_year,
    drawn,
    firm_of,
    level_text,
    shares_of,
)
from policies.rules.tranches import tranche_rows
from tests.policies.packs import editions

ON = date(2026, 11, 28)
COUNTIES = ("140521", "140522", "140525", "140802")


def levels():
    for edition in editions():
        for county in COUNTIES:
            firm = firm_of(edition, county, ON)
            for level in edition.levels.values():
                yield firm, level.pay(firm)


def test_every_bar_is_as_long_as_what_the_level_pays():
    for _, paid in levels():
        shares, is_open = shares_of([paid])
        length = Bar("", "", shares).length
        if not paid.counts:
            assert (shares, is_open) == ((), False)
        elif paid.total.high is None:
            assert (length, is_open) == (paid.total.low, True)
        else:
            assert (length, is_open) == (paid.total.high, False)
            assert dict(shares).get("now", 0) == paid.now.low


def test_no_level_is_said_to_pay_nothing():
    for _, paid in levels():
        assert not level_text(paid).startswith("0 ")


def test_bars_share_a_scale_and_an_open_one_has_room_at_its_end():
    ten, open_five = (("now", Decimal(10)),), (("now", Decimal(5)),)
    rows = drawn([Bar("", "", ten), Bar("", "", open_five, is_open=True)])
    widths = [[Decimal(part.width.rstrip("%")) for part in row["parts"]] for row in rows]
    assert abs(widths[0][0] - 2 * widths[1][0]) < Decimal("0.02")
    assert widths[0][0] < 100
    assert rows[1]["parts"][1].kind == "perhaps"
    assert drawn([Bar("", "")])[0]["parts"] == []


def test_the_years_hold_all_that_is_to_come():
    """Whatever a place pays of a programme lies in one of its years."""
    for edition in editions():
        for county in COUNTIES:
            firm = firm_of(edition, county, ON)
            rows = [
                row
                for level in edition.levels.values()
                for row in tranche_rows(level.pay(firm), firm)
                if row["amount"] is not None
            ]
            years = by_year(rows)
            tops = [row["amount"][1] or row["amount"][0] for row in rows]
            # Nothing is laid out where all falls into one time.
            assert years or len({row["year"] for row in rows}) < 2
            assert not years or sum(bar.length for bar in years) == sum(tops)
            labels = [bar.label for bar in years]
            assert len(labels) == len(set(labels))
