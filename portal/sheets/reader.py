"""The process that reads a spreadsheet: `python -m portal.sheets.reader`, run within limits.

It knows nothing of the site, so that it starts fast. What a file is, its content says: names of
files lie. A sheet is what `portal.sheets.cells.filled` returns, or the whole is a dict with
`refused`: why nothing is read, in Chinese.
"""

from typing import Any, BinaryIO

from portal.reading_process import serve
from portal.sheets import delimited, excel_2003, opendocument, web_page, xls, xlsx
from portal.sheets.limits import (
    MOST_FILLED,
    NO_SPREADSHEET,
    TOO_MANY_FILLED,
    UNREADABLE,
    SheetError,
)
from portal.sheets.package import Package

# How a PDF, a picture and a document of Word begin.
OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")
# A web page with its pictures in one file: spreadsheet programs open it.
ARCHIVES = (b"MIME-Version:", b"From: <")


def read(file: BinaryIO) -> Any:
    content = file.read()
    try:
        sheets = _sheets(content)
        if not sheets:
            raise SheetError(UNREADABLE)
        if sum(len(sheet["rows"]) for sheet in sheets) > MOST_FILLED:
            raise SheetError(TOO_MANY_FILLED)
    except SheetError as error:
        return {"refused": str(error)}
    return {"sheets": sheets}


def _sheets(content: bytes) -> list[dict[str, Any]]:
    if content.startswith(xls.START):
        return xls.read_xls(content)
    if content.startswith(xlsx.START):
        package = Package(content)
        if opendocument.is_opendocument(package):
            return opendocument.read_opendocument(package)
        return xlsx.read_xlsx(package)
    if content.startswith(OTHERS):
        raise SheetError(NO_SPREADSHEET)
    if content.startswith(ARCHIVES):
        raise SheetError(UNREADABLE)
    if excel_2003.is_excel_2003(content):
        return excel_2003.read_excel_2003(content)
    if web_page.is_web_page(content):
        return web_page.read_web_page(content)
    return delimited.read_delimited(content)


if __name__ == "__main__":
    serve(read)
