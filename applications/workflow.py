"""The workflow of an application: which action leads from which status to which."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        return {"submitted": "待审核", "accepted": "审核通过", "rejected": "未通过"}[self]


class Action(StrEnum):
    SUBMIT = "submit"
    ACCEPT = "accept"
    REJECT = "reject"
    REOPEN = "reopen"

    @property
    def label(self) -> str:
        return {
            "submit": "提交申报",
            "accept": "审核通过",
            "reject": "不予通过",
            "reopen": "撤回结论，重新审核",
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
        Transition(Action.REJECT, frozenset({Status.SUBMITTED}), Status.REJECTED, True),
        Transition(
            Action.REOPEN, frozenset({Status.ACCEPTED, Status.REJECTED}), Status.SUBMITTED, True
        ),
    )
}


def actions_from(status: Status) -> list[Transition]:
    """What staff can do with an application in this status."""
    return [transition for transition in TRANSITIONS.values() if status in transition.sources]
