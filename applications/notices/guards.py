"""What was posted, objected and recognised stays as it was."""

from portal.guards import Guard, changed

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
NOTICE_STAYS = "公示张贴后不能改动，也不能删除。"
RECOGNITION_STAYS = "认定登记后不能改动或删除。"
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
)
