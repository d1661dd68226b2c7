"""What was proposed stays as it was said, and is decided once; no editor ends or begins a right alone."""

from policies.catalogue.guards import listed
from policies.catalogue.statuses import STANDING
from portal.guards import Guard, changed
from portal.guards_of_two import guards_of
from portal.one_hand import in_one_hand

TABLE = "editors_proposedchange"
PROPOSAL_STAYS = "提出的修改不能改动或删除；要改，请撤回后重新提交。"
_said = changed(
    (
        "content_type_id", "object_id", "subject", "before", "after", "reason",
        "proposed_by_id", "jurisdiction_code", "proposed_at",
    )
)  # fmt: skip
ONE_HAND = "自己提出的修改，要由另一个人确认；两个账号在同一个人手里，不算两个人。"
_in_one_hand = (
    "NEW.outcome IN ('accepted', 'rejected')"
    f" AND {in_one_hand('NEW.proposed_by_id', 'NEW.decided_by_id')}"
)
EDITION, OF_EDITION = "catalogue_edition", "editors_editionproposal"
EDITION_PROPOSAL_STAYS = "提交审核的内容不能改动或删除，只能审核一次。"
EDITION_NEEDS_TWO = (
    "发布、更正、停用和撤回由一人提出，另一人审核，也不能用自己建立或重设的账号审核。"
)
STILL_WAITS = "这份草稿正在等另一位编辑审核，要先退回或撤回，才能删除。"
NOT_AGREED = "版本由一位编辑提出、另一位编辑审核后才能发布、更正、停用或撤回。"
PACK_STAYS_PACK = "版本是不是来自目录包，建立后不能改。"


def _agreed(act: str, more: str = "", edition: str = "NEW") -> str:
    """True where a second person has confirmed this act on the edition."""
    return (
        f"EXISTS (SELECT 1 FROM {OF_EDITION} AS agreed WHERE agreed.edition_id = {edition}.id"  # noqa: S608 (constants)
        f" AND agreed.state = 'confirmed' AND agreed.act = {act}{more})"
    )


# What an operator loads from packs by command is nobody's proposal; the row says that it is packed.
# Moves that nobody may make, agreed or not, the guards of the catalogue refuse.
_published_alone = (
    "OLD.status = 'draft' AND NOT OLD.is_packed AND (NEW.status = 'published'"
    " OR NEW.status = 'retired' AND NEW.corrects_id IS NOT NULL) AND NOT "
    + _agreed(
        "CASE WHEN NEW.corrects_id IS NULL THEN 'publish' ELSE 'correct' END",
        " AND agreed.digest = NEW.digest AND agreed.day = NEW.effective_from",
    )
)
_later = f"EXISTS (SELECT 1 FROM {EDITION} AS later WHERE later.corrects_id = NEW.id"  # noqa: S608 (constants)
_agreed_correction = _agreed("'correct'", edition="later")
_corrected_alone = (
    f"OLD.status IN ({listed(STANDING)}) AND NEW.status = 'corrected' AND {_later})"
    f" AND NOT {_later} AND (later.is_packed OR {_agreed_correction}))"
)
_retired_alone = "OLD.status = 'published' AND NEW.status = 'retired' AND NOT " + _agreed(
    "'retire'", " AND agreed.day = NEW.own_end"
)
_withdrawn_alone = (
    f"OLD.status IN ({listed(STANDING)}) AND NEW.status = 'withdrawn' AND NOT "
    + _agreed("'withdraw'")
)
_draft_is_packed = f"OLD.status = 'draft' AND ({changed(['is_packed'])})"
_draft_is_another = "NEW.edition_id IS NOT NULL AND OLD.edition_id IS DISTINCT FROM NEW.edition_id"
_draft_is_gone = "OLD.edition_id IS NOT NULL AND NEW.edition_id IS NULL AND NEW.state = 'pending'"
GUARDS = (
    *guards_of(
        "editors_packimport",
        ("file_name", "files", "told", "reason", "jurisdiction_code"),
        stays="导入的目录包不能改动或删除；要改，请撤回后重新上传。",
        needs_two="自己上传的目录包，要由另一个人确认；两个账号在同一个人手里，不算两个人。",
    ),
    Guard(TABLE, "UPDATE", _in_one_hand, ONE_HAND, "one_hand"),
    Guard(TABLE, "UPDATE", f"OLD.outcome <> '' OR {_said}", PROPOSAL_STAYS),
    Guard(TABLE, "DELETE", "1 = 1", PROPOSAL_STAYS),
    *guards_of(
        OF_EDITION,
        (
            "subject", "jurisdiction_code", "act", "day", "own_end", "digest", "reason", "answers",
        ),
        stays=EDITION_PROPOSAL_STAYS,
        needs_two=EDITION_NEEDS_TWO,
    ),
    Guard(OF_EDITION, "UPDATE", _draft_is_another, EDITION_PROPOSAL_STAYS, "edition"),
    Guard(OF_EDITION, "UPDATE", _draft_is_gone, STILL_WAITS, "draft"),
    Guard(EDITION, "INSERT", "NEW.status <> 'draft' AND NOT NEW.is_packed", NOT_AGREED, "agreed"),
    Guard(EDITION, "UPDATE", _published_alone, NOT_AGREED, "published"),
    Guard(EDITION, "UPDATE", _corrected_alone, NOT_AGREED, "corrected"),
    Guard(EDITION, "UPDATE", _retired_alone, NOT_AGREED, "retired"),
    Guard(EDITION, "UPDATE", _withdrawn_alone, NOT_AGREED, "withdrawn"),
    Guard(EDITION, "UPDATE", _draft_is_packed, PACK_STAYS_PACK, "packed"),
)  # fmt: skip
