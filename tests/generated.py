"""How many examples a property is tried on: few each time, many at night."""

import os

TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))


def examples(number: int) -> int:
    return number * TIMES
