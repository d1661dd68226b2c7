"""Whether a catalogue can be relied on: what no single rule shows, each fault with its row."""

from policies.consistency.catalogue import check_catalogue
from policies.consistency.jurisdictions import Place
from policies.consistency.problem import Problem

__all__ = ["Place", "Problem", "check_catalogue"]
