"""What came in and left as spreadsheets."""

from applications.centre.models.export_log import ExportLog
from applications.centre.models.sheet_import import SheetImport

__all__ = [
    "ExportLog",
    "SheetImport",
]
