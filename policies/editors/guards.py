"""What was proposed stays as it was said, and is decided once."""

from portal.guards import Guard, changed

TABLE = "editors_proposedchange"
PROPOSAL_STAYS = "提出的修改不能改动或删除；要改，请撤回后重新提交。"
_said = changed(
    (
        "content_type_id", "object_id", "subject", "before", "after", "reason",
        "proposed_by_id", "jurisdiction_code", "proposed_at",
    )
)  # fmt: skip
GUARDS = (
    Guard(TABLE, "UPDATE", f"OLD.outcome <> '' OR {_said}", PROPOSAL_STAYS),
    Guard(TABLE, "DELETE", "1 = 1", PROPOSAL_STAYS),
)
