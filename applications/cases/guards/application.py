"""What was submitted and what was done stays as it was."""

from policies.catalogue.shared_guards import UNDATED_KEY, fact_guards, undated
from portal.guards import Guard, Hold, changed, mentions

# What a firm said and what it was judged by; where the case stands may change.
SUBMITTED_FIELDS = (
    "reference",
    "number",
    "enterprise_id",
    "enterprise_name",
    "subject",
    "edition_id",
    "call_id",
    "on",
    "year",
    "submitted_at",
    "submitted_by_id",
    "commitment",
)
# These change too, when the firm hands in what it was asked to correct.
CORRECTED_FIELDS = ("answers", "assessment")
CORRECTION_FIELDS = (
    "application_id",
    "facts",
    "materials",
    "reason",
    "requested_at",
    "requested_by_id",
    "working_days",
)
EVENTS_STAY = "办理记录不能改动或删除。"
CORRECTION_STAYS = "补正要求不能改动或删除。"
EDITION_IS_USED = "已有申报用这个版本办理，不能撤回；内容有错请用“更正”。"
EDITION_IS_REPLACED = "这个政策版本已更正或撤回，请按现在的版本提交。"
SUBMITTED_STAYS = "申报提交后，填报内容不能改动，也不能删除。"

MOVES_UNRECORDED = "申报只能转交到企业迁往的县，并写明理由。"
# Written with the record before the case moves.
_moves_unrecorded = (
    "OLD.county_id <> NEW.county_id AND (NEW.status NOT IN ('submitted', 'in_review', 'returned')"
    " OR NOT EXISTS (SELECT 1 FROM cases_applicationevent AS own"
    " JOIN enterprises_enterprise AS firm"
    " ON firm.id = COALESCE(NEW.successor_id, NEW.enterprise_id)"
    " WHERE own.application_id = NEW.id AND own.action = 'transfer' AND own.opinion <> ''"
    " AND own.at = NEW.arrived_at AND firm.county_id = NEW.county_id))"
)
GOES_OVER_UNRECORDED = "申报只能由登记的承继企业继续，并写明理由。"
_goes_over_unrecorded = (
    "OLD.successor_id IS DISTINCT FROM NEW.successor_id AND ("
    "NOT EXISTS (SELECT 1 FROM cases_applicationevent AS own"
    " WHERE own.application_id = NEW.id AND own.action = 'succeed' AND own.opinion <> '')"
    " OR NOT EXISTS (SELECT 1 FROM enterprises_enterprisechange AS merger"
    " WHERE merger.enterprise_id = COALESCE(OLD.successor_id, NEW.enterprise_id)"
    " AND merger.successor_id = NEW.successor_id"
    " AND merger.kind = 'merged' AND merger.state = 'confirmed'))"
)
_application_changed = (
    f"{changed(SUBMITTED_FIELDS)} OR (({changed(CORRECTED_FIELDS)})"
    " AND NOT (OLD.status = 'returned' AND NEW.status = 'in_review'))"
)
APPLIED_STAYS = (
    "已有申报或申报草稿填报了这个指标，不能删除，也不能改类型、单位，不能收窄范围或去掉选项。"
)


def _mentioned_in(table: str, column: str) -> str:
    """By its own key, or, where it speaks of a year, as any of the years."""
    years = [mentions(column, f"{UNDATED_KEY} || '.y{ago}'") for ago in range(4)]
    of_a_year = f"OLD.key <> {UNDATED_KEY} AND ({' OR '.join(years)})"
    named = f"{mentions(column, 'OLD.key')} OR ({of_a_year})"
    return f"EXISTS (SELECT 1 FROM {table} WHERE {named})"  # noqa: S608 (constants)


_is_applied_with = " OR ".join(
    _mentioned_in(table, "answers") for table in ("cases_application", "cases_applicationdraft")
)
FACT_GONE = "填报的一项指标刚被删除。"
_applied_now = (
    f"{undated('held.key')} IN (SELECT {undated('word')} FROM unnest(words) AS named(word))"  # noqa: S608 (constants)
)
LAPSES_LATE = "逾期结案要在补正截止日过后，由经办人写明理由。"
# Written with the record before the case moves, so that there is no end without a reason on it.
_lapses_early = (
    "NEW.action = 'lapse' AND (NEW.actor_id IS NULL OR NEW.opinion = '' OR NEW.source <> 'returned'"
    " OR NOT EXISTS (SELECT 1 FROM cases_correction AS own"
    " WHERE own.application_id = NEW.application_id AND own.answered_at IS NULL"
    " AND own.due_on < local_day(NEW.at)))"
)
_lapses_unrecorded = (
    "NEW.status = 'lapsed' AND OLD.status <> 'lapsed' AND (OLD.status <> 'returned'"
    " OR NOT EXISTS (SELECT 1 FROM cases_applicationevent AS own"
    " WHERE own.application_id = NEW.id AND own.action = 'lapse' AND own.at = NEW.arrived_at))"
)
_correction_changed = (
    changed(CORRECTION_FIELDS) + " OR OLD.answered_at IS NOT NULL"
    # The day is set once, when the calendar is known.
    " OR (OLD.due_on IS NOT NULL AND OLD.due_on IS DISTINCT FROM NEW.due_on)"
)
_used_edition_is_withdrawn = (
    "OLD.status <> NEW.status AND NEW.status = 'withdrawn'"
    " AND EXISTS (SELECT 1 FROM cases_application WHERE edition_id = OLD.id)"
)
_edition_is_replaced = (
    "EXISTS (SELECT 1 FROM catalogue_edition"
    " WHERE id = NEW.edition_id AND status IN ('corrected', 'withdrawn'))"
)
GUARDS = (
    Guard("catalogue_edition", "UPDATE", _used_edition_is_withdrawn, EDITION_IS_USED),
    Guard("cases_application", "INSERT", _edition_is_replaced, EDITION_IS_REPLACED),
    *fact_guards(_is_applied_with, APPLIED_STAYS),
    *(
        Hold(table, ("answers",), "catalogue_fact", FACT_GONE, _applied_now, "SHARE")
        for table in ("cases_application", "cases_applicationdraft")
    ),
    Guard("cases_applicationevent", "INSERT", _lapses_early, LAPSES_LATE, "lapse"),
    Guard("cases_application", "UPDATE", _lapses_unrecorded, LAPSES_LATE, "lapse"),
    Guard("cases_applicationevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("cases_applicationevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("cases_application", "UPDATE", _application_changed, SUBMITTED_STAYS),
    Guard("cases_application", "UPDATE", _moves_unrecorded, MOVES_UNRECORDED, "transfer"),
    Guard("cases_application", "UPDATE", _goes_over_unrecorded, GOES_OVER_UNRECORDED, "succeed"),
    Guard("cases_application", "DELETE", "1 = 1", SUBMITTED_STAYS),
    Guard("cases_correction", "UPDATE", _correction_changed, CORRECTION_STAYS),
    Guard("cases_correction", "DELETE", "1 = 1", CORRECTION_STAYS),
)
