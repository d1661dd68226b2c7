"""What cannot be done with public notices, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError

NOTHING_CHOSEN = "没有选中申报。"


class NoticeError(ApplicationError):
    """Something that cannot be done with a notice; the message says why, in Chinese."""


@dataclass(frozen=True)
class Refusal:
    """A case that was left out, and why."""

    application: Application
    reason: str

    def __str__(self) -> str:
        return f"{self.application.number}：{self.reason}"


class RefusedError(NoticeError):
    """Every case that was chosen is refused; `refusals` names each with its reason."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = refusals
        super().__init__("；".join(map(str, refusals)) or NOTHING_CHOSEN)
