"""The inside of a process that reads what people send; see `portal.bounded_reading`.

It starts at each reading: it imports next to nothing.
"""

import json
import resource
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, BinaryIO


def serve(read: Callable[[BinaryIO], Any]) -> None:
    """The whole of a reader's process: limit it, read standard input, write the result as JSON.

    Its arguments are seconds of the processor, bytes of memory and bytes of the result.
    """
    _limit()
    json.dump(read(sys.stdin.buffer), sys.stdout, ensure_ascii=False, separators=(",", ":"))


def serve_file(convert: Callable[[BinaryIO, BinaryIO], None]) -> None:
    """The same of a process that makes another file of standard input."""
    _limit()
    convert(sys.stdin.buffer, sys.stdout.buffer)


def _limit() -> None:
    sys.excepthook = _tell
    processor, memory, result = map(int, sys.argv[1:])
    for kind, most in (
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, result),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Where it broke down is for the log; what the error says may stand in the file."""
    traceback.print_tb(trace)
    print(kind.__name__, file=sys.stderr)  # noqa: T201
