"""Counting what was judged, by county; and telling who is treated otherwise than before.

The figures of a county are JSON: `rows` (firms, or each of their projects), `firms`, `old` (those
that said nothing for a year), and `plans`, for each of the run's plans

    {"verdicts": [not, unknown, eligible],
     "changes": {"in": rows, …},        # as Affected.Change
     "money": {"whole" or a level: {"now": […], "later": […]}}}

where money is [least, most, open, perhaps, perhaps open] in 分: of who is eligible the least and the
most, and for how many the most is open; of those about whom it is unknown the most, and for how many
that is open. What is unknown adds nothing to the least.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from applications.impact.models import Affected
from applications.impact.services.judging import ENDS, OPEN, PARTS, WHEN, WHOLE, Judged
from policies.rules.column_data import Array

Figures = dict[str, Any]
Change = Affected.Change


def tally(
    judged: Sequence[Judged | None], counties: Sequence[str], firms: Sequence[int], old: Array
) -> dict[str, Figures]:
    """The figures of each county that occurs."""
    codes, places = np.unique(np.array(counties), return_inverse=True)
    found = {}
    changes = [changes_of(judged[0], plan) if plan else None for plan in judged]
    for number, code in enumerate(codes):
        here = np.flatnonzero(places == number)
        found[str(code)] = {
            "rows": len(here),
            "firms": len({firms[row] for row in here}),
            "old": len({firms[row] for row in here if old[row]}),
            "plans": [_figures(plan, own, here) for plan, own in zip(judged, changes, strict=True)],
        }
    return found


def _figures(plan: Judged | None, changes: Array | None, here: Array) -> Figures:
    if plan is None or changes is None:
        return {"verdicts": [0, 0, 0], "changes": {}, "money": {}}
    verdicts = plan.verdicts[here]
    kinds, counts = np.unique(changes[here], return_counts=True)
    return {
        "verdicts": [int((verdicts == verdict).sum()) for verdict in (-1, 0, 1)],
        "changes": {str(k): int(n) for k, n in zip(kinds, counts, strict=True) if k},
        "money": {
            name: {when: _sums(parts, when, verdicts, here) for when in WHEN}
            for name, parts in plan.money.items()
        },
    }


def _sums(parts: Any, when: str, verdicts: Array, here: Array) -> list[int]:
    least, most = (parts[f"{when}_{end}"][here] for end in ENDS)
    eligible, perhaps, is_open = verdicts == 1, verdicts == 0, most == OPEN
    return [
        int(least[eligible].sum()),
        int(most[eligible & ~is_open].sum()),
        int((eligible & is_open).sum()),
        int(most[perhaps & ~is_open].sum()),
        int((perhaps & is_open).sum()),
    ]


def merged(one: Any, other: Any) -> Any:
    """Figures added up."""
    if isinstance(one, dict):
        return {
            key: merged(one[key], other[key])
            if key in one and key in other
            else one.get(key, other.get(key))
            for key in dict.fromkeys((*one, *other))
        }
    if isinstance(one, list):
        return [merged(*pair) for pair in zip(one, other, strict=True)]
    return one + other


def changes_of(first: Judged | None, plan: Judged) -> Array:
    """What each row's change is by its name, empty where nothing changes.

    Where nothing stood before, who is eligible comes in; the unknown and the others change nothing.
    """
    after = plan.verdicts
    found = np.full(len(after), "", "U7")
    if first is None:
        found[after == 1] = Change.IN
        return found
    before = first.verdicts
    differs = np.zeros(len(after), bool)
    for part in PARTS:
        differs |= first.money[WHOLE][part] != plan.money[WHOLE][part]
    found[(before == after) & (after != -1) & differs] = Change.MONEY
    found[(before == 0) & (after != 0)] = Change.SETTLED
    found[(before != 0) & (after == 0)] = Change.OPEN
    found[(before == -1) & (after == 1)] = Change.IN
    found[(before == 1) & (after == -1)] = Change.OUT
    return found
