"""Where a firm says something else in another case than in this one."""

from collections.abc import Mapping
from typing import Any

from applications.cases.submitted import label_of, shown
from applications.enterprises.services.profile import kind_of
from policies.rules.facts import Fact


def different(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    facts: Mapping[str, Fact],
    subject: str = "",
) -> list[tuple[str, str, str]]:
    """Label and both values of what both say differently; with a subject, of the firm alone."""
    return [
        (label_of(key, facts), shown(key, before[key], facts), shown(key, after[key], facts))
        for key in after
        if key in before and before[key] != after[key] and not (subject and kind_of(key))
    ]
