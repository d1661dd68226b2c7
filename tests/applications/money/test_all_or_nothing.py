"""Whatever is done to money is done whole or not at all, wherever it is interrupted."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from applications.money.models import FundPart
from applications.money.services import awards, payments, refunds
from applications.money.services.budgets import set_budget
from tests.applications.money import test_pairs_of_money as pairs
from tests.applications.money.test_pairs_of_money import NOW, TODAY, build
from tests.factories import AwardLineFactory, MembershipFactory
from tests.interrupted import assert_all_or_nothing

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = build(has_permit=True)
    for line in (world.first, world.confirmed, world.batch.payments.get().line):
        MembershipFactory(enterprise=line.application.enterprise)
    return world


def set_amount(world):
    fields = {"kind": "range", "low": 1, "high": 30, "amount": None}
    line = AwardLineFactory(application=world.first.application, fund=world.fund, **fields)
    return lambda: awards.set_amount(
        line=line, amount=Decimal(9), reason="按实际核定", document_number="核1号",
        actor=world.clerk, now=NOW,
    )  # fmt: skip


def set_year(world):
    return lambda: awards.set_year(
        line=world.first, year=2027, reason="次年兑现", actor=world.clerk, now=NOW
    )


def assign_fund(world):
    part = FundPart.objects.create(fund=world.fund, position=1, name="创办")
    return lambda: awards.assign_fund(
        line=world.first, fund=world.fund, part=part, actor=world.clerk, now=NOW
    )


def void(world):
    world.confirmed.refresh_from_db()
    return lambda: awards.void(line=world.confirmed, reason="停产", actor=world.clerk, now=NOW)


def budget_of_parts(world):
    parts = [
        FundPart.objects.create(fund=world.fund, position=place, name=f"第{place}部分")
        for place in (1, 2)
    ]
    return lambda: set_budget(
        fund=world.fund, year=2026, amount=Decimal(100), parts=dict.fromkeys(parts, Decimal(50)),
        document_number="测试〔2026〕3号", reason="", actor=world.clerk, now=NOW,
    )  # fmt: skip


def a_batch(world):
    return lambda: payments.make_batch(fund=world.fund, actor=world.clerk, now=NOW)


def a_payment(world):
    pairs.approve(world)()
    world.confirmed.refresh_from_db()
    return lambda: payments.add_payment(
        batch=world.batch, line=world.confirmed, actor=world.clerk, now=NOW
    )


def another_amount(world):
    payment = world.batch.payments.get()
    return lambda: payments.change_payment(
        payment=payment, amount=Decimal(5), actor=world.clerk, now=NOW
    )


def a_failure(world):
    payment = world.batch.payments.get()
    return lambda: payments.remove_payment(
        payment=payment, actor=world.clerk, now=NOW, reason="账号有误"
    )


def throwing_away(world):
    return lambda: payments.discard_batch(batch=world.batch, actor=world.clerk, now=NOW)


def a_refund(world):
    pairs.pay(world)()
    payment = world.batch.payments.get()
    return lambda: refunds.refund(
        payment=payment, amount=Decimal(5), on=TODAY, reason="账号有误", document_number="退1号",
        pay_again=True, actor=world.clerk, now=NOW,
    )  # fmt: skip


def a_permit(world):
    return pairs.permit(world, last_day=date(2026, 11, 30))


ACTS = [
    pairs.confirm_first, pairs.take_back, pairs.approve, pairs.pay, pairs.end, a_permit, set_amount,
    set_year, assign_fund, void, budget_of_parts, a_batch, a_payment, another_amount, a_failure,
    throwing_away, a_refund,
]  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_of_what_is_interrupted_nothing_stays(world, act):
    assert_all_or_nothing(lambda: act(deepcopy(world)))
