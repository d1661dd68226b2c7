"""Whether the commands that run beside the site are at work."""

from datetime import datetime, timedelta

from portal.models import Pulse

EVERY = timedelta(seconds=10)
# Longer than any step of a command that goes on running takes without saying so.
SILENT_AFTER = timedelta(seconds=60)
WORKER, MAIL, DAILY, BACKUP = "worker", "send_waiting", "daily", "backup"
# The commands of a site in service, and how long they may be silent.
EXPECTED = {WORKER: SILENT_AFTER, MAIL: SILENT_AFTER, DAILY: timedelta(hours=26)}

# Where BACKUP_FOLDER is set: one a night, which may take hours.
BACKUP_EXPECTED = timedelta(hours=36)

_last: dict[str, datetime] = {}


def beat(name: str, now: datetime) -> None:
    """Say that the command is at work; written every ten seconds only."""
    last = _last.get(name)
    if last is not None and last <= now < last + EVERY:
        return
    Pulse.objects.bulk_create(
        [Pulse(name=name, at=now)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )
    _last[name] = now


def is_at_work(name: str, now: datetime) -> bool:
    return Pulse.objects.filter(name=name, at__gt=now - SILENT_AFTER).exists()
