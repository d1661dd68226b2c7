"""The centre's side of applications, in the Django admin."""

from applications.admin import (
    applications,
    awards,
    calendar_days,
    claims,
    enterprises,
    expert_review,
    funds,
    messages,
    notices,
    payment_batches,
    recognitions,
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
    "messages",
    "notices",
    "payment_batches",
    "recognitions",
    "users",
]
