"""A cover stays as it was entered, but for its end; nobody acts in the stead of who is not covered."""

from portal.guards import Guard, changed

COVER_STAYS = "代班的登记不能改动或删除，只能提前结束一次。"
NOT_COVERED = "没有在当天有效的代班，不能代别人办理。"
_entered = ("person_id", "substitute_id", "first", "last", "reason", "entered_by_id", "entered_at")
_changed = f"{changed(_entered)} OR OLD.ended_at IS NOT NULL"
_not_covered = (
    "NEW.on_behalf_of_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cases_cover AS cover"
    " WHERE cover.person_id = NEW.on_behalf_of_id AND cover.substitute_id = NEW.actor_id"
    " AND cover.ended_at IS NULL AND local_day(NEW.at) BETWEEN cover.first AND cover.last)"
)
GUARDS = (
    Guard("cases_cover", "UPDATE", _changed, COVER_STAYS),
    Guard("cases_cover", "DELETE", "1 = 1", COVER_STAYS),
    Guard("cases_applicationevent", "INSERT", _not_covered, NOT_COVERED, "cover"),
)
