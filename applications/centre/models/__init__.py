"""What came in and left as spreadsheets, and how a centre wants its lists."""

from applications.centre.models.audit_record import AuditRecord
from applications.centre.models.daily_mail import NoDailyMail
from applications.centre.models.export_log import ExportLog
from applications.centre.models.figures import Figures
from applications.centre.models.office_list import OfficeColumn, OfficeList
from applications.centre.models.saved_filter import SavedFilter
from applications.centre.models.sheet_import import SheetImport

__all__ = [
    "AuditRecord",
    "ExportLog",
    "Figures",
    "NoDailyMail",
    "OfficeColumn",
    "OfficeList",
    "SavedFilter",
    "SheetImport",
]
