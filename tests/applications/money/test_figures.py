"""When a budget is scarce, and what counts against it and its parts."""

from decimal import Decimal

import pytest

from applications.money.models import FundPart
from applications.money.services.figures import Figures, Forecast, Row, forecasts, total_of
from tests.factories import AwardLineFactory, FundFactory

BUDGET = Decimal(100)


@pytest.mark.parametrize(
    ("committed", "planned", "left", "is_scarce"),
    [
        ("90", "90", "10", False),
        ("90.01", "90.01", "9.99", True),
        ("0", "100", "100", False),
        ("0", "100.01", "100", True),
        ("101", "101", "-1", True),
    ],
)
def test_a_row_warns_below_a_tenth_and_where_plans_go_beyond(committed, planned, left, is_scarce):
    figures = Figures(planned=Decimal(planned), committed=Decimal(committed))
    row = Row("资金", figures, BUDGET)
    assert (row.left, row.is_scarce) == (Decimal(left), is_scarce)


@pytest.mark.parametrize(
    ("figures", "is_scarce"),
    [(Figures(), False), (Figures(planned=Decimal(1)), True), (Figures(open=1), True)],
)
def test_without_a_budget_whatever_is_planned_is_too_much(figures, is_scarce):
    row = Row("资金", figures)
    assert (row.left, row.is_scarce) == (None, is_scarce)


@pytest.mark.parametrize(
    ("budget", "extra", "left", "is_beyond", "is_scarce"),
    [
        (BUDGET, "10", "10", False, False),
        (BUDGET, "10.01", "9.99", False, True),
        (BUDGET, "20", "0", False, True),
        (BUDGET, "20.01", "-0.01", True, True),
        (None, "1", None, True, True),
    ],
)
def test_a_forecast_says_what_would_be_left(budget, extra, left, is_beyond, is_scarce):
    forecast = Forecast("资金", 2026, budget, Decimal(80), Decimal(extra))
    assert forecast.left == (None if left is None else Decimal(left))
    assert (forecast.is_beyond, forecast.is_scarce) == (is_beyond, is_scarce)


def test_the_total_adds_every_figure_up():
    first = Figures(*map(Decimal, (1, 2, 3, 4)), open=5)
    second = Figures(*map(Decimal, (10, 20, 30, 40)), open=50)
    rows = [Row("甲", first), Row("乙", second)]
    assert total_of(rows) == Figures(*map(Decimal, (11, 22, 33, 44)), open=55)


@pytest.mark.django_db
def test_of_a_part_its_own_lines_count_and_the_whole_holds_all():
    fund = FundFactory()
    part = FundPart.objects.create(fund=fund, position=1, name="做大做强")
    fund.budgets.create(part=part, year=2026, amount=Decimal(50))
    AwardLineFactory(fund=fund, state="confirmed")
    AwardLineFactory(fund=fund, part=part, state="confirmed")
    found = forecasts([AwardLineFactory(fund=fund, part=part)])
    assert {each.name: (each.committed, each.left) for each in found} == {
        fund.name: (40, 40),
        f"{fund} · {part}": (20, 10),
    }
