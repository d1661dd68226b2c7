"""The door through which notices and recognition move a case to another status."""

from applications.services import ApplicationError, move

__all__ = ["ApplicationError", "move"]
