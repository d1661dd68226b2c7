"""The centre's side of applications, in the Django admin."""

from applications.admin import (
    applications,
    calendar_days,
    claims,
    enterprises,
    expert_review,
    messages,
    notices,
    recognitions,
    users,
)

__all__ = [
    "applications",
    "calendar_days",
    "claims",
    "enterprises",
    "expert_review",
    "messages",
    "notices",
    "recognitions",
    "users",
]
