"""Lists as PDF on A4 across: numbered pages, headers on each, a place for the seal."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from portal.lists.about import About
from portal.lists.around import above, below
from portal.lists.canonical import TOTAL, canonical
from portal.lists.declaration import DataList, ListTooLongError, Tally
from portal.lists.fitting import fit
from portal.pdf import html_to_pdf

STYLE = Path(__file__).parent.parent / "static" / "portal" / "list.css"
# A page is set from the whole table, which takes time and memory with every cell.
MOST_CELLS = 10_000
TOO_LONG = "PDF 最多 {most} 行（适合打印盖章），请缩小筛选范围，或导出 XLSX、CSV。"


def most_rows(data_list: DataList) -> int:
    """How many rows of this list a PDF holds."""
    return MOST_CELLS // len(data_list.headers)


def refuse_beyond_most(data_list: DataList, count: int) -> None:
    """ListTooLongError for more rows than a PDF holds."""
    if count > (most := most_rows(data_list)):
        raise ListTooLongError(TOO_LONG.format(most=most))


def write_pdf(data_list: DataList, rows: Iterable[Any], about: About, file: BinaryIO) -> Tally:
    """Write the document; returns what was counted. ListTooLongError beyond `most_rows`, NoPaperError
    where this machine sets no Chinese text."""
    most = most_rows(data_list)
    tally = Tally(data_list)
    lines = [
        [canonical(value) for value in values] for values in islice(tally.lines(rows), most + 1)
    ]
    refuse_beyond_most(data_list, tally.count)
    columns = data_list.numbered_columns
    totals = {place: canonical(total) for place, total in tally.totals.items()}
    first = min(totals, default=len(columns))
    paper = data_list.paper
    day = date_format(timezone.localtime(about.made_at), "Y年n月j日")
    context = {
        "title": data_list.title,
        "is_paper": paper is not None,
        "above": above(paper, about, holds_money=data_list.holds_money),
        "columns": columns,
        "lines": lines,
        # The label takes the columns up to the first total.
        "label": TOTAL if paper else f"{TOTAL}（{tally.count} 行）",
        "label_span": first,
        "totals": [totals.get(place, "") for place in range(first, len(columns))],
        "below": below(paper, about, tally.summary.totals, tally.checksum, day),
    }
    longest = [*lines, [totals.get(place, "") for place in range(len(columns))]]
    setting = fit(columns, longest, most_points=9.5 if paper else 7)
    style = f"table {{ font-size: {setting.points}pt }}\n" + "".join(
        f"col.w{place} {{ width: {setting.widths[place]:.2f}mm }}\n"
        + (
            f"tbody tr:not([class]) td:nth-child({place + 1}) {{ text-align: right }}\n"
            if column.kind.is_number
            else ""
        )
        for place, column in enumerate(columns)
    )
    file.write(html_to_pdf(render_to_string("portal/list.html", context), STYLE, style))
    return tally
