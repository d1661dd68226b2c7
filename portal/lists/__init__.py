"""Lists that leave the site: one declaration each, written as CSV, XLSX and PDF.

Every file says who made it, when and with which filter, and carries the SHA-256 of its rows. The
canonical form that is hashed is documented in `portal.lists.canonical`.
"""

from portal.lists.about import About
from portal.lists.declaration import Column, DataList, Kind, Summary, sql_summary
from portal.lists.formats import FORMATS, ListTooLongError, write_list
from portal.lists.preview import Preview, preview_of

__all__ = [
    "FORMATS",
    "About",
    "Column",
    "DataList",
    "Kind",
    "ListTooLongError",
    "Preview",
    "Summary",
    "preview_of",
    "sql_summary",
    "write_list",
]
