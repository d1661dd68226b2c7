"""What happens to applications: one function per action, each leaving an event."""

from applications.services.errors import ApplicationError
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
    "decide",
    "move",
    "request_correction",
    "withdraw",
]
