"""Commands that run for ever: what goes wrong in one round does not end them.

A database that is away or locked is waited for, with a pause that grows.
"""

import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from django.db import Error, InterfaceError, OperationalError, close_old_connections, connections
from django.utils import timezone

from portal import pulses, supervisor
from portal.monitoring.context import log_context

logger = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds


class Loop:
    """Calls `act` again and again, until SIGTERM or Ctrl+C ends it at the end of a step.

    `act` gets the loop and says whether there was anything to do; if not, `every` seconds pass.
    """

    def __init__(self, name: str, act: Callable[["Loop"], bool], every: float) -> None:
        self.name, self.act, self.every = name, act, every
        self.is_stopping = False

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        with log_context(command=self.name):
            self._run()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self.is_stopping:
            try:
                self.beat()
                was_busy = self.act(self)
                close_old_connections()
            except (OperationalError, InterfaceError) as error:
                logger.warning(
                    "%s: no database, again in %.0f s: %s", self.name, pause, str(error).strip()
                )
            except Exception:
                logger.exception("%s: failed, again in %.0f s", self.name, pause)
            else:
                pause = FIRST_PAUSE
                self._sleep(0 if was_busy else self.every)
                continue
            with suppress(Error):
                connections.close_all()
            # To be started anew would not bring the database back.
            supervisor.tell(supervisor.ALIVE)
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def beat(self) -> None:
        """Say that the loop is at work; to be called within a long round too."""
        pulses.beat(self.name, timezone.now())
        supervisor.tell(supervisor.READY, supervisor.ALIVE)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.is_stopping:
            raise KeyboardInterrupt
        self.is_stopping = True

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
