"""The workflow of a case: its review steps, and which action leads from which status to which."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    IN_NOTICE = "in_notice"
    RECOGNISED = "recognised"
    REVOKED = "revoked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]


_STATUS_LABELS = {
    Status.SUBMITTED: "待受理",
    Status.IN_REVIEW: "审核中",
    Status.RETURNED: "待补正",
    Status.APPROVED: "审核通过",
    Status.IN_NOTICE: "公示中",
    Status.RECOGNISED: "已认定",
    Status.REVOKED: "认定已撤销",
    Status.REJECTED: "未通过",
    Status.WITHDRAWN: "已撤回",
    Status.LAPSED: "逾期未补正",
    Status.CLOSED: "已终止",
}
# With the staff, who have to do something next; with the firm it is RETURNED.
WITH_STAFF = frozenset({Status.SUBMITTED, Status.IN_REVIEW})
# Granted so far: a firm has one such case a year for a programme and subject.
GRANTED = frozenset({Status.APPROVED, Status.IN_NOTICE, Status.RECOGNISED})
# Under way: a firm has one such case a year for a programme and subject.
OPEN = WITH_STAFF | {Status.RETURNED}
# Was granted once; what came with it has ended or waits for somebody to decide.
WAS_GRANTED = GRANTED | {Status.REVOKED}
# Over without a grant: the firm may apply again.
ENDED = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.LAPSED, Status.CLOSED})


class Action(StrEnum):
    SUBMIT = "submit"
    ACCEPT = "accept"
    RECOMMEND = "recommend"
    RETURN = "return"
    RESUBMIT = "resubmit"
    REJECT = "reject"
    REOPEN = "reopen"
    ASK_REVIEW = "ask_review"
    UPHOLD = "uphold"
    VISIT = "visit"
    TAKE_OVER = "take_over"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    POST_NOTICE = "post_notice"
    END_NOTICE = "end_notice"
    WITHDRAW_NOTICE = "withdraw_notice"
    RECOGNISE = "recognise"
    REVOKE = "revoke"
    CHANGE_FIRM = "change_firm"
    TRANSFER = "transfer"
    SUCCEED = "succeed"
    CLOSE = "close"

    @property
    def label(self) -> str:
        return _ACTION_LABELS[self]


_ACTION_LABELS = {
    Action.SUBMIT: "提交申报",
    Action.ACCEPT: "受理",
    Action.RECOMMEND: "本环节通过",
    Action.RETURN: "退回补正",
    Action.RESUBMIT: "补正后提交",
    Action.REJECT: "不予通过",
    Action.REOPEN: "撤回结论，重新审核",
    Action.ASK_REVIEW: "申请复核",
    Action.UPHOLD: "复核维持不予通过",
    Action.VISIT: "记录实地核查",
    Action.TAKE_OVER: "接手办理",
    Action.ASSIGN: "分配办理",
    Action.UNASSIGN: "取消分配",
    Action.WITHDRAW: "撤回申报",
    Action.LAPSE: "逾期结案",
    Action.POST_NOTICE: "开始公示",
    Action.END_NOTICE: "公示期满",
    Action.WITHDRAW_NOTICE: "撤回公示",
    Action.RECOGNISE: "发文认定",
    Action.REVOKE: "撤销认定",
    Action.CHANGE_FIRM: "企业登记变更",
    Action.TRANSFER: "转交另一县办理",
    Action.SUCCEED: "由承继企业继续",
    Action.CLOSE: "终止办理",
}


@dataclass(frozen=True)
class Transition:
    """What an action needs and brings about; `target` None leaves the status as it is."""

    action: Action
    sources: frozenset[Status]
    target: Status | None = None
    needs_reason: bool = False


TRANSITIONS = {
    transition.action: transition
    for transition in (
        Transition(Action.ACCEPT, frozenset({Status.SUBMITTED}), Status.IN_REVIEW),
        # The last step of the chain leads to APPROVED, an earlier one to the next step.
        Transition(Action.RECOMMEND, frozenset({Status.IN_REVIEW}), Status.APPROVED),
        Transition(Action.RETURN, WITH_STAFF, Status.RETURNED, needs_reason=True),
        Transition(Action.RESUBMIT, frozenset({Status.RETURNED}), Status.IN_REVIEW),
        Transition(
            Action.REJECT, WITH_STAFF | {Status.IN_NOTICE}, Status.REJECTED, needs_reason=True
        ),
        Transition(
            Action.REOPEN,
            frozenset({Status.APPROVED, Status.REJECTED, Status.LAPSED}),
            Status.IN_REVIEW,
            needs_reason=True,
        ),
        # Once a case; who answers reopens it or upholds the rejection (services/review_requests.py).
        Transition(Action.ASK_REVIEW, frozenset({Status.REJECTED}), needs_reason=True),
        Transition(Action.UPHOLD, frozenset({Status.REJECTED}), needs_reason=True),
        Transition(Action.VISIT, WITH_STAFF, needs_reason=True),
        *(
            Transition(action, OPEN)
            for action in (Action.TAKE_OVER, Action.ASSIGN, Action.UNASSIGN)
        ),
        # Once the day is over by which the firm was to correct, which the service sees to.
        Transition(Action.LAPSE, frozenset({Status.RETURNED}), Status.LAPSED, needs_reason=True),
        Transition(Action.WITHDRAW, WITH_STAFF | {Status.RETURNED}, Status.WITHDRAWN),
        Transition(Action.POST_NOTICE, frozenset({Status.APPROVED}), Status.IN_NOTICE),
        Transition(Action.END_NOTICE, frozenset({Status.IN_NOTICE}), Status.APPROVED),
        Transition(
            Action.WITHDRAW_NOTICE,
            frozenset({Status.IN_NOTICE}),
            Status.APPROVED,
            needs_reason=True,
        ),
        Transition(Action.RECOGNISE, frozenset({Status.APPROVED}), Status.RECOGNISED),
        # By a document, proposed by one and confirmed by another.
        Transition(
            Action.REVOKE, frozenset({Status.RECOGNISED}), Status.REVOKED, needs_reason=True
        ),
        # On record with the case only.
        Transition(Action.CHANGE_FIRM, OPEN | GRANTED),
        # To the county that the firm has moved to (services/transfer.py).
        Transition(Action.TRANSFER, OPEN, needs_reason=True),
        # Of a firm that was absorbed: it goes on for its successor, or ends.
        Transition(Action.SUCCEED, OPEN | GRANTED, needs_reason=True),
        Transition(
            Action.CLOSE,
            OPEN | {Status.APPROVED, Status.IN_NOTICE},
            Status.CLOSED,
            needs_reason=True,
        ),
    )
}
# Decided at a step: nobody does it for both the county and the city. To receive a case, to visit a
# firm and to take a case over decide nothing.
DECISIONS = frozenset({Action.RECOMMEND, Action.RETURN, Action.REJECT, Action.LAPSE, Action.REOPEN})
# Who of the office has a case is nobody's business outside it, and no button of a decision.
WITHIN_THE_OFFICE = frozenset({Action.ASSIGN, Action.UNASSIGN})
# What a substitute does with a case whose clerk is away; all else they do in their own name.
IN_ANOTHERS_STEAD = DECISIONS | {Action.ACCEPT, Action.VISIT}
BY_THE_FIRM = frozenset({Action.RESUBMIT, Action.WITHDRAW, Action.ASK_REVIEW})
# Answers a firm, on a form of its own.
TO_THE_FIRM = frozenset({Action.UPHOLD})
# Done by a notice, a document or a form on its own page, never by the buttons of a case.
BY_BATCH = frozenset(
    {
        Action.POST_NOTICE,
        Action.END_NOTICE,
        Action.WITHDRAW_NOTICE,
        Action.RECOGNISE,
        Action.REVOKE,
        Action.CHANGE_FIRM,
        Action.TRANSFER,
        Action.SUCCEED,
        Action.CLOSE,
    }
)


def actions_from(status: Status) -> list[Transition]:
    """What staff can do with one case in this status."""
    return [
        transition
        for transition in TRANSITIONS.values()
        if status in transition.sources
        and transition.action not in BY_THE_FIRM | TO_THE_FIRM | BY_BATCH | WITHIN_THE_OFFICE
        # A case in public notice falls by an objection only.
        and status != Status.IN_NOTICE
    ]


@dataclass(frozen=True)
class ReviewStep:
    """One review of a case: at which level, whether by experts, and within how many 工作日."""

    level: str
    title: str
    is_expert: bool = False
    working_days: int | None = None

    @property
    def is_decided_here(self) -> bool:
        """Whether county or city decide; of what is decided above, the outcome is recorded."""
        return self.level in HELD_HERE


# Where a document prints no steps, the county's centre reviews alone.
UNPRINTED_CHAIN = (ReviewStep("county", "审核"),)
REVIEW_KINDS = ("review", "expert")
# Who works with this portal; of what is done above, the city centre records the outcome.
HELD_HERE = ("county", "city")


def chain_of(steps: Iterable[tuple[str, str, str, int | None]]) -> tuple[ReviewStep, ...]:
    """The reviews among an edition's steps, given as (kind, level, title, working days)."""
    chain = tuple(
        ReviewStep(level, title, kind == "expert" and level in HELD_HERE, working_days)
        for kind, level, title, working_days in steps
        if kind in REVIEW_KINDS
    )
    return chain or UNPRINTED_CHAIN


def desk_of(level: str) -> str:
    """Whose desk a step is on: what province and nation decide, the city centre records."""
    return level if level in HELD_HERE else "city"
