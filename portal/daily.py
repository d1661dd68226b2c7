"""What a day asks for: commands that a worker runs once a day, whichever comes first."""

import logging
from datetime import datetime
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from portal.models import Pulse
from portal.monitoring.context import log_context

FROM_HOUR = 5  # of the site's time zone, before anybody is at work
NEVER = datetime.min.replace(year=2000, tzinfo=timezone.get_default_timezone())

logger = logging.getLogger(__name__)


def run_daily(now: datetime) -> None:
    """Run each command that has not run since five o'clock; one that fails is tried tomorrow."""
    begins = timezone.localtime(now).replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
    if now < begins:
        return
    for command in settings.DAILY_COMMANDS:
        name, *arguments = command.split()
        if _is_first(f"daily {name}", begins, now):
            with log_context(command=name):
                _run(name, arguments)


def _run(name: str, arguments: list[str]) -> None:
    """What the command says is for the log, as nobody reads along."""
    said, complained = StringIO(), StringIO()
    try:
        call_command(name, *arguments, stdout=said, stderr=complained, no_color=True)
    except SystemExit as ended:
        logger.error("%s ended with %s: %s", name, ended.code, complained.getvalue().strip())
    if said.getvalue():
        logger.info("%s", said.getvalue().strip())


def _is_first(name: str, begins: datetime, now: datetime) -> bool:
    """Compare and set: of several workers one runs it."""
    Pulse.objects.bulk_create([Pulse(name=name, at=NEVER)], ignore_conflicts=True)
    return bool(Pulse.objects.filter(name=name, at__lt=begins).update(at=now))
