"""The centre's side of applications, in the Django admin."""

from applications.admin import (
    applications,
    calendar_days,
    claims,
    enterprises,
    lists,
    messages,
    notices,
    recognitions,
    sheet_imports,
)

__all__ = [
    "applications",
    "calendar_days",
    "claims",
    "enterprises",
    "lists",
    "messages",
    "notices",
    "recognitions",
    "sheet_imports",
]
