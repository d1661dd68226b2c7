"""The catalogue in the admin."""

from policies.admin import catalogue, editions

__all__ = ["catalogue", "editions"]
