"""JSON that somebody pasted."""

import json
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError

from portal.forms import STRANGE

NOT_JSON = "写法不对：应为合法的 JSON。"


def refuse_strange(text: str) -> None:
    """Raise a ValidationError for the sign that PostgreSQL keeps in no text, in JSON spelt out."""
    if "\0" in text or "\\u0000" in text:
        raise ValidationError(STRANGE["null_characters_not_allowed"])


def parsed(text: str) -> Any:
    refuse_strange(text)
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise ValidationError(NOT_JSON) from error


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _no_number(text)
