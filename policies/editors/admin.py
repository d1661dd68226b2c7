"""The catalogue in the Django admin: each module registers its own pages."""

from policies.editors import (
    catalogue,
    edition_reviews,
    editions,
    error_reports,
    examples,
    formulas,
    parts,
    proposed_changes,
)
from policies.editors.packs import pages

__all__ = [
    "catalogue",
    "edition_reviews",
    "editions",
    "error_reports",
    "examples",
    "formulas",
    "pages",
    "parts",
    "proposed_changes",
]
