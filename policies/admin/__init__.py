"""The catalogue in the admin."""

from policies.admin import catalogue, editions, error_reports

__all__ = ["catalogue", "editions", "error_reports"]
