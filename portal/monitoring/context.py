"""What is being done just now, for whatever is logged meanwhile."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_fields: ContextVar[Mapping[str, Any]] = ContextVar("fields", default={})  # noqa: B039 (never changed)


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Within it each line of the log has these fields too: a `request`, a `command`, a `job`."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def log_fields() -> Mapping[str, Any]:
    return _fields.get()
