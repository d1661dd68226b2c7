"""The workflow of an application: which action leads from which status to which."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    IN_NOTICE = "in_notice"
    RECOGNISED = "recognised"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        return {
            "submitted": "待审核",
            "accepted": "审核通过",
            "approved": "审核通过",
            "in_notice": "公示中",
            "recognised": "已认定",
            "rejected": "未通过",
        }[self]


class Action(StrEnum):
    SUBMIT = "submit"
    ACCEPT = "accept"
    REJECT = "reject"
    REOPEN = "reopen"
    POST_NOTICE = "post_notice"
    END_NOTICE = "end_notice"
    RECOGNISE = "recognise"

    @property
    def label(self) -> str:
        return {
            "submit": "提交申报",
            "accept": "审核通过",
            "reject": "不予通过",
            "reopen": "撤回结论，重新审核",
            "post_notice": "开始公示",
            "end_notice": "公示期满",
            "recognise": "发文认定",
        }[self]


@dataclass(frozen=True)
class Transition:
    action: Action
    sources: frozenset[Status]
    target: Status
    needs_reason: bool = False


TRANSITIONS = {
    transition.action: transition
    for transition in (
        Transition(Action.ACCEPT, frozenset({Status.SUBMITTED}), Status.ACCEPTED),
        Transition(
            Action.REJECT,
            frozenset({Status.SUBMITTED, Status.IN_NOTICE}),
            Status.REJECTED,
            True,
        ),
        Transition(
            Action.REOPEN, frozenset({Status.ACCEPTED, Status.REJECTED}), Status.SUBMITTED, True
        ),
        Transition(Action.POST_NOTICE, frozenset({Status.APPROVED}), Status.IN_NOTICE),
        Transition(Action.END_NOTICE, frozenset({Status.IN_NOTICE}), Status.APPROVED),
        Transition(Action.RECOGNISE, frozenset({Status.APPROVED}), Status.RECOGNISED),
    )
}


# Done to a whole batch on its own page, never to one case by hand.
BATCH_ACTIONS = frozenset({Action.POST_NOTICE, Action.END_NOTICE, Action.RECOGNISE})


def actions_from(status: Status) -> list[Transition]:
    """What staff can do with one application in this status."""
    return [
        transition
        for transition in TRANSITIONS.values()
        if status in transition.sources and transition.action not in BATCH_ACTIONS
    ]
