"""What waits for the reader, for the first page of the admin."""

from typing import Any

from django import template
from django.utils import timezone

from applications.centre.workbench import WaitingWork, waiting_work

register = template.Library()


@register.simple_tag
def work_waiting_for(user: Any) -> list[WaitingWork]:
    return waiting_work(user, timezone.localdate())
