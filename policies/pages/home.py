"""The first page: what a county pays, what opens and closes next, and what an industry is asked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from policies.catalogue.models import Window
from policies.catalogue.models.award import Level
from policies.catalogue.models.window import Span
from policies.pages.listing import NO_MONEY, NOT_HERE, NOT_READABLE, PUBLISHED, UNPUBLISHED, Entry
from policies.presentation.money_picture import (
    BY_CASE,
    Bar,
    drawn,
    firm_of,
    level_text,
    shares_of,
)
from policies.rules.awards import LevelPaid

# Of each level the largest; the catalogue lists the rest.
LARGEST = 4
# What is said of the money of one level.
WITH_FIGURE = "印出了数"
SAID = (WITH_FIGURE, BY_CASE, "未公布", "待核实")
COUNTS = (
    ("印出金额", "按实际情况计算的也算在内", PUBLISHED),
    ("金额未公布", "不是没有，是文件没有印", UNPUBLISHED),
    ("不涉及资金", "服务、优先支持等", NO_MONEY),
    ("没有列本县", "文件只列了别的县的金额", NOT_HERE),
    ("暂不能测算", "规则正在核对", NOT_READABLE),
)


def counts(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """How many programmes say what of their money; each is counted once."""
    found = [
        {"label": label, "note": note, "status": status,
         "count": sum(entry.status == status for entry in entries)}
        for label, note, status in COUNTS
    ]  # fmt: skip
    return [row for row in found if row["count"]]


def paying_levels(entries: Sequence[Entry], on: date) -> list[dict[str, Any]]:
    """What each level pays: its largest programmes as bars on one scale, and how many say what.

    Levels without any figure come last.
    """
    found = []
    for level in Level:
        own = [(entry, dict(entry.pays)[level]) for entry in entries if level in entry.levels]
        if not own:
            continue
        said = Counter(_said(paid) for _, paid in own)
        bars = [_bar(entry, level, on) for entry, paid in own if _said(paid) == WITH_FIGURE]
        bars.sort(key=lambda bar: -bar.length)
        found.append(
            {
                "level": level,
                "label": level.label,
                "count": len(own),
                "said": [{"word": word, "count": said[word]} for word in SAID if said[word]],
                "figures": len(bars),
                "bars": bars[:LARGEST],
            }
        )
    pictures = iter(drawn(bar for row in found for bar in row["bars"]))
    rows = [{**row, "picture": [next(pictures) for _ in row["bars"]]} for row in found]
    return sorted(rows, key=lambda row: not row["picture"])


def _said(paid: LevelPaid) -> str:
    if paid.counts and paid.total.high != 0:
        return WITH_FIGURE
    return {"unpublished": "未公布", "to_verify": "待核实"}.get(paid.status, BY_CASE)


def _bar(entry: Entry, level: str, on: date) -> Bar:
    edition = entry.edition
    paid = edition.levels[level].pay(firm_of(edition, entry.place, on))
    shares, is_open = shares_of([paid])
    text = level_text(dict(entry.pays)[level])
    return Bar(
        edition.name,
        text,
        shares,
        is_open,
        link=reverse("pages:programme", args=[edition.programme]),
    )


@dataclass(frozen=True)
class Turn:
    """A day on which a window opens or closes."""

    day: date
    word: str
    window: Window


def open_in_month(windows: Iterable[Window], on: date) -> list[Window]:
    """Those that are open on a day of this month."""
    first = on.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    spans = [(window, span) for window in windows for span in _spans(window, on)]
    return [window for window, span in spans if span.first <= last and span.last >= first]


def next_turns(windows: Iterable[Window], on: date) -> list[Turn]:
    """What opens or closes next: all that falls on the first such day after today."""
    turns = [
        Turn(day, word, window)
        for window in windows
        for span in _spans(window, on)
        for day, word in ((span.first, "开始"), (span.last, "截止"))
        if day > on
    ]
    soonest = min((turn.day for turn in turns), default=None)
    return [turn for turn in turns if turn.day == soonest]


def _spans(window: Window, on: date) -> list[Span]:
    spans = [window.span_in(on.year + offset) for offset in (-1, 0, 1)]
    return [span for span in spans if span]
