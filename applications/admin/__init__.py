"""The centre's side of applications, in the Django admin."""

from applications.admin import applications, enterprises

__all__ = ["applications", "enterprises"]
