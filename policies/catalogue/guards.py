"""The rows of a published edition do not change."""

from collections.abc import Iterator

from portal.guards import Guard, history_guards

MESSAGE = "已发布的版本不能改动，请另起新版本。"
OVERLAP = "同一项目已发布的版本，起止日期不能重叠。"
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
EDITION = "catalogue_edition"
FROZEN_FIELDS = ("programme_id", "effective_from", "digest", "notices")
ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def _row_is_frozen(table: str, event: str) -> str:
    """True where the row belongs to an edition that is no longer a draft."""
    closed = (
        "('published', 'retired')" if event == "DELETE" else "('published', 'retired', 'discarded')"
    )
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM {EDITION} WHERE status IN {closed}"  # noqa: S608 (constants)
        f" AND id IN ({OWNERS[table].format(row=row)}))"
        for row in ROWS[event]
    )


def _edition_is_frozen() -> str:
    changed = [f"OLD.{field} IS DISTINCT FROM NEW.{field}" for field in FROZEN_FIELDS]
    return (
        f"(OLD.status IN ('published', 'retired') AND ({' OR '.join(changed)}))"
        " OR (OLD.status <> 'draft' AND NEW.status = 'draft')"
        " OR (OLD.status = 'retired' AND NEW.status = 'published')"
        " OR (OLD.status = 'discarded' AND NEW.status <> 'discarded')"
    )


def _overlaps() -> str:
    """True where a published edition would be in force together with another of its programme."""
    return (
        "NEW.status = 'published' AND EXISTS (SELECT 1 FROM catalogue_edition AS other"
        " WHERE other.programme_id = NEW.programme_id AND other.id <> NEW.id"
        " AND other.status = 'published'"
        " AND (NEW.ends IS NULL OR other.effective_from < NEW.ends)"
        " AND (other.ends IS NULL OR other.ends > NEW.effective_from))"
    )


def _guards() -> Iterator[Guard]:
    for table in OWNERS:
        for event in ROWS:
            yield Guard(table, event, _row_is_frozen(table, event), MESSAGE)
    yield Guard(EDITION, "INSERT", _overlaps(), OVERLAP)
    yield Guard(EDITION, "UPDATE", _edition_is_frozen(), MESSAGE)
    yield Guard(EDITION, "UPDATE", _overlaps(), OVERLAP, "overlap")
    yield Guard(EDITION, "DELETE", "OLD.status IN ('published', 'retired')", MESSAGE)


GUARDS = (
    *_guards(),
    *history_guards(
        "catalogue_historicalprogramme",
        "catalogue_historicalprogramme_conflicts",
        "catalogue_historicaledition",
        "catalogue_historicalfact",
        "catalogue_historicaldocument",
        "catalogue_historicalconflict",
        "catalogue_historicalcontact",
        "catalogue_historicalwindow",
    ),
)
