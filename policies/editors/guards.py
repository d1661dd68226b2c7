"""What was proposed stays as it was said, and is decided once."""

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
GUARDS = (
    *guards_of(
        "editors_packimport",
        ("file_name", "files", "reason", "jurisdiction_code"),
        stays="导入的目录包不能改动或删除；要改，请撤回后重新上传。",
        needs_two="自己上传的目录包，要由另一个人确认；两个账号在同一个人手里，不算两个人。",
    ),
    Guard(TABLE, "UPDATE", _in_one_hand, ONE_HAND, "one_hand"),
    Guard(TABLE, "UPDATE", f"OLD.outcome <> '' OR {_said}", PROPOSAL_STAYS),
    Guard(TABLE, "DELETE", "1 = 1", PROPOSAL_STAYS),
)
