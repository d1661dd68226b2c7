"""Pictures of money: bars on one scale of what is sure now, sure later, and what may come on top.

Every bar stands beside its figure in words, so that nothing rests on colour or on the picture.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from policies.catalogue.models.award import Level
from policies.presentation.words import STATUSES, money
from policies.rules.awards import COUNTY, LevelPaid
from policies.rules.edition import Edition
from policies.rules.facts import plain
from policies.rules.firm import Firm
from policies.rules.money import ZERO

NOW, LATER, PERHAPS = "now", "later", "perhaps"
# The year from which later tranches count theirs; a picture without a firm begins in this one.
FIRST_YEAR = "stat.first_upgrade_year"
BY_CASE = "按实际情况计算"
# How much of the scale stands for “以上”, which has no end.
OPEN_SHARE = Decimal("0.12")
Share = tuple[str, Decimal]  # a kind, and 万元


@dataclass(frozen=True)
class Bar:
    """One row of a picture; `shares` go from left to right, `is_open` has no maximum.

    `notes` are lines below, `link` is an address, `more` is whatever its page shows beside.
    """

    label: str
    text: str
    shares: tuple[Share, ...] = ()
    is_open: bool = False
    notes: tuple[str, ...] = ()
    link: str = ""
    more: Any = None

    @property
    def length(self) -> Decimal:
        return sum((amount for _, amount in self.shares), ZERO)


@dataclass(frozen=True)
class Part:
    """A piece of a drawn bar, in percent of the drawing."""

    kind: str
    x: str
    width: str
    end: str


def drawn(bars: Iterable[Bar]) -> list[dict[str, Any]]:
    """Each bar with its pieces, all on the scale of the longest."""
    bars = list(bars)
    longest = max((bar.length for bar in bars), default=ZERO)
    scale = longest * (1 + OPEN_SHARE) if any(bar.is_open for bar in bars) else longest
    return [{"bar": bar, "parts": _parts(bar, scale)} for bar in bars]


def _parts(bar: Bar, scale: Decimal) -> list[Part]:
    pieces = [(kind, amount / scale) for kind, amount in bar.shares]
    if bar.is_open:
        pieces.append((PERHAPS, OPEN_SHARE / (1 + OPEN_SHARE)))
    parts, x = [], ZERO
    for kind, width in pieces:
        parts.append(Part(kind, _percent(x), _percent(width), _percent(x + width)))
        x += width
    return parts


def _percent(share: Decimal) -> str:
    return f"{share * 100:.2f}%"


# --- what a level or an edition pays --------------------------------------------------------


def firm_of(edition: Edition, county: str, on: date) -> Firm:
    """Any firm of a county; where money is counted in years, one whose first year is this one."""
    answers = {COUNTY: county}
    return Firm(answers | {FIRST_YEAR: on.year} if FIRST_YEAR in edition.fact_keys else answers, on)


def shares_of(levels: Iterable[LevelPaid]) -> tuple[tuple[Share, ...], bool]:
    """What levels pay together: sure now, sure later, perhaps; and whether it has no maximum."""
    now = low = high = ZERO
    is_open = False
    for level in levels:
        if level.counts:
            now, low = now + level.now.low, low + level.total.low
            is_open |= level.total.high is None
            high += level.total.low if level.total.high is None else level.total.high
    return _drawable([(NOW, now), (LATER, low - now), (PERHAPS, high - low)]), is_open


def _drawable(shares: Iterable[Share]) -> tuple[Share, ...]:
    return tuple(share for share in shares if share[1] > 0)


def level_text(level: LevelPaid) -> str:
    """What a level pays in a few words; what is not printed says so."""
    if not level.counts:
        return {"to_verify": "待核实", "unknown": BY_CASE}.get(level.status) or STATUSES[
            level.status
        ]
    for paid in level.paid:
        if paid.award.fee_cap is not None:
            return f"担保费率不超过 {plain(paid.award.fee_cap * 100)}%"
        if paid.award.price_cut is not None:
            return f"减免 {plain(paid.award.price_cut * 100)}%"
    return money(level.total.pair) if level.total.high != 0 else BY_CASE


def by_level(firms_levels: Iterable[Mapping[str, LevelPaid]]) -> list[Bar]:
    """A bar for each level that pays, over several programmes; each maps its levels by name."""
    found: dict[str, list[LevelPaid]] = {}
    for levels in firms_levels:
        for name, level in levels.items():
            if level.counts:
                found.setdefault(name, []).append(level)
    bars = []
    for level in Level:
        own = found.get(level.value, [])
        shares, is_open = shares_of(own)
        if shares or is_open:
            low = sum((each.total.low for each in own), ZERO)
            highs = [each.total.high for each in own if each.total.high is not None]
            pair = [low, None if is_open else sum(highs, ZERO)]
            bars.append(Bar(level.label, money(pair), shares, is_open))
    return bars


# --- over the years -------------------------------------------------------------------------


def by_year(rows: Iterable[Mapping[str, Any]]) -> list[Bar]:
    """A bar for each year, then for what no document dates; from the `tranches` of an answer.

    A row's `where` names the places that alone pay it: what only some pay may come on top.
    Nothing where all falls into one time, as there is nothing to lay out.
    """
    times: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["year"] is None, row["year"], row["when"])):
        if row["amount"] is not None:
            times.setdefault(_time(row), []).append(row)
    return [_bar(time, due) for time, due in times.items()] if len(times) > 1 else []


def _time(row: Mapping[str, Any]) -> str:
    if row["year"]:
        return f"{row['year']} 年"
    return "以后，年份没有印" if row["when"] == LATER else "时间看情况"


def _bar(time: str, rows: Sequence[Mapping[str, Any]]) -> Bar:
    shares: list[Share] = []
    is_open, local = False, ZERO
    for row in rows:
        low, high = row["amount"]
        is_open |= high is None
        top = low if high is None else high
        if row.get("where"):
            local = max(local, top)  # nobody is of two places
        else:
            shares += [(NOW if row["when"] == NOW else LATER, low), (PERHAPS, top - low)]
    several = Counter((row["level"], row.get("where")) for row in rows)
    texts = [
        Level(row["level"]).label
        + (row["title"] if several[row["level"], row.get("where")] > 1 else "")
        + f" {money(row['amount'])}"
        + (f"（{row['where']}）" if row.get("where") else "")
        for row in rows
    ]
    return Bar(
        label=time,
        text="，".join(texts),
        shares=_drawable([*sorted(shares, key=_order), (PERHAPS, local)]),
        is_open=is_open,
    )


def _order(share: Share) -> int:
    return (NOW, LATER, PERHAPS).index(share[0])
