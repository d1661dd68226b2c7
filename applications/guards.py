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
ANSWERS_STAY = "档案数据只增不改，不能改动或删除。"
SUBJECT_OF_OTHERS = "项目或基地不属于这家企业。"
_changed = " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in SUBMITTED_FIELDS)
_subject_of_others = (
    "NEW.subject_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM applications_subject"
    " WHERE id = NEW.subject_id AND enterprise_id = NEW.enterprise_id)"
)
_subject_moves = "OLD.enterprise_id IS DISTINCT FROM NEW.enterprise_id OR OLD.kind <> NEW.kind"

GUARDS = (
    Guard("applications_applicationevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("applications_applicationevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("applications_profileanswer", "UPDATE", "1 = 1", ANSWERS_STAY),
    Guard("applications_profileanswer", "DELETE", "1 = 1", ANSWERS_STAY),
    Guard("applications_profileanswer", "INSERT", _subject_of_others, SUBJECT_OF_OTHERS),
    Guard("applications_subject", "UPDATE", _subject_moves, SUBJECT_OF_OTHERS),
    Guard("applications_application", "UPDATE", _changed, SUBMITTED_STAYS),
    Guard("applications_application", "DELETE", "1 = 1", SUBMITTED_STAYS),
)
