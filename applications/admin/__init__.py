"""The centre's side of applications, in the Django admin."""

from applications.admin import applications, claims, enterprises

__all__ = ["applications", "claims", "enterprises"]
