"""The formats of a file, by the ending of its name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from portal.lists.about import About
from portal.lists.csv_file import write_csv
from portal.lists.declaration import DataList, ListTooLongError, Tally
from portal.lists.pdf_file import write_pdf
from portal.lists.xlsx_file import write_xlsx

__all__ = ["FORMATS", "FileFormat", "ListTooLongError", "write_list"]


@dataclass(frozen=True)
class FileFormat:
    ending: str
    content_type: str
    write: Callable[[DataList, Iterable[Any], About, BinaryIO], Tally]


FORMATS = {
    known.ending: known
    for known in (
        FileFormat(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            write_xlsx,
        ),
        FileFormat("csv", "text/csv; charset=utf-8", write_csv),
        FileFormat("pdf", "application/pdf", write_pdf),
    )
}


def write_list(
    data_list: DataList, queryset: Any, about: About, ending: str, file: BinaryIO
) -> Tally:
    """Write the rows of the queryset in the format of that ending; ListTooLongError if too many."""
    return FORMATS[ending].write(data_list, data_list.rows(queryset), about, file)
