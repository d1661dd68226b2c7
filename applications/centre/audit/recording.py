"""What an auditor did goes on record."""

from datetime import datetime
from typing import Any

from applications.centre.models import AuditRecord
from portal.models import User

LONGEST_SUBJECT = 300


def record_audit(
    kind: str,
    subject: str,
    outcome: str,
    *,
    user: User,
    now: datetime,
    sha256: str = "",
    details: dict[str, Any] | None = None,
) -> AuditRecord:
    return AuditRecord.objects.create(
        at=now,
        user=user,
        jurisdiction_code=user.jurisdiction_code,
        kind=kind,
        subject=subject[:LONGEST_SUBJECT],
        outcome=outcome,
        sha256=sha256,
        details=details or {},
    )
