"""What staff found and experts said stays as it was."""

from portal.guards import Guard, changed

ASSIGNED_FIELDS = (
    "application_id",
    "step",
    "step_title",
    "expert_id",
    "assigned_by_id",
    "assigned_at",
)
FINDING_STAYS = "人工判断不能改动或删除，只能重新判断。"
ASSIGNMENT_STAYS = "专家指派不能改动或删除；声明、撤销以后也不能再改。"
SCORE_STAYS = "专家评分不能改动或删除。"
_assignment_changed = (
    f"{changed(ASSIGNED_FIELDS)} OR OLD.conflict <> '' OR OLD.withdrawn_at IS NOT NULL"
)

GUARDS = (
    Guard("cases_finding", "UPDATE", "1 = 1", FINDING_STAYS),
    Guard("cases_finding", "DELETE", "1 = 1", FINDING_STAYS),
    Guard("cases_expertassignment", "UPDATE", _assignment_changed, ASSIGNMENT_STAYS),
    Guard("cases_expertassignment", "DELETE", "1 = 1", ASSIGNMENT_STAYS),
    Guard("cases_expertscore", "UPDATE", "1 = 1", SCORE_STAYS),
    Guard("cases_expertscore", "DELETE", "1 = 1", SCORE_STAYS),
)
