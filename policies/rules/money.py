"""Money: intervals of 万元 and the formulas that awards are computed with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.facts import Fact
from policies.rules.firm import Estimate, Firm
from policies.rules.readings import Outcome
from policies.rules.rule import RuleError, compile_rule

ZERO = Decimal(0)


@dataclass(frozen=True)
class Money:
    """At least `low` and at most `high` 万元; `high` None is open; `missing` would narrow it."""

    low: Decimal = ZERO
    high: Decimal | None = ZERO
    missing: tuple[str, ...] = ()
    is_known: bool = True

    def __add__(self, other: "Money") -> "Money":
        high = None if self.high is None or other.high is None else self.high + other.high
        return Money(
            self.low + other.low,
            high,
            tuple(dict.fromkeys(self.missing + other.missing)),
            self.is_known and other.is_known,
        )

    def perhaps(self, missing: tuple[str, ...] = ()) -> "Money":
        """The same money when it is open whether it is paid: nothing at the least."""
        return Money(ZERO, self.high, tuple(dict.fromkeys(self.missing + missing)), self.is_known)

    def larger(self, other: "Money") -> "Money":
        """Whichever of the two is more, where only one of them counts."""
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Money(
            max(self.low, other.low),
            high,
            tuple(dict.fromkeys(self.missing + other.missing)),
            self.is_known and other.is_known,
        )

    @property
    def pair(self) -> list[Decimal | None]:
        return [self.low, self.high]


NOTHING = Money()


def hull(options: list[Money], missing: tuple[str, ...] = ()) -> Money:
    """The smallest interval that holds every option."""
    highs = [option.high for option in options]
    return Money(
        min(option.low for option in options),
        None if None in highs else max(high for high in highs if high is not None),
        tuple(dict.fromkeys([*missing, *(fact for option in options for fact in option.missing)])),
        all(option.is_known for option in options),
    )


def unknown_money(missing: tuple[str, ...]) -> Money:
    return Money(ZERO, None, missing, is_known=False)


Amount = Callable[[Firm], Money]


@dataclass(frozen=True)
class Formula:
    """A compiled amount: its kind, how to compute it, the asked facts it reads, its source.

    `headline` gives the one figure of its interval that is shown first, where there is one.
    """

    kind: str
    compute: Amount
    reads: tuple[str, ...] = ()
    data: Any = None
    headline: Callable[[Firm], Decimal | None] = lambda firm: None


def compile_amount(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    """Compile an amount of a pack. Raises RuleError naming place and expectation."""
    if isinstance(data, bool) or data is None:
        raise RuleError(where, "金额应为数字或公式")
    if isinstance(data, int | float | Decimal | str):
        exact = Money(_number(data), _number(data))
        return Formula("fixed", lambda firm: exact, data=data)
    for kind, build in _FORMULAS.items():
        if kind in data:
            return replace(build(data, facts, f"{where}.{kind}"), data=data)
    raise RuleError(where, f"金额公式应为数字或含 {'、'.join(_FORMULAS)} 之一")


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _range(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    low, high = (_number(value) for value in data["range"])
    if low > high:
        raise RuleError(where, "下限大于上限")
    return Formula("range", lambda firm: Money(low, high))


def _cap(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    cap = _number(data["cap"])
    return Formula("cap", lambda firm: Money(ZERO, cap))


def _at_least(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    floor = _number(data["at_least"])
    return Formula("at_least", lambda firm: Money(floor, None))


def _estimate(firm: Firm, key: str) -> Estimate:
    derived = DERIVED.get(key)
    if derived:
        return firm.derive(key, derived.formula)
    value = firm.answer(key)
    return Estimate(missing=(key,)) if value is None else Estimate(value=value)


def _reads(facts: Mapping[str, Fact], where: str, *keys: str) -> tuple[str, ...]:
    for key in keys:
        if key not in facts and key not in DERIVED:
            raise RuleError(where, f"没有指标 {key}")
    return tuple(
        asked for key in keys for asked in (DERIVED[key].reads if key in DERIVED else (key,))
    )


def _ladder(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    key = data["ladder"]["fact"]
    steps = [(_number(limit), _number(amount)) for limit, amount in data["ladder"]["steps"]]
    if [limit for limit, _ in steps] != sorted({limit for limit, _ in steps}):
        raise RuleError(where, "各档下限应由低到高且不重复")

    def compute(firm: Firm) -> Money:
        estimate = _estimate(firm, key)
        value = estimate.exact
        if value is None:
            return hull([Money(amount, amount) for _, amount in steps], estimate.missing)
        reached = [amount for limit, amount in steps if value >= limit]
        return Money(reached[-1], reached[-1]) if reached else NOTHING

    return Formula("ladder", compute, _reads(facts, where, key))


def _cases(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    rows = [
        (
            compile_rule(item["when"], facts, f"{where}[{index}].when"),
            compile_amount(item["amount"], facts, f"{where}[{index}].amount"),
        )
        for index, item in enumerate(data["cases"])
    ]
    otherwise = compile_amount(data.get("otherwise", 0), facts, f"{where}.otherwise")

    def compute(firm: Firm) -> Money:
        options, missing = [], []
        for when, amount in rows:
            reading = when.read(firm)
            if reading.outcome is Outcome.NOT_MET:
                continue
            options.append(amount.compute(firm))
            if reading.outcome is Outcome.MET:
                return hull(options, tuple(missing))
            missing += reading.missing
        return hull([*options, otherwise.compute(firm)], tuple(missing))

    reads = tuple(key for when, amount in rows for key in (*when.reads, *amount.reads))
    return Formula("cases", compute, tuple(dict.fromkeys(reads + otherwise.reads)))


def _fact(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    key = data["fact"]

    def compute(firm: Firm) -> Money:
        estimate = _estimate(firm, key)
        value = estimate.exact
        return unknown_money(estimate.missing) if value is None else Money(value, value)

    return Formula("actual_cost", compute, _reads(facts, where, key))


def _share(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    """A share of a fact, capped; per item of a money list where `per_item`."""
    spec = data["share"]
    key, rate = spec["fact"], _number(spec["rate"])
    cap = None if spec.get("cap") is None else _number(spec["cap"])

    def one(amount: Decimal) -> Decimal:
        share = amount * rate
        return share if cap is None else min(share, cap)

    def compute(firm: Firm) -> Money:
        estimate = _estimate(firm, key)
        value = estimate.exact
        if value is None:
            return unknown_money(estimate.missing)
        paid = sum((one(item) for item in value), ZERO) if isinstance(value, tuple) else one(value)
        return Money(paid, paid)

    return Formula("share", compute, _reads(facts, where, key))


def _per_head_month(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    """元 per head and month, months capped; nothing below the least months."""
    spec = data["per_head_month"]
    yuan, heads_key, months_key = _number(spec["yuan"]), spec["heads"], spec["months"]
    least, most = spec.get("min_months", 0), spec.get("max_months")

    def compute(firm: Firm) -> Money:
        heads, months = _estimate(firm, heads_key), _estimate(firm, months_key)
        if heads.exact is None or months.exact is None:
            return unknown_money(heads.missing + months.missing)
        counted = months.exact if most is None else min(months.exact, most)
        paid = yuan * heads.exact * counted / 10_000 if counted >= least else ZERO
        return Money(paid, paid)

    return Formula("per_head_month", compute, _reads(facts, where, heads_key, months_key))


def _milestones(data: Any, facts: Mapping[str, Fact], where: str) -> Formula:
    """Limits passed for the first time (C46): the highest is shown; at least its difference
    to what was received before, at most the sum of all that are new."""
    spec = data["milestones"]
    keys = spec["fact"], spec["before"], spec["received"]
    steps = [(_number(limit), _number(amount)) for limit, amount in spec["steps"]]
    if [limit for limit, _ in steps] != sorted({limit for limit, _ in steps}):
        raise RuleError(where, "各档下限应由低到高且不重复")
    limits = [limit for limit, _ in steps]

    def possible(firm: Firm) -> list[list[Decimal]]:
        """The amounts of the newly passed limits, for every place still possible."""
        now, before = (_estimate(firm, key).exact for key in keys[:2])
        ends = limits if now is None else [now]
        starts = [ZERO, *limits] if before is None else [before]
        passed = [
            [amount for limit, amount in steps if start < limit <= end]
            for start in starts
            for end in ends
        ]
        return [amounts for amounts in passed if amounts]

    def compute(firm: Firm) -> Money:
        estimates = [_estimate(firm, key) for key in keys]
        missing = tuple(key for estimate in estimates for key in estimate.missing)
        received = estimates[2].exact
        options = []
        for amounts in possible(firm):
            least = ZERO if received is None else max(ZERO, amounts[-1] - received)
            options.append(Money(least, sum(amounts, ZERO)))
        return hull(options, missing) if options else NOTHING

    def headline(firm: Firm) -> Decimal | None:
        tops = {amounts[-1] for amounts in possible(firm)}
        return tops.pop() if len(tops) == 1 else None

    return Formula("milestones", compute, _reads(facts, where, *keys), headline=headline)


_FORMULAS: dict[str, Callable[[Any, Mapping[str, Fact], str], Formula]] = {
    "range": _range,
    "cap": _cap,
    "at_least": _at_least,
    "ladder": _ladder,
    "cases": _cases,
    "fact": _fact,
    "share": _share,
    "per_head_month": _per_head_month,
    "milestones": _milestones,
}
