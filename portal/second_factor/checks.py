"""What a service is told at its start."""

from typing import Any

from django.conf import settings
from django.core.checks import Warning as CheckWarning

NOT_REQUIRED = CheckWarning(
    "Staff can log in with a password only, as STAFF_SECOND_FACTOR is off without DEBUG.",
    hint="Take STAFF_SECOND_FACTOR out of the environment; it is on by default.",
    id="portal.W001",
)


def staff_need_a_second_factor(app_configs: Any, **kwargs: Any) -> list[CheckWarning]:
    return [] if settings.DEBUG or settings.STAFF_SECOND_FACTOR else [NOT_REQUIRED]
