"""What a firm fills in."""

from applications.forms.apply import ApplicationForm

__all__ = ["ApplicationForm"]
