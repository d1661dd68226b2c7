"""The guards of acts that take two: who decides is another than who proposed, whoever writes the row."""

from collections.abc import Iterable

from portal.guards import Guard, changed
from portal.one_hand import in_one_hand

PROPOSED_FIELDS = ("proposed_at", "proposed_by_id")
DECISION_FIELDS = ("state", "decided_at", "decided_by_id", "answer")


def guards_of(
    table: str, fields: Iterable[str], *, stays: str, needs_two: str
) -> tuple[Guard, ...]:
    """Guards of a table of such acts, whose `fields` are what is proposed."""
    is_changed = (
        f"{changed((*fields, *PROPOSED_FIELDS))}"
        f" OR OLD.state <> 'pending' AND ({changed(DECISION_FIELDS)})"
    )
    is_alone = (
        "OLD.state = 'pending' AND (NEW.state IN ('confirmed', 'refused')"
        " AND (NEW.decided_by_id = OLD.proposed_by_id"
        f" OR {in_one_hand('OLD.proposed_by_id', 'NEW.decided_by_id')})"
        " OR NEW.state = 'withdrawn' AND NEW.decided_by_id <> OLD.proposed_by_id)"
    )
    return (
        Guard(table, "INSERT", "NEW.state <> 'pending'", needs_two, "two_people"),
        Guard(table, "UPDATE", is_changed, stays),
        Guard(table, "UPDATE", is_alone, needs_two, "two_people"),
        Guard(table, "DELETE", "1 = 1", stays),
    )
