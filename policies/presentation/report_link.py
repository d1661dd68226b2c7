"""The address that reports an error in a programme, one of its criteria or of its awards."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.http import urlencode


def report_links(programme: str, edition: str) -> Callable[..., str]:
    """What makes the addresses of an edition's parts: criterion=code, or level=… and payer=…."""
    page = reverse("pages:report-error")
    address = f"{page}?{urlencode({'programme': programme, 'edition': edition})}"

    def link(**part: str | None) -> str:
        told = urlencode({name: value for name, value in part.items() if value})
        return f"{address}&{told}" if told else address

    return link


def report_link(programme: str, edition: str, **part: str | None) -> str:
    """One of them."""
    return report_links(programme, edition)(**part)
