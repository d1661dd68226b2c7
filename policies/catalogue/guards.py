"""The rows of a published edition do not change, and its status only in known ways."""

from collections.abc import Iterator

from policies.catalogue.statuses import MOVES, REPLACED, STANDING
from portal.guards import Guard, changed, history_guards

MESSAGE = "已发布的版本不能改动，请另起新版本，或用“更正”。"
MOVE = "版本的状态不能这样改：草稿发布后，只能停用、撤回或更正；撤回和更正以后不再变。"
OVERLAP = "同一项目已发布的版本，起止日期不能重叠。"
CORRECTS = "更正的版本要与被更正的版本是同一项目、同一天起用，并且代替它。"
# How a row of each table finds its edition.
OWNERS = {
    "catalogue_criterion": "SELECT {row}.edition_id",
    "catalogue_award": "SELECT {row}.edition_id",
    "catalogue_material": "SELECT {row}.edition_id",
    "catalogue_step": "SELECT {row}.edition_id",
    "catalogue_tranche": "SELECT edition_id FROM catalogue_award WHERE id = {row}.award_id",
    "catalogue_citation": (
        "SELECT edition_id FROM catalogue_award WHERE id = {row}.award_id"
        " UNION SELECT edition_id FROM catalogue_criterion WHERE id = {row}.criterion_id"
    ),
}
# The examples of a pack's edition come and go with its pack; one by one they change as little.
EXAMPLE = "catalogue_example"
PACKED_EXAMPLE = "例子只在草稿里改；已发布版本的例子随目录包整套更新。"
EDITION = "catalogue_edition"
FROZEN_FIELDS = (
    "programme_id", "effective_from", "digest", "notices", "places", "formulas", "corrects_id",
    "is_packed",
)  # fmt: skip
ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _row_is_frozen(owner: str, event: str, unless: str = "") -> str:
    """True where the row belongs to an edition that is no longer a draft."""
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM {EDITION} WHERE status <> 'draft'{unless}"  # noqa: S608 (constants)
        f" AND id IN ({owner.format(row=row)}))"
        for row in ROWS[event]
    )


def _example_is_frozen(event: str) -> str:
    return _row_is_frozen(
        "SELECT {row}.edition_id", event, "" if event == "UPDATE" else " AND NOT is_packed"
    )


def _edition_is_frozen() -> str:
    """Its own end changes by retiring it; its `ends` moves with its neighbours while it stands."""
    is_moved = "OLD.status <> NEW.status"
    return (
        f"OLD.status <> 'draft' AND ({changed(FROZEN_FIELDS)}"
        f" OR (({changed(('own_end',))}) AND NOT (OLD.status = 'published'"
        " AND NEW.status = 'retired'))"
        f" OR (({changed(('reason', 'closed_at'))}) AND NOT {is_moved})"
        f" OR (({changed(('ends',))}) AND OLD.status IN ({listed(REPLACED)})))"
    )


def _is_no_move() -> str:
    allowed = " OR ".join(
        f"(OLD.status = '{before}' AND NEW.status IN ({listed(after)}))"
        for before, after in MOVES.items()
    )
    return (
        f"OLD.status <> NEW.status AND (NOT ({allowed})"
        " OR (OLD.status = 'draft' AND NEW.status = 'retired' AND NEW.corrects_id IS NULL"
        # A pack tells of one that had been retired where it was written.
        " AND NOT NEW.is_packed))"
    )


def _corrects_something_else(event: str) -> str:
    """What is corrected is no draft, and gives way before its correction stands."""
    told = f"'draft', {listed(STANDING)}"
    of_itself = (
        f"NEW.corrects_id IS NOT NULL AND NEW.status IN ({told}) AND NOT EXISTS"  # noqa: S608 (constants)
        f" (SELECT 1 FROM {EDITION} AS earlier WHERE earlier.id = NEW.corrects_id"
        " AND earlier.programme_id = NEW.programme_id AND earlier.effective_from = NEW.effective_from"
        " AND (earlier.status = 'corrected' OR (NEW.status = 'draft' AND earlier.status <> 'draft')))"
    )
    if event == "INSERT":
        return of_itself
    return (
        f"({of_itself}) OR (OLD.status <> 'corrected' AND NEW.status = 'corrected'"  # noqa: S608 (constants)
        f" AND NOT EXISTS (SELECT 1 FROM {EDITION} AS later WHERE later.corrects_id = NEW.id))"
    )


def _overlaps() -> str:
    """True where an edition would be in force together with another of its programme."""
    return (
        f"NEW.status IN ({listed(STANDING)}) AND EXISTS"  # noqa: S608 (constants)
        f" (SELECT 1 FROM {EDITION} AS other WHERE other.programme_id = NEW.programme_id AND other.id <> NEW.id"
        f" AND other.status IN ({listed(STANDING)})"
        " AND (NEW.ends IS NULL OR other.effective_from < NEW.ends)"
        " AND (other.ends IS NULL OR other.ends > NEW.effective_from))"
    )


def _guards() -> Iterator[Guard]:
    for table, owner in OWNERS.items():
        for event in ROWS:
            yield Guard(table, event, _row_is_frozen(owner, event), MESSAGE)
    for event in ROWS:
        yield Guard(EXAMPLE, event, _example_is_frozen(event), PACKED_EXAMPLE)
    yield Guard(EDITION, "UPDATE", _edition_is_frozen(), MESSAGE)
    yield Guard(EDITION, "UPDATE", _is_no_move(), MOVE, "move")
    for event in ("INSERT", "UPDATE"):
        yield Guard(EDITION, event, _overlaps(), OVERLAP, "overlap")
        yield Guard(EDITION, event, _corrects_something_else(event), CORRECTS, "corrects")
    yield Guard(EDITION, "DELETE", "OLD.status <> 'draft'", MESSAGE)


GUARDS = (
    *_guards(),
    *history_guards(
        "catalogue_historicalprogramme",
        "catalogue_historicalprogramme_conflicts",
        "catalogue_historicaledition",
        "catalogue_historicalfact",
        "catalogue_historicalformula",
        "catalogue_historicaldocument",
        "catalogue_historicalclause",
        "catalogue_historicalconflict",
        "catalogue_historicaloffice",
        "catalogue_historicalcontact",
        "catalogue_historicalwindow",
        "catalogue_historicalsynonym",
    ),
)
