"""What the codes of an answer stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policies.rules.facts import Fact


@dataclass(frozen=True)
class Vocabulary:
    """Facts, conflict texts and days of issue, by key."""

    facts: Mapping[str, Fact]
    conflicts: Mapping[str, str]
    issued: Mapping[str, date | None] = field(default_factory=dict)
