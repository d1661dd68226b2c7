"""What auditors did stays on record."""

from portal.guards import Guard

RECORDS_STAY = "审计记录不能改动或删除。"

GUARDS = (
    Guard("centre_auditrecord", "UPDATE", "1 = 1", RECORDS_STAY),
    Guard("centre_auditrecord", "DELETE", "1 = 1", RECORDS_STAY),
)
