"""What was uploaded stays as it was, and once it is recorded it stays."""

from portal.guards import Guard, changed

IMPORTS_STAY = "导入记录不能改动；登记过的不能删除。"
FIELDS = (
    "kind",
    "title",
    "file_name",
    "sha256",
    "sheets",
    "user_id",
    "jurisdiction_code",
    "uploaded_at",
)

GUARDS = (
    Guard(
        "centre_sheetimport",
        "UPDATE",
        f"OLD.done_at IS NOT NULL OR {changed(FIELDS)}",
        IMPORTS_STAY,
    ),
    Guard("centre_sheetimport", "DELETE", "OLD.done_at IS NOT NULL", IMPORTS_STAY),
)
