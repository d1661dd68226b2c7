"""What waits for the reader and where it is, for the first page of the admin."""

from typing import Any

from django import template
from django.utils import timezone

from applications.cases.models import ApplicationEvent, Cover
from applications.cases.services.covers import people_to_enter
from applications.centre.daily_mail import wants_daily_mail
from applications.centre.navigation import Group, groups_of, work_waiting

register = template.Library()


LATEST = 10


@register.simple_tag(takes_context=True)
def work_of(context: Any, app_list: Any) -> list[Group]:
    return groups_of(app_list, work_waiting(context["request"]))


@register.simple_tag
def gets_daily_mail(user: Any) -> bool:
    return wants_daily_mail(user)


@register.simple_tag
def covers_of(user: Any) -> Any:
    """Whom the user stands in for today, and who stands in for them."""
    return Cover.objects.of(user, timezone.localdate())


@register.simple_tag
def may_enter_covers(user: Any) -> bool:
    return people_to_enter(user).exists()


@register.simple_tag
def latest_of(user: Any) -> Any:
    """What the user did last with cases, also those that they see no longer."""
    done = ApplicationEvent.objects.filter(actor=user).select_related("application")
    return done.defer("application__answers", "application__assessment").order_by("-pk")[:LATEST]
