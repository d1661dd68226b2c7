"""What was posted, objected and recognised stays as it was."""

from portal.guards import Guard, changed
from portal.guards_of_two import guards_of

NOTICE_FIELDS = (
    "number",
    "programme_id",
    "jurisdiction_id",
    "title",
    "text",
    "minimum_days",
    "working_days",
    "posted_on",
    "posted_by_id",
    "ends_on",
    "created_at",
    "created_by_id",
)
LINE_FIELDS = (
    "notice_id",
    "application_id",
    "enterprise_name",
    "programme_name",
    "county_name",
    "subject",
)
OBJECTION_FIELDS = ("notice_id", "name", "contact", "text", "received_at")
TITLE_FIELDS = (
    "enterprise_id", "fact", "code", "since", "valid_until", "recognition_id",
)  # fmt: skip
REVOCATION_FIELDS = ("line_id", "document_number", "on", "clause", "reason")
NOTICE_STAYS = "公示张贴后不能改动，也不能删除。"
RECOGNITION_STAYS = "认定登记后不能改动或删除。"
TITLE_STAYS = "称号只能终止一次，不能改动或删除。"
REVOCATION_STAYS = "撤销认定提出后不能改动或删除，只能复核一次。"
REVOCATION_NEEDS_TWO = "撤销认定由一人提出，另一人复核，也不能用自己建立或重设的账号复核。"
NOT_REVOKED = "撤销认定要有另一人复核过的文件。"
REVOKED_TOO_EARLY = "撤销日期不能早于认定日期。"
OBJECTION_STAYS = "异议的内容不能改动或删除，办结后结论也不能改。"


def _posted(row: str) -> str:
    """True where the line `row` (OLD or NEW) belongs to a notice that is no longer a draft."""
    return (
        "EXISTS (SELECT 1 FROM notices_notice"  # noqa: S608 (constants)
        f" WHERE id = {row}.notice_id AND status <> 'draft')"
    )


_notice_frozen = (
    f"OLD.status <> 'draft' AND ({changed(NOTICE_FIELDS)}"
    " OR OLD.status IN ('ended', 'withdrawn') OR NEW.status = 'draft')"
    # What ends or is withdrawn was shown to the public first.
    " OR OLD.status = 'draft' AND NEW.status NOT IN ('draft', 'posted')"
)
_line_frozen = f"{_posted('OLD')} AND ({changed(LINE_FIELDS)} OR OLD.outcome <> 'open')"
_objection_frozen = (
    f"OLD.outcome <> '' OR {changed(OBJECTION_FIELDS)}"
    " OR (OLD.line_id IS NOT NULL AND OLD.line_id IS DISTINCT FROM NEW.line_id)"
)

_title_changed = f"{changed(TITLE_FIELDS)} OR OLD.ended_on IS NOT NULL"
# The document is confirmed before the case moves.
_revoked_without_document = (
    "NEW.status = 'revoked' AND OLD.status <> 'revoked' AND NOT EXISTS"
    " (SELECT 1 FROM notices_revocation AS revocation"
    " JOIN notices_recognitionline AS line ON line.id = revocation.line_id"
    " WHERE line.application_id = NEW.id AND revocation.state = 'confirmed')"
)
# What is revoked is not granted again: the firm applies anew.
_revocation_undone = "OLD.status = 'revoked' AND NEW.status <> 'revoked'"
_revoked_too_early = (
    "EXISTS (SELECT 1 FROM notices_recognitionline AS line"
    " JOIN notices_recognition AS recognition ON recognition.id = line.recognition_id"
    ' WHERE line.id = NEW.line_id AND recognition."on" > NEW."on")'
)

GUARDS = (
    Guard("notices_notice", "UPDATE", _notice_frozen, NOTICE_STAYS),
    Guard("notices_notice", "DELETE", "OLD.status <> 'draft'", NOTICE_STAYS),
    Guard("notices_noticeline", "INSERT", _posted("NEW"), NOTICE_STAYS),
    Guard("notices_noticeline", "UPDATE", _line_frozen, NOTICE_STAYS),
    Guard("notices_noticeline", "DELETE", _posted("OLD"), NOTICE_STAYS),
    Guard("notices_objection", "UPDATE", _objection_frozen, OBJECTION_STAYS),
    Guard("notices_objection", "DELETE", "1 = 1", OBJECTION_STAYS),
    Guard("notices_recognition", "UPDATE", "1 = 1", RECOGNITION_STAYS),
    Guard("notices_recognition", "DELETE", "1 = 1", RECOGNITION_STAYS),
    Guard("notices_recognitionline", "UPDATE", "1 = 1", RECOGNITION_STAYS),
    Guard("notices_recognitionline", "DELETE", "1 = 1", RECOGNITION_STAYS),
    Guard("notices_enterprisetitle", "UPDATE", _title_changed, TITLE_STAYS),
    Guard("notices_enterprisetitle", "DELETE", "1 = 1", TITLE_STAYS),
    *guards_of(
        "notices_revocation",
        REVOCATION_FIELDS,
        stays=REVOCATION_STAYS,
        needs_two=REVOCATION_NEEDS_TWO,
    ),
    Guard("notices_revocation", "INSERT", _revoked_too_early, REVOKED_TOO_EARLY, "day"),
    Guard("cases_application", "UPDATE", _revoked_without_document, NOT_REVOKED, "revoke"),
    Guard("cases_application", "UPDATE", _revocation_undone, NOT_REVOKED, "unrevoke"),
)
