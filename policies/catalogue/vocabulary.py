"""What the codes of an answer stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.catalogue.models import Document
from policies.rules.facts import Fact


@dataclass(frozen=True)
class Vocabulary:
    """Facts, conflict texts and documents, by key."""

    facts: Mapping[str, Fact]
    conflicts: Mapping[str, str]
    documents: Mapping[str, Document] = field(default_factory=dict)
