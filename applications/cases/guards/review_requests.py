"""A review is asked for once, in time, of a rejected case; another person answers, once."""

from applications.cases.taking_part import took_part
from portal.guards import Guard, changed

REVIEW_FITS = "只有未通过的申报，在期限内，可以针对那次不予通过申请复核。"
REVIEW_STAYS = "复核申请和答复不能改动或删除，只能答复一次。"
ANOTHER_ANSWERS = "复核要由没有办理、判断或评审过这件申报的人答复。"
REVIEW_FIRST = "企业申请了复核，答复为“重新审核”以前，不能撤回结论。"
_asked = ("application_id", "rejection_id", "reason", "due_on", "requested_at", "requested_by_id")
_does_not_fit = (
    "NEW.outcome <> '' OR NEW.due_on < local_day(NEW.requested_at)"
    " OR NOT EXISTS (SELECT 1 FROM cases_application AS own"
    " JOIN cases_applicationevent AS rejection ON rejection.application_id = own.id"
    " WHERE own.id = NEW.application_id AND own.status = 'rejected'"
    " AND rejection.id = NEW.rejection_id AND rejection.action = 'reject')"
)
_is_closed = (
    "NEW.action = 'reopen' AND EXISTS (SELECT 1 FROM cases_reviewrequest AS request"
    " WHERE request.application_id = NEW.application_id AND request.outcome <> 'reopened')"
)

GUARDS = (
    Guard("cases_reviewrequest", "INSERT", _does_not_fit, REVIEW_FITS),
    Guard("cases_reviewrequest", "UPDATE", f"{changed(_asked)} OR OLD.outcome <> ''", REVIEW_STAYS),
    Guard(
        "cases_reviewrequest",
        "UPDATE",
        f"NEW.outcome <> '' AND {took_part('NEW.application_id', 'NEW.answered_by_id')}",
        ANOTHER_ANSWERS,
        "another",
    ),
    Guard("cases_reviewrequest", "DELETE", "1 = 1", REVIEW_STAYS),
    Guard("cases_applicationevent", "INSERT", _is_closed, REVIEW_FIRST, "review"),
)
