"""The catalogue in the Django admin: each module registers its own pages."""

from policies.editors import catalogue, editions, error_reports, examples, parts, proposed_changes
from policies.editors.packs import pages

__all__ = [
    "catalogue",
    "editions",
    "error_reports",
    "examples",
    "pages",
    "parts",
    "proposed_changes",
]
