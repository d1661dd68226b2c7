"""The centre's side of applications, in the Django admin."""

from applications.admin import applications, enterprises, expert_review

__all__ = ["applications", "enterprises", "expert_review"]
