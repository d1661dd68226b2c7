"""What happens to applications: one function per action, each leaving an event."""

from applications.services.errors import ApplicationError
from applications.services.experts import (
    assign_experts,
    declare_conflict,
    experts_for,
    score_application,
    withdraw_assignment,
)
from applications.services.findings import record_findings
from applications.services.review import (
    answer_correction,
    decide,
    move,
    request_correction,
    withdraw,
)

__all__ = [
    "ApplicationError",
    "answer_correction",
    "assign_experts",
    "decide",
    "declare_conflict",
    "experts_for",
    "move",
    "record_findings",
    "request_correction",
    "score_application",
    "withdraw",
    "withdraw_assignment",
]
