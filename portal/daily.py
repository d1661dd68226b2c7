"""What a day asks for: commands that `manage.py daily` runs, each once a day however often it comes."""

import logging
from collections.abc import Sequence
from datetime import datetime
from io import StringIO

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from portal.models import Pulse
from portal.monitoring.context import log_context

FROM_HOUR = 5  # of the site's time zone, before anybody is at work
NEVER = datetime.min.replace(year=2000, tzinfo=timezone.get_default_timezone())

logger = logging.getLogger(__name__)


def run_daily(now: datetime, also: Sequence[str] = ()) -> list[str]:
    """Run each command that has not run since five o'clock, those of `also` last; the names of those
    that failed.

    One that fails is in the log, and is tried tomorrow.
    """
    begins = timezone.localtime(now).replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
    if now < begins:
        return []
    failed = []
    for command in (*settings.DAILY_COMMANDS, *also):
        name, *arguments = command.split()
        if _is_first(f"daily {name}", begins, now):
            with log_context(command=name):
                if not _run(name, arguments):
                    failed.append(name)
    return failed


def _run(name: str, arguments: list[str]) -> bool:
    """Whether it ended well. What the command says is for the log, as nobody reads along."""
    said, complained = StringIO(), StringIO()
    try:
        call_command(name, *arguments, stdout=said, stderr=complained, no_color=True)
    except SystemExit as ended:
        logger.error("%s ended with %s: %s", name, ended.code, complained.getvalue().strip())
        return False
    except CommandError as refused:
        logger.error("%s failed: %s", name, refused)
        return False
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("%s failed", name)
        return False
    finally:
        if said.getvalue():
            logger.info("%s", said.getvalue().strip())
    return True


def _is_first(name: str, begins: datetime, now: datetime) -> bool:
    """Compare and set: of several that come at once one runs it."""
    Pulse.objects.bulk_create([Pulse(name=name, at=NEVER)], ignore_conflicts=True)
    return bool(Pulse.objects.filter(name=name, at__lt=begins).update(at=now))
