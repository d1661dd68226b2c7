"""What was submitted and what was done stays as it was."""

from portal.guards import Guard

# What a firm said and what it was judged by; status and self_check may change.
SUBMITTED_FIELDS = (
    "reference",
    "number",
    "enterprise_id",
    "enterprise_name",
    "subject",
    "edition_id",
    "county_id",
    "on",
    "year",
    "answers",
    "assessment",
    "submitted_at",
)
EVENTS_STAY = "办理记录不能改动或删除。"
SUBMITTED_STAYS = "申报提交后，填报内容不能改动，也不能删除。"
_changed = " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in SUBMITTED_FIELDS)

GUARDS = (
    Guard("applications_applicationevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("applications_applicationevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("applications_application", "UPDATE", _changed, SUBMITTED_STAYS),
    Guard("applications_application", "DELETE", "1 = 1", SUBMITTED_STAYS),
)
