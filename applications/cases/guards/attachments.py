"""What was handed in stays as it was."""

from portal.guards import Guard, changed

ATTACHMENT_FIELDS = ("application_id", "material_id", "library_file_id", "added_at", "added_by_id")
FILE_IS_USED = "申报中使用过的文件要留存备查。"
ATTACHMENT_STAYS = "申报提交后，附件不能改动或删除，只能由新的附件替换。"
ATTACHMENT_FITS = "附件应为本企业资料库中的文件，材料应在这个政策版本的清单里，或是这次征集要的。"

_FILE_IS_USED = (
    "NEW.withdrawn_at IS NOT NULL"
    " AND EXISTS (SELECT 1 FROM cases_attachment WHERE library_file_id = OLD.id)"
)
_ATTACHMENT_IS_REPLACED_TWICE = (
    "OLD.replaced_at IS NOT NULL AND OLD.replaced_at IS DISTINCT FROM NEW.replaced_at"
)
_ATTACHMENT_IS_SUBMITTED = (
    "EXISTS (SELECT 1 FROM cases_application"
    " WHERE id = OLD.application_id AND submitted_at IS NOT NULL)"
)
_ATTACHMENT_IS_FOREIGN = (
    "NOT EXISTS (SELECT 1 FROM cases_application AS application"
    " JOIN enterprises_libraryfile AS own ON own.enterprise_id = application.enterprise_id"
    " JOIN portal_storedfile AS file ON file.id = own.storedfile_ptr_id"
    " WHERE application.id = NEW.application_id AND file.id = NEW.library_file_id"
    " AND file.withdrawn_at IS NULL AND (NEW.material_id IS NULL"
    " OR EXISTS (SELECT 1 FROM catalogue_material AS asked WHERE asked.id = NEW.material_id"
    " AND (asked.edition_id = application.edition_id OR asked.call_id = application.call_id))))"
)

GUARDS = (
    Guard("portal_storedfile", "UPDATE", _FILE_IS_USED, FILE_IS_USED),
    Guard("cases_attachment", "INSERT", _ATTACHMENT_IS_FOREIGN, ATTACHMENT_FITS),
    Guard(
        "cases_attachment",
        "UPDATE",
        f"{changed(ATTACHMENT_FIELDS)} OR ({_ATTACHMENT_IS_REPLACED_TWICE})",
        ATTACHMENT_STAYS,
    ),
    Guard("cases_attachment", "DELETE", _ATTACHMENT_IS_SUBMITTED, ATTACHMENT_STAYS),
)
