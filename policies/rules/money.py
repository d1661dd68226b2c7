"""Money: intervals of 万元, and what each kind of amount gives."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from policies.rules.readings import MET, NOT_MET, Reading
from policies.rules.tree import Milestones, PerHeadMonth, Share

ZERO = Decimal(0)
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


# --- kinds of amount: facts come as their value, None where unknown, and what it lacks ------

Steps = tuple[tuple[Decimal, Decimal], ...]


def on_ladder(steps: Steps, value: Any, missing: Missing) -> Money:
    if value is None:
        return hull([exact(amount) for _, amount in steps], missing)
    reached = [amount for limit, amount in steps if value >= limit]
    return exact(reached[-1]) if reached else NOTHING


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


def actual_cost(value: Any, missing: Missing) -> Money:
    return unknown_money(missing) if value is None else exact(value)


def share_of(share: Share, value: Any, missing: Missing) -> Money:
    if value is None:
        return unknown_money(missing)
    items = value if isinstance(value, tuple) else (value,)
    parts = [item * share.rate for item in items]
    if share.cap is not None:
        parts = [min(part, share.cap) for part in parts]
    return exact(sum(parts, ZERO))


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
