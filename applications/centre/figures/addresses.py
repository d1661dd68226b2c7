"""Where the rows behind a figure are listed, and what the address says."""

from django.urls import reverse
from django.utils.http import urlencode

from applications.centre.figures.counted import CASES, Figure, Selection
from applications.centre.figures.period import Period

# The names in the address of a list, which `filters` reads.
COUNTED = "counted"
FIRST, LAST = "counted_first", "counted_last"
PLACE, PROGRAMME, STEP = "counted_place", "counted_programme", "counted_step"
NAMES = (COUNTED, FIRST, LAST, PLACE, PROGRAMME, STEP)
CASE_LIST, LINE_LIST = "admin:cases_application_changelist", "admin:money_awardline_changelist"
OF_CASES = {figure.key for figure in CASES}


def address_of(figure: Figure, period: Period, selection: Selection) -> str:
    """The list of the cases or award lines that a figure counts."""
    return _address(figure.key, period, selection, is_of_cases=figure.key in OF_CASES)


def step_address(key: str, step: str, period: Period, selection: Selection) -> str:
    """The list of the cases that were decided at a step, or decided late."""
    return _address(key, period, selection, is_of_cases=True, step=step)


def _address(
    key: str, period: Period, selection: Selection, *, is_of_cases: bool, step: str = ""
) -> str:
    asked = {
        COUNTED: key,
        FIRST: period.first.isoformat(),
        LAST: period.last.isoformat(),
        PLACE: selection.place,
        PROGRAMME: selection.programme,
        STEP: step,
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    if is_of_cases:
        # Not only what waits for whoever looks.
        return f"{reverse(CASE_LIST)}?queue=all&{query}"
    return f"{reverse(LINE_LIST)}?{query}"
