"""What was submitted and what was done stays as it was."""

from collections.abc import Iterable

from portal.guards import Guard

# What a firm said and what it was judged by; where the case stands may change.
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
    "submitted_at",
)
# These change too, when the firm hands in what it was asked to correct.
CORRECTED_FIELDS = ("answers", "assessment")
ASSIGNED_FIELDS = (
    "application_id",
    "step",
    "step_title",
    "expert_id",
    "assigned_by_id",
    "assigned_at",
)
EVENTS_STAY = "办理记录不能改动或删除。"
CORRECTION_STAYS = "补正要求不能改动或删除。"
FINDING_STAYS = "人工判断不能改动或删除，只能重新判断。"
ASSIGNMENT_STAYS = "专家指派不能改动或删除；声明、撤销以后也不能再改。"
SCORE_STAYS = "专家评分不能改动或删除。"
SUBMITTED_STAYS = "申报提交后，填报内容不能改动，也不能删除。"


def _changed(names: Iterable[str]) -> str:
    return " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in names)


_application_changed = (
    f"{_changed(SUBMITTED_FIELDS)} OR (({_changed(CORRECTED_FIELDS)})"
    " AND NOT (OLD.status = 'returned' AND NEW.status = 'in_review'))"
)
_correction_changed = (
    _changed(("application_id", "facts", "materials", "reason", "requested_at", "requested_by_id"))
    + " OR OLD.answered_at IS NOT NULL"
)
_assignment_changed = (
    f"{_changed(ASSIGNED_FIELDS)} OR OLD.conflict <> '' OR OLD.withdrawn_at IS NOT NULL"
)

GUARDS = (
    Guard("applications_applicationevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("applications_applicationevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("applications_application", "UPDATE", _application_changed, SUBMITTED_STAYS),
    Guard("applications_application", "DELETE", "1 = 1", SUBMITTED_STAYS),
    Guard("applications_correction", "UPDATE", _correction_changed, CORRECTION_STAYS),
    Guard("applications_correction", "DELETE", "1 = 1", CORRECTION_STAYS),
    Guard("applications_finding", "UPDATE", "1 = 1", FINDING_STAYS),
    Guard("applications_finding", "DELETE", "1 = 1", FINDING_STAYS),
    Guard("applications_expertassignment", "UPDATE", _assignment_changed, ASSIGNMENT_STAYS),
    Guard("applications_expertassignment", "DELETE", "1 = 1", ASSIGNMENT_STAYS),
    Guard("applications_expertscore", "UPDATE", "1 = 1", SCORE_STAYS),
    Guard("applications_expertscore", "DELETE", "1 = 1", SCORE_STAYS),
)
