"""What was uploaded and handed in stays as it was."""

from portal.guards import Guard, changed

# What describes a file's content; its title, its date and whether it is withdrawn may change.
FILE_FIELDS = (
    "reference",
    "enterprise_id",
    "original_name",
    "content_type",
    "size",
    "sha256",
    "scan",
    "uploaded_at",
    "uploaded_by_id",
)
ATTACHMENT_FIELDS = ("application_id", "material_id", "stored_file_id", "added_at", "added_by_id")
FILE_STAYS = "文件的内容不能改动；申报用过的文件不能撤下，撤下的不能恢复。"
ATTACHMENT_STAYS = "申报提交后，附件不能改动或删除，只能由新的附件替换。"
ATTACHMENT_FITS = "附件应为本企业资料库中的文件，材料应在这个政策版本的清单里。"

_FILE_LEAVES = (
    "OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at AND (OLD.withdrawn_at IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM applications_attachment WHERE stored_file_id = OLD.id))"
)
_ATTACHMENT_IS_REPLACED_TWICE = (
    "OLD.replaced_at IS NOT NULL AND OLD.replaced_at IS DISTINCT FROM NEW.replaced_at"
)
_ATTACHMENT_IS_SUBMITTED = (
    "EXISTS (SELECT 1 FROM applications_application"
    " WHERE id = OLD.application_id AND submitted_at IS NOT NULL)"
)
_ATTACHMENT_IS_FOREIGN = (
    "NOT EXISTS (SELECT 1 FROM applications_application AS application"
    " JOIN applications_storedfile AS file ON file.enterprise_id = application.enterprise_id"
    " WHERE application.id = NEW.application_id AND file.id = NEW.stored_file_id"
    " AND file.withdrawn_at IS NULL AND (NEW.material_id IS NULL OR application.edition_id ="
    " (SELECT edition_id FROM policies_material WHERE id = NEW.material_id)))"
)

GUARDS = (
    Guard(
        "applications_storedfile",
        "UPDATE",
        f"{changed(FILE_FIELDS)} OR ({_FILE_LEAVES})",
        FILE_STAYS,
    ),
    Guard("applications_attachment", "INSERT", _ATTACHMENT_IS_FOREIGN, ATTACHMENT_FITS),
    Guard(
        "applications_attachment",
        "UPDATE",
        f"{changed(ATTACHMENT_FIELDS)} OR ({_ATTACHMENT_IS_REPLACED_TWICE})",
        ATTACHMENT_STAYS,
    ),
    Guard("applications_attachment", "DELETE", _ATTACHMENT_IS_SUBMITTED, ATTACHMENT_STAYS),
)
