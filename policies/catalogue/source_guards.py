"""What was put there as the original of a document, and who compared what with it, stays as it was."""

from policies.catalogue.guards import listed
from policies.catalogue.statuses import STANDING
from portal.guards import Guard, changed

ORIGINAL_STAYS = "原件的记录不能改动或删除，只能写明原因换下或撤下一次。"
ORIGINAL_IS_SHOWN = "正在公开的原件，先撤下，再删去内容。"
CHECK_STAYS = "核对记录不能改动或删除；看错了，请再核对一次。"
CHECKED_IN_FORCE = "只核对发布过、仍然有效的版本。"

_ORIGINAL_FIELDS = ("document_id", "role")
_CLOSING_FIELDS = ("closed_at", "closed_role", "closed_because")
_is_draft = (
    "NOT EXISTS (SELECT 1 FROM catalogue_edition WHERE id = NEW.edition_id"  # noqa: S608 (constants)
    f" AND status IN ({listed(STANDING)}))"
)
_is_shown = (
    "NEW.withdrawn_at IS NOT NULL AND EXISTS (SELECT 1 FROM catalogue_original"
    " WHERE storedfile_ptr_id = NEW.id AND closed_at IS NULL)"
)
GUARDS = (
    Guard(
        "catalogue_original",
        "UPDATE",
        f"{changed(_ORIGINAL_FIELDS)} OR (OLD.closed_at IS NOT NULL AND ({changed(_CLOSING_FIELDS)}))",
        ORIGINAL_STAYS,
    ),
    Guard("catalogue_original", "DELETE", "1 = 1", ORIGINAL_STAYS),
    Guard("portal_storedfile", "UPDATE", _is_shown, ORIGINAL_IS_SHOWN, "original"),
    Guard("catalogue_sourcecheck", "INSERT", _is_draft, CHECKED_IN_FORCE),
    Guard("catalogue_sourcecheck", "UPDATE", "1 = 1", CHECK_STAYS),
    Guard("catalogue_sourcecheck", "DELETE", "1 = 1", CHECK_STAYS),
)
