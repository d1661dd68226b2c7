"""Money: intervals of 万元, and what each kind of amount gives."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from policies.rules.facts import Item
from policies.rules.firm import Estimate
from policies.rules.quantities import INFINITE, NO_VALUE, times
from policies.rules.readings import MET, NOT_MET, Reading
from policies.rules.tree import (
    Each,
    Items,
    ItemTerms,
    Milestones,
    PerHeadMonth,
    Share,
    ShareOfItems,
)

ZERO, ONE = Decimal(0), Decimal(1)
Missing = tuple[str, ...]


def merged(*groups: Missing) -> Missing:
    """Each fact once, as they come."""
    found = [group for group in groups if group]
    if len(found) < 2:
        return found[0] if found else ()
    return tuple(dict.fromkeys(key for group in found for key in group))


class Money(NamedTuple):
    """At least `low` and at most `high` 万元; `high` None is open; `missing` would narrow it."""

    low: Decimal = ZERO
    high: Decimal | None = ZERO
    missing: Missing = ()
    is_known: bool = True

    def plus(self, other: "Money") -> "Money":
        if self is NOTHING:
            return other
        if other is NOTHING:
            return self
        high = None if self.high is None or other.high is None else self.high + other.high
        return Money(
            self.low + other.low,
            high,
            merged(self.missing, other.missing),
            self.is_known and other.is_known,
        )

    def perhaps(self, missing: Missing = ()) -> "Money":
        """The same money when it is open whether it is paid: nothing at the least."""
        return Money(ZERO, self.high, merged(self.missing, missing), self.is_known)

    def larger(self, other: "Money") -> "Money":
        """Whichever of the two is more, where only one of them counts."""
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Money(
            max(self.low, other.low),
            high,
            merged(self.missing, other.missing),
            self.is_known and other.is_known,
        )

    @property
    def is_certain(self) -> bool:
        """Whether something of it is known, though perhaps a part of it is not."""
        return self.is_known or self.low > 0

    @property
    def pair(self) -> list[Decimal | None]:
        return [self.low, self.high]


NOTHING = Money()


def exact(amount: Decimal) -> Money:
    return Money(amount, amount)


def hull(options: Sequence[Money], missing: Missing = ()) -> Money:
    """The smallest interval that holds every option."""
    if len(options) == 1 and not missing:
        return options[0]
    highs = [option.high for option in options]
    return Money(
        min(option.low for option in options),
        None if None in highs else max(high for high in highs if high is not None),
        merged(missing, *(option.missing for option in options)),
        all(option.is_known for option in options),
    )


def unknown_money(missing: Missing) -> Money:
    return Money(ZERO, None, missing, is_known=False)


# --- kinds of amount --------------------------------------------------------------------

Steps = tuple[tuple[Decimal, Decimal], ...]
Formula = Callable[[Decimal], Decimal]


def on_ladder(steps: Steps, reached: Sequence[Reading]) -> Money:
    """Whether each step is reached; where nobody knows, one of those that may be."""
    surely = sum(reading is MET for reading in reached)
    perhaps = len(reached) - sum(reading is NOT_MET for reading in reached)
    if surely == perhaps:
        return exact(steps[surely - 1][1]) if surely else NOTHING
    possible = [exact(amount) for _, amount in steps[max(surely - 1, 0) : perhaps]]
    return hull(possible, merged(*(reading.missing for reading in reached)))


def by_case(rows: Sequence[tuple[Reading, Money]], otherwise: Money) -> Money:
    options: list[Money] = []
    missing: Missing = ()
    for when, amount in rows:
        if when is NOT_MET:
            continue
        options.append(amount)
        if when is MET:
            return hull(options, missing)
        missing += when.missing
    return hull([*options, otherwise], missing)


def computed(base: Estimate, least: Formula, most: Formula) -> Money:
    """What formulas that never fall make of a quantity; of less than nothing as of nothing."""
    if base == NO_VALUE:
        return NOTHING
    low = ZERO if base.low is None else max(base.low, ZERO)
    high = INFINITE if base.high is None else max(base.high, ZERO)
    ends = least(low), most(high)
    if ends == (least(high), most(low)):
        return Money(*ends)
    return Money(ends[0], None if ends[1] == INFINITE else ends[1], base.missing, is_known=False)


def actual_cost(base: Estimate, scale: Decimal = ONE) -> Money:
    return computed(base, *[_part(scale, None)] * 2)


def share_of(share: Share, base: Estimate, scale: Decimal = ONE) -> Money:
    """`scale` makes 万元 of the quantity's unit."""
    least, most = share.least_rate * scale, share.rate * scale
    return computed(base, _part(least, share.cap), _part(most, share.cap))


def _part(rate: Decimal, cap: Decimal | None) -> Formula:
    return lambda number: _capped(times(rate, number), cap)


def _capped(amount: Decimal, cap: Decimal | None) -> Decimal:
    return amount if cap is None else min(amount, cap)


def for_each(each: Each, base: Estimate) -> Money:
    def paid(number: Decimal) -> Decimal:
        fulls = number
        if number != INFINITE:
            fulls = Decimal(Fraction(number) // Fraction(each.every))
        return _capped(times(each.amount, fulls), each.cap)

    return computed(base, paid, paid)


def share_of_items(share: ShareOfItems, value: Any, missing: Missing) -> Money:
    if value is None:
        return unknown_money(missing)
    parts = (_capped(item * share.rate, share.cap) for item in value)
    return exact(sum(parts, ZERO))


def items_paid(
    items: Items, value: Sequence[Item] | None, year: int, missing: Missing = ()
) -> Money:
    """What the items bring; one without its day may count or not where the day decides."""
    if value is None:
        return unknown_money(missing)
    counting = [
        (item, counts)
        for item in value
        if (counts := _in_years(item, items.years, year)) is not False
    ]
    groups = [[each] for each in counting]
    if items.first_of_kind:
        kinds = dict.fromkeys(item.kind for item, _ in counting)
        groups = [[each for each in counting if each[0].kind == kind] for kind in kinds]
    low = high = ZERO
    for group in groups:
        least, most = _one_of(group, items.terms)
        low, high = low + least, high + most
    return Money(_capped(low, items.most), _capped(high, items.most))


def _in_years(item: Item, years: tuple[int, int] | None, year: int) -> bool | None:
    if years is None:
        return True
    if item.date is None:
        return None
    return year + years[0] <= item.date.year <= year + years[1]


def _one_of(
    group: Sequence[tuple[Item, bool | None]], terms: Sequence[ItemTerms]
) -> tuple[Decimal, Decimal]:
    """What the first of several items brings, of all that may be it where a day is not said."""
    if len(group) > 1 and all(counts and item.date for item, counts in group):
        group = [min(group, key=lambda each: each[0].date or date.max)]
    brought = [_brought(item, terms) for item, _ in group]
    return min(brought) if any(counts for _, counts in group) else ZERO, max(brought)


def _brought(item: Item, terms: Sequence[ItemTerms]) -> Decimal:
    for each in terms:
        if not each.kinds or item.kind in each.kinds:
            part = each.amount if each.rate is None else item.amount * each.rate
            return _capped(part or ZERO, each.cap)
    return ZERO


def together(parts: Sequence[Money], cap: Decimal | None) -> Money:
    """All of them, at most the cap, which may be reached whatever is unknown."""
    found = NOTHING
    for part in parts:
        found = found.plus(part)
    if cap is None:
        return found
    if found.low >= cap:
        return exact(cap)
    return found._replace(high=cap if found.high is None else min(found.high, cap))


def smaller(money: Money, most: Money) -> Money:
    """No more of it than there is room for."""
    highs = [each.high for each in (money, most) if each.high is not None]
    return money._replace(low=min(money.low, most.low), high=min(highs, default=None))


def highest(parts: Sequence[Money]) -> Money:
    """The largest of them; what surely is not waits for nothing."""
    least = max(part.low for part in parts)
    above = [part for part in parts if part.high is None or part.high > least]
    if not above:
        return exact(least)
    return hull([exact(least), *above])._replace(low=least)


def times_over(factor: Decimal, amount: Money) -> Money:
    high = None if amount.high is None else amount.high * factor
    return amount._replace(low=amount.low * factor, high=high)


def per_head_month(amount: PerHeadMonth, heads: Any, months: Any, missing: Missing) -> Money:
    if heads is None or months is None:
        return unknown_money(missing)
    counted = months if amount.most is None else min(months, amount.most)
    return exact(amount.yuan * heads * counted / 10_000 if counted >= amount.least else ZERO)


def newly_passed(amount: Milestones, now: Any, before: Any) -> list[list[Decimal]]:
    """The amounts of the newly passed limits, for every place still possible."""
    limits = [limit for limit, _ in amount.steps]
    ends = limits if now is None else [now]
    starts = [ZERO, *limits] if before is None else [before]
    passed = [
        [paid for limit, paid in amount.steps if start < limit <= end]
        for start in starts
        for end in ends
    ]
    return [amounts for amounts in passed if amounts]


def at_milestones(
    amount: Milestones, now: Any, before: Any, received: Any, missing: Missing
) -> Money:
    """The highest newly passed is shown; at least its difference to what was received before, at
    most the sum of all that are new."""
    options = []
    for amounts in newly_passed(amount, now, before):
        least = ZERO if received is None else max(ZERO, amounts[-1] - received)
        options.append(Money(least, sum(amounts, ZERO)))
    return hull(options, missing) if options else NOTHING


def headline(amount: Milestones, now: Any, before: Any) -> Decimal | None:
    """The one figure of the interval that is shown first, where there is one."""
    tops = {amounts[-1] for amounts in newly_passed(amount, now, before)}
    return tops.pop() if len(tops) == 1 else None
