"""What a changed answer changes: verdicts and money before and after, programme by programme."""

from collections.abc import Mapping
from typing import Any

from policies.presentation.programme import amount_in_words
from policies.presentation.words import VERDICTS, money


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Totals of both answers, and a row for each programme that differs."""
    earlier = {entry["programme"]: entry for entry in before["programmes"]}
    rows = []
    for entry in after["programmes"]:
        old, new = (_state(each) for each in (earlier[entry["programme"]], entry))
        if old != new:
            rows.append(
                {
                    "programme": entry["programme"],
                    "name": entry["name"],
                    "before": old,
                    "after": new,
                    "is_gain": entry["verdict"] == "eligible",
                }
            )
    return {
        "before": money(before["totals"]["all"]),
        "after": money(after["totals"]["all"]),
        "rows": rows,
    }


def _state(entry: Mapping[str, Any]) -> str:
    amount = amount_in_words(entry["awards"])
    return f"{VERDICTS[entry['verdict']]}{'，' if amount else ''}{amount}"
