"""The steps of an award line in the admin: who takes each, from which states, by which service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from applications.centre.money.forms import (
    AmountForm,
    ApproveForm,
    AssignForm,
    ConfirmForm,
    ReasonForm,
    ReleaseForm,
    StepForm,
    VoidForm,
    YearForm,
)
from applications.money.models import AwardLine
from applications.money.services import awards

MANAGE, PAY = "money.manage_awards", "money.pay_awards"
State = AwardLine.State


@dataclass(frozen=True)
class Step:
    """One step of a line: from which states, with which form, by which service.

    `held`: of lines that are held, of those that are not, or (None) of both.
    """

    title: str
    permission: str
    form: type[StepForm]
    act: Callable[..., None]
    states: Sequence[str]
    held: bool | None = False

    def fits(self, line: AwardLine) -> bool:
        return line.state in self.states and self.held in (None, bool(line.hold))


STEPS = {
    "confirm": Step("确认条件", MANAGE, ConfirmForm, awards.confirm, [State.PREPARED]),
    "amount": Step("核定金额", MANAGE, AmountForm, awards.set_amount, [State.PREPARED]),
    "fund": Step("安排资金", MANAGE, AssignForm, awards.assign_fund, [State.PREPARED]),
    "year": Step("定给付年度", MANAGE, YearForm, awards.set_year, [State.PREPARED]),
    "approve": Step("批准支付", PAY, ApproveForm, awards.approve, [State.CONFIRMED]),
    "reopen": Step(
        "退回待确认", MANAGE, ReasonForm, awards.reopen, [State.CONFIRMED, State.APPROVED]
    ),
    "release": Step(
        "恢复给付", MANAGE, ReleaseForm, awards.release,
        [*AwardLine.OPEN, State.PAID, State.RETURNED], held=True,
    ),
    "void": Step(
        "不再给付", MANAGE, VoidForm, awards.void,
        AwardLine.OPEN, held=None,
    ),
}  # fmt: skip
