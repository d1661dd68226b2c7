"""Whole numbers in addresses and hidden fields, which anybody may have changed."""

import re

_WHOLE = re.compile("[0-9]{1,15}")


def whole_number(text: str | None, otherwise: int = 0) -> int:
    """The number that a text is; `otherwise`, which no row has as its key, for any other text."""
    return int(text) if text and _WHOLE.fullmatch(text) else otherwise
