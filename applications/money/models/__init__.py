"""Funds and budgets, award lines, and what was paid on them."""

from applications.money.models.award_line import AwardEvent, AwardLine
from applications.money.models.fund import Budget, BudgetEvent, Fund, FundPart
from applications.money.models.payment import Payment, PaymentBatch, Refund
from applications.money.models.reclaim import Reclaim, ReclaimDrop
from applications.money.models.single_person_permit import SinglePersonPermit

__all__ = [
    "AwardEvent",
    "AwardLine",
    "Budget",
    "BudgetEvent",
    "Fund",
    "FundPart",
    "Payment",
    "PaymentBatch",
    "Reclaim",
    "ReclaimDrop",
    "Refund",
    "SinglePersonPermit",
]
