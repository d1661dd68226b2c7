"""What the frame of the admin leads to."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from applications.centre.navigation import menu_of


def work_menu(request: HttpRequest) -> dict[str, object]:
    """The menu of the staff's work; made only where a page shows it."""
    return {"work_menu": SimpleLazyObject(lambda: menu_of(request))}
