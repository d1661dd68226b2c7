"""Totals of a list are held against the rows that they sum."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.sheets.columns import Place, letters_of
from portal.typed.quantities import read_quantity
from portal.typed.signs import UnreadError, folded

OTHER_SUM = "{cell} 写的是 {told}，读出的 {rows} 行加起来是 {sum}"
OTHER_COUNT = "{cell} 写的是 {told}，读出的是 {rows} 行"
_COUNT = re.compile(r"(?:.*[^\d.])?(\d{1,6})(?:家|户|个|项|件|行|条)(?:企业)?[)）]?")
_MOST = 10**12


@dataclass(frozen=True)
class Line:
    """A row of data, or a total; of tables side by side `shift` columns to the right of where the
    first one has its `cells`.
    """

    place: Place
    cells: Sequence[str]
    is_sum: bool
    shift: int = 0

    def text(self, column: int) -> str:
        return self.cells[column] if column < len(self.cells) else ""

    def cell(self, column: int) -> str:
        return f"{letters_of(column + self.shift)}{self.place.number}"


def mismatches(
    lines: Sequence[Line], everything: Sequence[Line], units: Mapping[int, str]
) -> dict[Place, list[str]]:
    """By the place of a total, what of it is not what the rows come to.

    `lines` are of one table, in order, `everything` the data of the file, `units` of the columns. A
    total may sum what stands since the one before it, all above it, what follows, the table, or all.
    """
    found = {}
    for at, line in enumerate(lines):
        if line.is_sum and (told := list(_judged(lines, at, everything, units))):
            found[line.place] = told
    return found


def _judged(
    lines: Sequence[Line], at: int, everything: Sequence[Line], units: Mapping[int, str]
) -> Iterator[str]:
    whole, beside = [line for line in lines if not line.is_sum], lines[at]
    lines = [line for line in lines if line.shift == beside.shift]
    at = lines.index(beside)
    sums = [n for n, line in enumerate(lines) if line.is_sum]
    last = max((n for n in sums if n < at), default=-1)
    following = min((n for n in sums if n > at), default=len(lines))
    ranges = [
        lines[last + 1 : at],
        [line for line in lines[:at] if not line.is_sum],
        [line for line in lines if not line.is_sum],
        whole,
        lines[at + 1 : following],
        everything,
    ]
    ranges = [own for own in ranges if own]
    total = lines[at]
    for column, text in enumerate(total.cells if ranges else ()):
        unit = units.get(column, "")
        if (count := _count(text)) is not None:
            nearest = min((len(own) for own in ranges), key=lambda each: abs(each - count))
            if nearest != count:
                yield OTHER_COUNT.format(cell=total.cell(column), told=text, rows=nearest)
        elif (number := _number(text, unit)) is not None:
            added = [(len(own), _sum(own, column, unit)) for own in ranges]
            known = [(rows, each) for rows, each in added if each is not None]
            if known:
                rows, nearest = min(known, key=lambda pair: abs(pair[1] - number))
                if nearest != number:
                    yield OTHER_SUM.format(
                        cell=total.cell(column), told=text, rows=rows, sum=f"{nearest:f}"
                    )


def _sum(lines: Sequence[Line], column: int, unit: str) -> Decimal | None:
    """None where no row has a number there."""
    numbers = [number for line in lines if (number := _number(line.text(column), unit)) is not None]
    return _exact(sum(numbers, Decimal(0))) if numbers else None


def _number(text: str, unit: str) -> Decimal | None:
    """A number in the unit of its column; where none is known, as it is written."""
    plain = folded(text)
    if not plain or not re.search("[0-9]", plain):
        return None
    try:
        number = read_quantity(plain, unit or ("万元" if plain.endswith("元") else ""))
    except UnreadError:
        return None
    return _exact(number) if abs(number) < _MOST else None


def _exact(number: Decimal) -> Decimal:
    """Without what binary fractions leave behind, and without zeros at its end."""
    rounded = round(number, 6)
    return rounded.normalize() if rounded != rounded.to_integral_value() else rounded.quantize(1)


def _count(text: str) -> int | None:
    found = _COUNT.fullmatch("".join(folded(text).split()))
    return int(found[1]) if found else None
