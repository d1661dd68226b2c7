"""Two people decide a case, whoever writes its record."""

from applications.cases.workflow import DECISIONS, HELD_HERE, Status
from portal.guards import Guard
from portal.one_hand import in_one_hand

BOTH_LEVELS = "同一件申报，县级和市级要由两个人办理。"
OWN_RECOMMENDATION = "在别的环节推荐过这件申报的人，不能通过它的专家评审环节。"
OTHER_DESK = "县级的人只能接手、分配县级的申报，市级的人只能接手、分配市级的。"


def _listed(values: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _decides(row: str) -> str:
    """True where the event `row` is a decision of the county or the city at a step."""
    return (
        f"{row}.action IN ({_listed(DECISIONS)}) AND {row}.step_level IN ({_listed(HELD_HERE)})"
        f" AND {row}.source <> '{Status.IN_NOTICE}'"
    )


def _decided_before(how: str) -> str:
    return (
        f"{_decides('NEW')} AND EXISTS (SELECT 1 FROM cases_applicationevent AS earlier"  # noqa: S608 (constants)
        " WHERE earlier.application_id = NEW.application_id"
        # Whom somebody stands in for decides with them.
        " AND (earlier.actor_id IN (NEW.actor_id, NEW.on_behalf_of_id)"
        " OR earlier.on_behalf_of_id IN (NEW.actor_id, NEW.on_behalf_of_id)"
        f" OR {in_one_hand('earlier.actor_id', 'NEW.actor_id')})"
        f" AND {_decides('earlier')} AND {how})"
    )


_both_levels = _decided_before("earlier.step_level <> NEW.step_level")
_own_recommendation = "NEW.action = 'recommend' AND NEW.step_is_expert AND " + _decided_before(
    "earlier.action = 'recommend' AND earlier.step_place <> NEW.step_place"
)
# A superuser without a jurisdiction stands at every desk; whose place is unknown, at none.
_other_desk = (
    "NEW.action IN ('take_over', 'assign', 'unassign') AND NOT EXISTS (SELECT 1 FROM portal_user AS actor"
    " LEFT JOIN portal_jurisdiction AS place ON place.code = actor.jurisdiction_code"
    " WHERE actor.id = NEW.actor_id AND ((actor.is_superuser AND actor.jurisdiction_code = '')"
    " OR (place.level = 'county') = (NEW.step_level = 'county')))"
)

GUARDS = (
    Guard("cases_applicationevent", "INSERT", _both_levels, BOTH_LEVELS, "levels"),
    Guard("cases_applicationevent", "INSERT", _own_recommendation, OWN_RECOMMENDATION, "experts"),
    Guard("cases_applicationevent", "INSERT", _other_desk, OTHER_DESK, "desk"),
)
