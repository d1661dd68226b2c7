"""Awards: what a level pays a firm, now, later or not known, tranche by tranche."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.money import NOTHING, ZERO, Formula, Money, compile_amount
from policies.rules.readings import Outcome
from policies.rules.rule import Rule, RuleError, compile_rule

LEVELS = ("national", "province", "city", "county", "local")
STATUSES = ("published", "unpublished", "none_listed", "to_verify")
YEARS_AHEAD = 5
# The title of money that its document gives none, nor says that it is paid once.
UNTITLED = "奖补"
# The title of an award whose total only is printed.
UNSPLIT = "合计，分期未公布"


@dataclass(frozen=True)
class Tranche:
    """One payment of an award; `later` is always later, otherwise the rules place it."""

    title: str
    formula: Formula
    now_when: Rule | None
    past_when: Rule | None
    void_when: Rule | None
    later: bool
    condition: str | None
    conflicts: tuple[str, ...]


@dataclass(frozen=True)
class Award:
    level: str
    payer: str | None
    status: str
    tranches: tuple[Tranche, ...]
    unsplit: Decimal | None
    whole_when: Rule | None
    undecided: tuple[tuple[Rule, str], ...]
    fee_cap: Decimal | None
    price_cut: Decimal | None
    headline: Decimal | None
    same_money: str | None
    conflicts: tuple[str, ...]
    sources: tuple[dict[str, str], ...]

    @property
    def reads(self) -> tuple[str, ...]:
        rules = [rule for rule, _ in self.undecided]
        rules += [self.whole_when] if self.whole_when else []
        keys: list[str] = []
        for tranche in self.tranches:
            keys += tranche.formula.reads
            rules += [
                rule for rule in (tranche.now_when, tranche.past_when, tranche.void_when) if rule
            ]
        return tuple(dict.fromkeys([*keys, *(key for rule in rules for key in rule.reads)]))


@dataclass(frozen=True)
class Part:
    """One award's money; parts that name the same `same_money` count once, the larger."""

    same_money: str | None
    now: Money
    later: Money
    total: Money

    def larger(self, other: "Part") -> "Part":
        return Part(
            self.same_money,
            self.now.larger(other.now),
            self.later.larger(other.later),
            self.total.larger(other.total),
        )


@dataclass
class LevelResult:
    """What one level pays: contract fields plus the facts that would narrow it."""

    fields: dict[str, Any]
    now: Money
    later: Money
    total: Money
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    tranches: list[dict[str, Any]]
    parts: tuple[Part, ...] = ()

    @property
    def counts(self) -> bool:
        return self.fields["status"] == "published"


def compile_award(data: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Award:
    """Compile an award of a pack. Raises RuleError naming place and expectation."""
    level, status = data.get("level"), data.get("status", "published")
    if level not in LEVELS:
        raise RuleError(f"{where}.level", f"应为 {'、'.join(LEVELS)} 之一")
    if status not in STATUSES:
        raise RuleError(f"{where}.status", f"应为 {'、'.join(STATUSES)} 之一")
    unsplit = data.get("unsplit")
    tranches = list(data.get("tranches") or [])
    if "amount" in data and data["amount"] is not None:
        tranches.append({"title": data.get("title") or UNTITLED, "amount": data["amount"]})
    pays = bool(tranches or unsplit or data.get("fee_cap") or data.get("price_cut"))
    if pays != (status in ("published", "to_verify")):
        raise RuleError(where, "有金额的应为 published 或 to_verify，无金额的应写明状态")

    def rule(value: Any, name: str) -> Rule | None:
        return None if value is None else compile_rule(value, facts, f"{where}.{name}")

    return Award(
        level=level,
        payer=data.get("payer"),
        status=status,
        tranches=tuple(
            _compile_tranche(item, facts, f"{where}.tranches[{index}]")
            for index, item in enumerate(tranches)
        ),
        unsplit=Decimal(str(unsplit["amount"])) if unsplit else None,
        whole_when=rule(unsplit.get("whole_when"), "unsplit.whole_when") if unsplit else None,
        undecided=tuple(
            (compile_rule(item["when"], facts, f"{where}.undecided"), item["reason"])
            for item in data.get("undecided") or []
        ),
        fee_cap=_decimal(data.get("fee_cap")),
        price_cut=_decimal(data.get("price_cut")),
        headline=_decimal(data.get("headline")),
        same_money=data.get("same_money") or None,
        conflicts=tuple(data.get("conflicts") or ()),
        sources=tuple(dict(source) for source in data.get("sources") or ()),
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _compile_tranche(data: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Tranche:
    def rule(name: str) -> Rule | None:
        value = data.get(name)
        return None if value is None else compile_rule(value, facts, f"{where}.{name}")

    return Tranche(
        title=data.get("title") or UNTITLED,
        formula=compile_amount(data.get("amount"), facts, f"{where}.amount"),
        now_when=rule("now_when"),
        past_when=rule("past_when"),
        void_when=rule("void_when"),
        later=bool(data.get("later", False)),
        condition=data.get("condition"),
        conflicts=tuple(data.get("conflicts") or ()),
    )


@dataclass(frozen=True)
class _Placed:
    """Where a tranche falls: money now, money later, the sum, and a word for the list."""

    when: str
    now: Money
    later: Money
    total: Money


def _outcome(rule: Rule | None, firm: Firm, default: Outcome) -> tuple[Outcome, tuple[str, ...]]:
    if rule is None:
        return default, ()
    reading = rule.read(firm)
    return reading.outcome, reading.missing


def _place(tranche: Tranche, firm: Firm) -> _Placed | None:
    """None for a tranche already paid or whose condition is already false."""
    amount = tranche.formula.compute(firm)
    void, void_missing = _outcome(tranche.void_when, firm, Outcome.NOT_MET)
    past, past_missing = _outcome(tranche.past_when, firm, Outcome.NOT_MET)
    now, now_missing = _outcome(tranche.now_when, firm, Outcome.MET)
    if Outcome.MET in (void, past):
        return None
    if tranche.later or (now is Outcome.NOT_MET and past is Outcome.NOT_MET):
        return _Placed("later", NOTHING, amount, amount)
    if now is Outcome.MET and past is Outcome.NOT_MET:
        due = amount if void is Outcome.NOT_MET else amount.perhaps(void_missing)
        return _Placed("now", due, NOTHING, due)
    open_money = amount.perhaps((*past_missing, *now_missing, *void_missing))
    stays = past is Outcome.NOT_MET and void is Outcome.NOT_MET
    total = Money(amount.low, amount.high, open_money.missing) if stays else open_money
    due = NOTHING if now is Outcome.NOT_MET else open_money
    # What is due now or paid already does not come later.
    still_to_come = NOTHING if now is Outcome.MET else open_money
    return _Placed("undecided", due, still_to_come, total)


def pay(award: Award, firm: Firm) -> LevelResult:
    """What the award pays this firm on its day."""
    result = _pay(award, firm)
    result.parts = (Part(award.same_money, result.now, result.later, result.total),)
    return result


def _pay(award: Award, firm: Firm) -> LevelResult:
    fields: dict[str, Any] = {"status": award.status}
    if award.status in ("unpublished", "none_listed"):
        return LevelResult(fields, NOTHING, NOTHING, NOTHING, (), award.conflicts, [])
    now = later = total = NOTHING
    listed = []
    flags = list(award.conflicts)
    for tranche in award.tranches:
        placed = _place(tranche, firm)
        if placed is None:
            continue
        flags += tranche.conflicts
        now, later, total = now + placed.now, later + placed.later, total + placed.total
        listed.append(_tranche_row(award, tranche, placed, firm))
    if award.unsplit is not None:
        amount = Money(ZERO, award.unsplit)
        whole, missing = _outcome(award.whole_when, firm, Outcome.MET)
        exact = Money(award.unsplit, award.unsplit)
        now, later = now + amount, later + amount
        total += exact if whole is Outcome.MET else amount.perhaps(missing)
        listed.append(_unsplit_row(award, award.unsplit))
    for rule, reason in award.undecided:
        reading = rule.read(firm)
        if reading.outcome is Outcome.NOT_MET:
            continue
        now, later, total = (
            money.perhaps(reading.missing) if money != NOTHING else money
            for money in (now, later, total)
        )
        fields["undecided"] = True
        flags.append(reason)
    missing = tuple(dict.fromkeys(now.missing + later.missing + total.missing))
    if award.status == "to_verify":
        fields["amount"] = total.pair
        return LevelResult(fields, NOTHING, NOTHING, NOTHING, missing, tuple(flags), listed)
    if not total.is_known:
        fields["status"] = "unknown"
        return LevelResult(fields, now, later, total, missing, tuple(flags), listed)
    fields |= {"now": now.pair, "later": later.pair, "total": total.pair}
    for name in ("headline", "price_cut", "fee_cap"):
        if getattr(award, name) is not None:
            fields[name] = getattr(award, name)
    for tranche in award.tranches:
        headline = tranche.formula.headline(firm)
        if headline is not None:
            fields["headline"] = headline
    return LevelResult(fields, now, later, total, missing, tuple(flags), listed)


def _tranche_row(award: Award, tranche: Tranche, placed: _Placed, firm: Firm) -> dict[str, Any]:
    is_known = placed.total.is_known
    return {
        "level": award.level,
        "payer": award.payer,
        "title": tranche.title,
        "when": placed.when,
        "year": firm.year if placed.when == "now" else _year_due(tranche, firm),
        "kind": tranche.formula.kind,
        "amount": placed.total.pair if is_known else None,
        "condition": tranche.condition,
        "status": award.status if is_known else "unknown",
        "sources": list(award.sources),
    }


def _unsplit_row(award: Award, amount: Decimal) -> dict[str, Any]:
    return {
        "level": award.level,
        "payer": award.payer,
        "title": UNSPLIT,
        "when": "undecided",
        "year": None,
        "kind": "unsplit",
        "amount": [ZERO, amount],
        "condition": "来源只印合计，各期金额未公布",
        "status": award.status,
        "sources": list(award.sources),
    }


def _year_due(tranche: Tranche, firm: Firm) -> int | None:
    """The first coming year in which the tranche falls due if nothing else changes."""
    if tranche.now_when is None or tranche.later:
        return None
    for later in firm.in_coming_years(YEARS_AHEAD):
        if tranche.now_when.read(later).outcome is Outcome.MET:
            return later.year
    return None


def pay_level(level: str, awards: tuple[Award, ...], firm: Firm) -> LevelResult:
    """What a level pays: the award of the firm's own county, else the one without payer."""
    if level != "county" or not any(award.payer for award in awards):
        return _sum([pay(award, firm) for award in awards])
    county = firm.answer("enterprise.county")
    if county is None:
        missing = ("enterprise.county",)
        fields = {"status": "unknown"}
        return LevelResult(fields, NOTHING, NOTHING, NOTHING, missing, (), [])
    own = [award for award in awards if award.payer == county]
    default = [award for award in awards if award.payer is None]
    if not own and not default:
        return LevelResult({"status": "none_listed"}, NOTHING, NOTHING, NOTHING, (), (), [])
    return _sum([pay(award, firm) for award in own or default])


def _sum(results: list[LevelResult]) -> LevelResult:
    if len(results) == 1:
        return results[0]
    now = later = total = NOTHING
    for result in results:
        now, later, total = now + result.now, later + result.later, total + result.total
    statuses = [result.fields["status"] for result in results]
    status = "published" if "published" in statuses else statuses[0]
    fields: dict[str, Any] = {"status": status}
    if status == "published":
        fields |= {"now": now.pair, "later": later.pair, "total": total.pair}
    return LevelResult(
        fields,
        now,
        later,
        total,
        tuple(dict.fromkeys(key for result in results for key in result.missing)),
        tuple(dict.fromkeys(flag for result in results for flag in result.flags)),
        [row for result in results for row in result.tranches],
        tuple(part for result in results for part in result.parts),
    )
