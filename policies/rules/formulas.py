"""Named formulas: what editors compute of facts, under a name that rules and amounts use like a fact.

A formula is made of facts only, not of other formulas: it is understood on its own, and turns in no
circle. An edition carries the definitions of those that it names, so that it says the same for ever.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from policies.rules.facts import Fact

# `{"label": …, "unit": …, "quantity": …}` as it is kept and pinned; a pinned one also tells its
# `effective_from`.
Definition = Mapping[str, Any]


class FactsWithFormulas(dict[str, Fact]):
    """Facts by key, with the definitions of the `formulas` that may be named beside them."""

    def __init__(self, facts: Mapping[str, Fact], formulas: Mapping[str, Definition]) -> None:
        super().__init__(facts)
        self.formulas = formulas


def formulas_of(facts: Mapping[str, Fact]) -> Mapping[str, Definition]:
    """The formulas beside the facts, by key."""
    return facts.formulas if isinstance(facts, FactsWithFormulas) else {}


def with_formulas(
    facts: Mapping[str, Fact], formulas: Mapping[str, Definition] | None
) -> Mapping[str, Fact]:
    """The facts with these formulas and no others."""
    if formulas or formulas_of(facts):
        return FactsWithFormulas(facts, formulas or {})
    return facts


def named_in(data: Any, keys: Iterable[str]) -> set[str]:
    """Those of the keys that rules or amounts name, as JSON, however deep."""
    wanted, found, waiting = set(keys), set(), [data]
    while waiting and found != wanted:
        each = waiting.pop()
        if isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
        elif isinstance(each, str) and each in wanted:
            found.add(each)
    return found
