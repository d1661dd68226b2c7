"""What people send is read in a process of its own, which is ended when it takes too much.

A reader is a module that is run with `python -m`: it calls `portal.reading_process.serve` with a
function that gets the file and returns what JSON can hold. It should import little, for it starts at
each reading, and knows neither settings nor database.
"""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, BinaryIO

HOME = Path(__file__).resolve().parent.parent
# A thread that waits for a reader serves nobody else: the others of its process stay free.
READERS_AT_ONCE = 2
SECONDS_TO_WAIT = 5
SECONDS_TO_DIE = 5
MOST_TOLD = 2000
# What Python itself may need to start; the rest of the environment holds secrets.
KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")

logger = logging.getLogger(__name__)
_places = BoundedSemaphore(READERS_AT_ONCE)


class ReadingStoppedError(Exception):
    """A reading that was ended by its limits, or broke down."""


class ReadersBusyError(Exception):
    """No reader became free in time; later one will be."""


@dataclass(frozen=True)
class Limits:
    """Seconds of processor and of the clock, bytes of memory and of the result."""

    processor: int = 10
    clock: int = 20
    memory: int = 300 * 2**20
    result: int = 10 * 2**20


LIMITS = Limits()


def read_bounded(reader: str, file: BinaryIO, limits: Limits = LIMITS) -> Any:
    """What the module `reader` makes of a seekable file; its numbers with a point are Decimals.

    ReadingStoppedError where it was ended or failed, ReadersBusyError where none was free.
    """
    with tempfile.TemporaryFile() as result:
        convert_bounded(reader, file, result, limits)
        return json.loads(result.read(), parse_float=Decimal)


def convert_bounded(
    converter: str, file: BinaryIO, result: BinaryIO, limits: Limits = LIMITS
) -> None:
    """Write what the module `converter` makes of a seekable file into `result`, left at its beginning.

    `result` is a file of the system. The same errors as `read_bounded`.
    """
    with _place(), tempfile.TemporaryFile() as sent, tempfile.TemporaryFile() as told:
        file.seek(0)
        shutil.copyfileobj(file, sent)
        sent.seek(0)
        code = _run(converter, limits, stdin=sent, stdout=result, stderr=told)
        if code:
            told.seek(0)
            words = told.read(MOST_TOLD).decode("utf-8", "replace")
            logger.warning("%s ended with %s: %s", converter, code, words)
            raise ReadingStoppedError
    result.seek(0)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=SECONDS_TO_WAIT):
        raise ReadersBusyError
    try:
        yield
    finally:
        _places.release()


def _run(reader: str, limits: Limits, **streams: BinaryIO) -> int | str:
    """How the process ended: 0 when all went well."""
    within = map(str, (limits.processor, limits.memory, limits.result))
    command = [sys.executable, "-X", "utf8", "-m", reader, *within]
    try:
        process = subprocess.Popen(  # noqa: S603 - a module of ours, and numbers
            command,
            cwd=HOME,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            start_new_session=True,  # a group, so that nothing it may have started outlives it
            **streams,
        )
    except OSError as error:
        raise ReadersBusyError from error
    try:
        return process.wait(limits.clock)
    except subprocess.TimeoutExpired:
        return "the clock"
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(SECONDS_TO_DIE)
