"""Any two things done to money at once, on PostgreSQL: nobody gets an error of the database.

No budget is exceeded, and nobody pays what they granted without a permit that is in force.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations_with_replacement, count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from applications.cases.services.errors import ApplicationError
from applications.money.models import AwardEvent, AwardLine, Budget, Fund, PaymentBatch
from applications.money.models import SinglePersonPermit as Permit
from applications.money.services import awards
from applications.money.services.budgets import set_budget
from applications.money.services.figures import figures_of, lines_of
from applications.money.services.payments import pay_batch
from applications.money.services.permits import end_permit, grant_permit
from tests.applications.money.test_two_people import drafted, granted, prepared
from tests.applications.notices.test_pairs_of_actions import done_at_once
from tests.factories import FinanceFactory, FundFactory, JurisdictionFactory, UserFactory
from tests.in_turn import one_after_the_other

NOW = datetime(2026, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 10, 15)
ROUNDS = 3
NUMBERS = count(1)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


@dataclass
class World:
    """A fund of 75 万元 of which 40 are promised, 20 of them in a draft; two more lines wait."""

    clerk: Any
    manager: Any
    fund: Fund
    first: AwardLine
    second: AwardLine
    confirmed: AwardLine
    batch: PaymentBatch
    permit: Permit | None = None


def build(has_permit: bool) -> World:
    city = JurisdictionFactory()
    county = JurisdictionFactory(code="140521", name="沁水县", level="county", parent=city)
    clerk = FinanceFactory(jurisdiction_code="140521")
    names = ["view_singlepersonpermit", "grant_permits"]
    manager = UserFactory(jurisdiction_code="140500", permissions=names)
    fund = FundFactory(jurisdiction=county, budget=Decimal(75))
    batch = drafted([granted(fund, clerk, clerk)], clerk)
    lines = [prepared(fund) for _ in range(3)]
    world = World(clerk, manager, fund, *lines, batch)
    confirm(world.confirmed, clerk)()
    if has_permit:
        world.permit = permit(world)()
    return world


Act = Callable[[World], Callable[[], Any]]


def confirm(line, actor):
    line.refresh_from_db()
    return lambda: awards.confirm(line=line, note="核实", document_number="", actor=actor, now=NOW)


def permit(world, last_day=date(2026, 12, 31)):
    return lambda: grant_permit(
        jurisdiction=world.fund.jurisdiction, reason="一人", last_day=last_day,
        actor=world.manager, now=NOW,
    )  # fmt: skip


def confirm_first(world):
    return confirm(world.first, world.clerk)


def confirm_second(world):
    return confirm(world.second, world.clerk)


def lower_budget(world):
    return budget(world, Decimal(40))


def raise_budget(world):
    return budget(world, Decimal(100) + next(NUMBERS))


def budget(world, amount):
    return lambda: set_budget(
        fund=world.fund, year=2026, amount=amount, parts={}, document_number="测试〔2026〕2号",
        reason="", actor=world.clerk, now=NOW,
    )  # fmt: skip


def take_back(world):
    world.confirmed.refresh_from_db()
    return lambda: awards.reopen(line=world.confirmed, reason="有误", actor=world.clerk, now=NOW)


def approve(world):
    world.confirmed.refresh_from_db()
    return lambda: awards.approve(
        line=world.confirmed, document_number="批1号", actor=world.clerk, now=NOW
    )


def end(world):
    return lambda: end_permit(permit=world.permit, actor=world.manager, now=NOW)


def another_permit(world):
    return permit(world)


def pay(world):
    voucher = f"支{next(NUMBERS)}号"
    return lambda: pay_batch(
        batch=world.batch, voucher_number=voucher, paid_on=TODAY, actor=world.clerk, now=NOW
    )


OF_BUDGETS = (confirm_first, confirm_second, lower_budget, raise_budget, take_back, approve, pay)
OF_PERMITS = (end, another_permit, pay)
BY_DAY = {
    (confirm_first, confirm_second), (confirm_first, lower_budget), (lower_budget, pay),
    (end, pay), (another_permit, pay), (another_permit, another_permit),
}  # fmt: skip
PAIRS = [
    pytest.param(has_permit, *pair, id=f"{has_permit}: {pair[0].__name__} and {pair[1].__name__}",
                 marks=() if pair in BY_DAY else pytest.mark.night)
    for has_permit, acts in (
        (True, OF_BUDGETS), (True, OF_PERMITS), (False, (another_permit, pay)),
    )
    for pair in combinations_with_replacement(acts, 2)
]  # fmt: skip


def check(world):
    """What must hold whatever was done."""
    for each in Budget.objects.all():
        assert figures_of(lines_of(each)).committed <= each.amount
    for event in AwardEvent.objects.filter(action="pay"):
        assert event.permit.jurisdiction_id == "140521"
    world.batch.refresh_from_db()
    paid = AwardEvent.objects.filter(action="pay").exists()
    assert paid == (world.batch.state == PaymentBatch.State.PAID)


@pytest.mark.parametrize(("has_permit", "first", "second"), PAIRS)
def test_two_at_once_exceed_no_budget_and_pay_nothing_without_a_permit(has_permit, first, second):
    for _ in range(ROUNDS):
        world = build(has_permit)
        assert done_at_once(first(world), second(world)) <= 2
        check(world)
        if not has_permit and another_permit not in (first, second):
            assert world.batch.is_draft


def test_a_permit_whose_end_is_under_way_pays_nothing():
    world = build(has_permit=True)
    assert one_after_the_other(end(world), pay(world), ApplicationError) == ["done", "refused"]
    check(world)
    assert world.batch.is_draft


def test_a_permit_ends_after_the_payment_that_is_under_way():
    world = build(has_permit=True)
    assert one_after_the_other(pay(world), end(world), ApplicationError) == ["done", "done"]
    assert AwardEvent.objects.get(action="pay").permit.ended_at == NOW


def test_the_other_permit_of_two_pays_when_the_first_one_ends_meanwhile():
    world = build(has_permit=True)
    second = another_permit(world)()
    assert one_after_the_other(end(world), pay(world), ApplicationError) == ["done", "done"]
    assert AwardEvent.objects.get(action="pay").permit == second


def test_a_permit_that_is_not_given_yet_pays_nothing():
    world = build(has_permit=False)
    begun = one_after_the_other(another_permit(world), pay(world), ApplicationError)
    assert begun == ["done", "refused"]
    assert world.batch.is_draft


def test_a_budget_is_not_lowered_below_what_is_confirmed_meanwhile():
    world = build(has_permit=False)
    acts = confirm_first(world), budget(world, Decimal(55))
    assert one_after_the_other(*acts, ApplicationError) == ["done", "refused"]
    world = build(has_permit=False)
    acts = budget(world, Decimal(55)), confirm_first(world)
    assert one_after_the_other(*acts, ApplicationError) == ["done", "refused"]


def test_of_two_lines_of_which_the_budget_holds_one_the_second_is_refused():
    world = build(has_permit=False)
    acts = confirm_first(world), confirm_second(world)
    assert one_after_the_other(*acts, ApplicationError) == ["done", "refused"]
    check(world)
