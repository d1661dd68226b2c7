"""The centre's side of applications, in the Django admin."""

from applications.admin import applications, enterprises, messages

__all__ = ["applications", "enterprises", "messages"]
