"""What left the portal stays on record."""

from portal.guards import Guard

EXPORTS_STAY = "导出记录不能改动或删除。"

GUARDS = (
    Guard("centre_exportlog", "UPDATE", "1 = 1", EXPORTS_STAY),
    Guard("centre_exportlog", "DELETE", "1 = 1", EXPORTS_STAY),
)
