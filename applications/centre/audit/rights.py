"""Who audits: whoever reads the records of audits, reads cases and may take files out."""

from typing import Any

RIGHTS = ("centre.view_auditrecord", "centre.export_lists", "cases.view_application")


def may_audit(user: Any) -> bool:
    return all(user.has_perm(right) for right in RIGHTS)
