"""A case computed again: by the edition that it is pinned to, of its answers, on the day it was of."""

from typing import Any

from applications.cases.models import Application
from policies.catalogue.current import Catalogue
from policies.rules.assessment import assess, plain_values
from policies.self_check.self_checks import understood


def assessed_again(case: Application, known: Catalogue) -> dict[str, Any]:
    """What `case.assessment` would be, were it made now: the same, whatever became of the catalogue.

    The edition does not change, nor do the formulas that it carries; guards keep what its rules and
    the answers of cases mean. Only the words of facts, documents and notes may be others.
    """
    rules = known.pinned_edition(case.edition)
    answers = understood(case.answers, known.facts, case.on)
    return plain_values(assess([rules], answers, case.on, known.facts)["programmes"][0])
