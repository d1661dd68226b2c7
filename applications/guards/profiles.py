"""What a firm told stays as it was; what it tells anew stands beside it."""

from portal.guards import Guard

ANSWERS_STAY = "档案数据只增不改，不能改动或删除。"
SUBJECT_OF_OTHERS = "项目或基地不属于这家企业。"
_subject_of_others = (
    "NEW.subject_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM applications_subject"
    " WHERE id = NEW.subject_id AND enterprise_id = NEW.enterprise_id)"
)
_subject_moves = "OLD.enterprise_id IS DISTINCT FROM NEW.enterprise_id OR OLD.kind <> NEW.kind"

GUARDS = (
    Guard("applications_profileanswer", "UPDATE", "1 = 1", ANSWERS_STAY),
    Guard("applications_profileanswer", "DELETE", "1 = 1", ANSWERS_STAY),
    Guard("applications_profileanswer", "INSERT", _subject_of_others, SUBJECT_OF_OTHERS),
    Guard("applications_subject", "UPDATE", _subject_moves, SUBJECT_OF_OTHERS),
)
