"""An opened call stays as it was opened; its last day moves on record only."""

from collections.abc import Iterator

from portal.guards import Guard, changed
from portal.one_hand import in_one_hand

CALL_FIELDS = (
    "programme_id",
    "title",
    "text",
    "document_number",
    "document_id",
    "opens_on",
    "places_are",
    "places",
    "office",
    "telephone",
    "version",
    "drafted_at",
    "drafted_by_id",
    "opened_at",
    "opened_by_id",
    "alone_reason",
)
CALL_STAYS = "征集开放后不能改动或删除，只能写明理由改截止日，或在没有申报时撤回。"
CALL_BEGINS_AS_A_DRAFT = "征集先拟稿，再开放。"
SECOND_PERSON = "征集由拟稿人以外的人开放；只能由拟稿人自己开放的，要写明理由。"
CALLS_OVERLAP = "同一项目的征集，时间不能重叠。"
MOVED_ON_RECORD = "改截止日、撤回征集，都要先记下经办人和理由。"
EVENTS_STAY = "征集记录不能改动或删除。"
COUNTY_DAY_FITS = (
    "县里的截止日只能比征集的截止日早，不能早于开始日期；征集要已开放，县要在它的地区内。"
)

_frozen = (
    f"OLD.status <> 'draft' AND ({changed(CALL_FIELDS)} OR NEW.status = 'draft'"
    f" OR (OLD.status = 'withdrawn' AND ({changed(('status', 'closes_on'))})))"
    " OR OLD.status = 'draft' AND NEW.status NOT IN ('draft', 'open')"
)
_opens = "OLD.status = 'draft' AND NEW.status = 'open'"
_opened_alone = (
    f"{_opens} AND NEW.alone_reason = '' AND (NEW.opened_by_id = OLD.drafted_by_id"
    f" OR {in_one_hand('NEW.opened_by_id', 'OLD.drafted_by_id')})"
)
_overlaps = (
    "NEW.status = 'open' AND EXISTS (SELECT 1 FROM catalogue_call AS other"
    " WHERE other.programme_id = NEW.programme_id AND other.id <> NEW.id AND other.status = 'open'"
    " AND (NEW.closes_on IS NULL OR other.opens_on <= NEW.closes_on)"
    " AND (other.closes_on IS NULL OR other.closes_on >= NEW.opens_on))"
)


def _without_record(action: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM catalogue_callevent AS own WHERE own.call_id = NEW.id"  # noqa: S608 (constants)
        f" AND own.action = '{action}' AND NOT (own.last_day IS DISTINCT FROM NEW.closes_on))"
    )


_moved_unrecorded = (
    f"OLD.status = 'open' AND (({changed(('closes_on',))}) AND {_without_record('move')}"
    f" OR NEW.status = 'withdrawn' AND {_without_record('withdraw')})"
)


def _of_opened(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM catalogue_call WHERE id = {row}.call_id AND status <> 'draft')"  # noqa: S608 (constants)


def _materials() -> Iterator[Guard]:
    table = "catalogue_material"
    yield Guard(table, "INSERT", _of_opened("NEW"), CALL_STAYS, "call")
    yield Guard(table, "UPDATE", f"{_of_opened('OLD')} OR {_of_opened('NEW')}", CALL_STAYS, "call")
    yield Guard(table, "DELETE", _of_opened("OLD"), CALL_STAYS, "call")


_misses_its_call = (
    "NOT EXISTS (SELECT 1 FROM catalogue_call AS own"
    " JOIN catalogue_programme AS programme ON programme.id = own.programme_id"
    " JOIN portal_jurisdiction AS county ON county.code = NEW.county_id"
    " JOIN portal_jurisdiction AS above ON above.code = county.parent_id"
    " WHERE own.id = NEW.call_id AND own.status = 'open' AND county.level = 'county'"
    " AND programme.area_id IN (above.code, above.parent_id)"
    " AND (NEW.last_day IS NULL OR (NEW.last_day >= own.opens_on"
    " AND (own.closes_on IS NULL OR NEW.last_day < own.closes_on))))"
)

GUARDS = (
    Guard("catalogue_call", "INSERT", "NEW.status <> 'draft'", CALL_BEGINS_AS_A_DRAFT),
    Guard("catalogue_call", "UPDATE", _frozen, CALL_STAYS),
    Guard("catalogue_call", "UPDATE", _opened_alone, SECOND_PERSON, "alone"),
    Guard("catalogue_call", "UPDATE", _overlaps, CALLS_OVERLAP, "overlap"),
    Guard("catalogue_call", "UPDATE", _moved_unrecorded, MOVED_ON_RECORD, "moved"),
    Guard("catalogue_call", "DELETE", "OLD.status <> 'draft'", CALL_STAYS),
    Guard("catalogue_callevent", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("catalogue_callevent", "DELETE", "1 = 1", EVENTS_STAY),
    Guard("catalogue_countylastday", "INSERT", _misses_its_call, COUNTY_DAY_FITS),
    Guard("catalogue_countylastday", "UPDATE", "1 = 1", EVENTS_STAY),
    Guard("catalogue_countylastday", "DELETE", "1 = 1", EVENTS_STAY),
    *_materials(),
)
