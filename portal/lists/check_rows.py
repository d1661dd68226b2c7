"""`python -m portal.lists.check_rows` is the process that checks an exported file and tells its rows."""

from typing import Any, BinaryIO

from portal.lists.check import read_checked
from portal.reading_process import serve


def _read(file: BinaryIO) -> dict[str, Any]:
    rows: list[list[str]] = []
    return {**read_checked(file, rows.append), "rows": rows}


if __name__ == "__main__":
    serve(_read)
