"""The log in service: each record one line of JSON, without anything personal.

Fields: `time`, `level`, `logger`, `message`; of a request `request` (its number), `view`, `method`,
`status` and `duration` (seconds so far); of what runs beside the site `command` and `job` (its number);
of an exception `exception` (its kind) and `traceback`. What does not apply is left out.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from portal.monitoring.context import log_fields
from portal.monitoring.personal import without_personal
from portal.monitoring.requests import number_of, view_name


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = dict(log_fields())
        request = fields.pop("request", None)
        # Django logs what a request came to once its middleware is through.
        own = getattr(record, "request", None)
        request = own if isinstance(own, HttpRequest) else request
        line = {
            "time": datetime.fromtimestamp(record.created)
            .astimezone()
            .isoformat("T", "milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal(record.getMessage(), request),
            "process": record.process,
            **fields,
            **(_about(request) if request is not None else {}),
        }
        if (status := getattr(record, "status_code", None)) is not None:
            line["status"] = status
        if record.exc_info and (error := record.exc_info[1]) is not None:
            line["exception"] = type(error).__name__
            line["traceback"] = "".join(_trace(error, request))
        return json.dumps(line, ensure_ascii=False, default=str)


def _about(request: HttpRequest) -> dict[str, Any]:
    about: dict[str, Any] = {"view": view_name(request), "method": request.method}
    if number := number_of(request):
        about |= {"request": number, "duration": round(request.numbered.seconds, 4)}  # type: ignore[attr-defined]
    return about


def _trace(error: BaseException, request: HttpRequest | None) -> Iterator[str]:
    """As Python prints it, the cause first. What errors say is personal, where they arose is not."""
    if error.__cause__ is not None:
        yield from _trace(error.__cause__, request)
        yield "\nThe above exception was the direct cause of the following exception:\n\n"
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _trace(error.__context__, request)
        yield "\nDuring handling of the above exception, another exception occurred:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__qualname__}: {without_personal(str(error), request)}\n"
