"""The address that reports an error in a programme, one of its criteria or of its awards."""

from django.urls import reverse
from django.utils.http import urlencode


def report_link(programme: str, edition: str, **part: str | None) -> str:
    """`part` is criterion=code, or level=… and payer=… of an award."""
    query = {"programme": programme, "edition": edition, **part}
    known = {name: value for name, value in query.items() if value}
    return f"{reverse('pages:report-error')}?{urlencode(known)}"
