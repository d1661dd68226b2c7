"""The centre's side of applications, in the Django admin."""

from applications.admin import (
    applications,
    awards,
    calendar_days,
    claims,
    enterprises,
    expert_review,
    funds,
    lists,
    messages,
    notices,
    payment_batches,
    recognitions,
    sheet_imports,
    users,
)

__all__ = [
    "applications",
    "awards",
    "calendar_days",
    "claims",
    "enterprises",
    "expert_review",
    "funds",
    "lists",
    "messages",
    "notices",
    "payment_batches",
    "recognitions",
    "sheet_imports",
    "users",
]
