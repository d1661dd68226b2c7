"""What left the portal stays on record."""

from portal.guards import Guard

EXPORTS_STAY = "导出记录不能改动或删除。"

GUARDS = (
    Guard("applications_exportlog", "UPDATE", "1 = 1", EXPORTS_STAY),
    Guard("applications_exportlog", "DELETE", "1 = 1", EXPORTS_STAY),
)
