"""Awards: who pays how much in which tranches, and what comes to one firm, now or later."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from policies.rules.firm import Firm
from policies.rules.money import (
    NOTHING,
    ZERO,
    Missing,
    Money,
    exact,
    merged,
    smaller,
    together,
)
from policies.rules.one_firm import Read, Source
from policies.rules.readings import MET, NOT_MET, Reading
from policies.rules.tree import Amount, Rule, reads

LEVELS = ("national", "province", "city", "county", "local")
STATUSES = ("published", "unpublished", "none_listed", "to_verify")
# The title of money that its document gives none, nor says that it is paid once.
UNTITLED = "奖补"
# The title of an award whose total only is printed.
UNSPLIT = "合计，分期未公布"


@dataclass(frozen=True, eq=False)
class Tranche:
    """One payment of an award; `later` is always later, otherwise the rules place it."""

    title: str
    amount: Amount
    now_when: Rule | None
    past_when: Rule | None
    void_when: Rule | None
    later: bool
    condition: str | None
    conflicts: tuple[str, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        conditions = (self.now_when, self.past_when, self.void_when)
        return tuple(rule for rule in conditions if rule)


class JointCap(NamedTuple):
    """Awards that name the same group pay at most so much together, 万元, of whatever levels."""

    group: str
    most: Decimal


class ClawBack(NamedTuple):
    """What is given back: `share` of it, where `when` comes to pass within so many years.

    `share` None is what the office decides, `years` None whenever it may be.
    """

    when: str
    years: int | None
    share: Decimal | None


@dataclass(frozen=True, eq=False)
class Award:
    """What one level pays, 万元; `unsplit` is a total whose parts are not printed.

    Of programmes with awards that name the same group of `only_highest` only one pays these.
    """

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
    joint_cap: JointCap | None = None
    only_highest: tuple[str, ...] = ()
    claw_back: ClawBack | None = None

    @property
    def trees(self) -> tuple[Amount | Rule, ...]:
        """Every rule and amount it is written with."""
        parts = [part for tranche in self.tranches for part in (tranche.amount, *tranche.rules)]
        parts += [rule for rule, _ in self.undecided]
        return (*parts, self.whole_when) if self.whole_when else tuple(parts)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The asked facts its money turns on: amounts first, then conditions."""
        amounts = [tranche.amount for tranche in self.tranches]
        rules = [rule for rule, _ in self.undecided]
        rules += [self.whole_when] if self.whole_when else []
        rules += [rule for tranche in self.tranches for rule in tranche.rules]
        return reads(*amounts, *rules)

    @cached_property
    def pays_on(self) -> Callable[[date], Read]:
        """What makes, for a day, the function from a firm to what it is paid."""
        source = Source()

        def rule(condition: Rule | None, otherwise: str) -> str:
            return source.rule(condition) if condition else otherwise

        tranches = [
            f"({source.amount(tranche.amount)}, {rule(tranche.void_when, 'N')}, "
            f"{rule(tranche.past_when, 'N')}, {rule(tranche.now_when, 'Y')})"
            for tranche in self.tranches
        ]
        whole = rule(self.whole_when, "Y")
        undecided = [source.rule(condition) for condition, _ in self.undecided]
        paid = source.call(
            settle,
            source.constant(self),
            f"({''.join(f'{each}, ' for each in tranches)})",
            whole,
            f"({''.join(f'{each}, ' for each in undecided)})",
        )
        pays = source.function(paid)
        if self.reads:
            return pays
        # The same for every firm on every day.
        always = pays(date.min)(Firm({}, date.min))
        return lambda on: lambda firm: always


# --- what comes of it for one firm --------------------------------------------------------

COUNTY = "enterprise.county"
# A tranche's money, and whether it is void, past and due now.
Due = tuple[Money, Reading, Reading, Reading]


class Placed(NamedTuple):
    """Where tranche number `position` falls: money now, money later, the sum, and a word."""

    position: int
    when: str
    now: Money
    later: Money
    total: Money


class Over(NamedTuple):
    """Tranche number `position` that no longer comes: paid or past, or void as its condition fell."""

    position: int
    amount: Money
    is_void: bool


class Paid(NamedTuple):
    """What one award pays.

    `printed` is the money of an award that is yet to be verified, which no sum counts;
    `undecided` why it is open whether the level pays at all; `over` what no longer comes.
    """

    award: Award
    status: str
    now: Money = NOTHING
    later: Money = NOTHING
    total: Money = NOTHING
    printed: Money = NOTHING
    missing: Missing = ()
    placed: tuple[Placed, ...] = ()
    undecided: tuple[str, ...] = ()
    over: tuple[Over, ...] = ()


class LevelPaid(NamedTuple):
    """What one level pays by all its awards; `missing` would narrow it."""

    status: str
    now: Money = NOTHING
    later: Money = NOTHING
    total: Money = NOTHING
    missing: Missing = ()
    paid: tuple[Paid, ...] = ()

    @property
    def counts(self) -> bool:
        return self.status == "published"

    @property
    def is_partly_known(self) -> bool:
        """Whether it is sure to pay beside what nobody can compute yet."""
        return self.counts and not self.total.is_known

    @property
    def is_over(self) -> bool:
        """Whether all that it had to pay is paid, past or void; a figure of 0 is none of these."""
        return self.counts and self.total.high == 0 and not any(each.placed for each in self.paid)


def _place(position: int, is_later: bool, due: Due) -> Placed | None:
    """None for a tranche already paid or whose condition is already false."""
    amount, void, past, now = due
    if void is MET or past is MET:
        return None
    if is_later or (now is NOT_MET and past is NOT_MET):
        return Placed(position, "later", NOTHING, amount, amount)
    if now is MET and past is NOT_MET:
        paid = amount if void is NOT_MET else amount.perhaps(void.missing)
        return Placed(position, "now", paid, NOTHING, paid)
    open_money = amount.perhaps(merged(past.missing, now.missing, void.missing))
    stays = past is NOT_MET and void is NOT_MET
    total = amount._replace(missing=open_money.missing) if stays else open_money
    # What is due now or paid already does not come later.
    return Placed(
        position,
        "undecided",
        NOTHING if now is NOT_MET else open_money,
        NOTHING if now is MET else open_money,
        total,
    )


def settle(
    award: Award, tranches: Iterable[Due], whole: Reading, undecided: Sequence[Reading]
) -> Paid:
    """What an award pays, from the money and the conditions of its tranches in their order."""
    if award.status in ("unpublished", "none_listed"):
        return Paid(award, award.status)
    now = later = total = NOTHING
    placed, over = [], []
    for position, due in enumerate(tranches):
        found = _place(position, award.tranches[position].later, due)
        if found is None:
            over.append(Over(position, due[0], due[1] is MET))
        else:
            placed.append(found)
            now, later = now.plus(found.now), later.plus(found.later)
            total = total.plus(found.total)
    if award.unsplit is not None:
        part = Money(ZERO, award.unsplit)
        now, later = now.plus(part), later.plus(part)
        total = total.plus(exact(award.unsplit) if whole is MET else part.perhaps(whole.missing))
    reasons: tuple[str, ...] = ()
    for reading, (_, reason) in zip(undecided, award.undecided, strict=True):
        if reading is not NOT_MET:
            reasons += (reason,)
            now, later, total = (
                money if money == NOTHING else money.perhaps(reading.missing)
                for money in (now, later, total)
            )
    missing = merged(now.missing, later.missing, total.missing)
    if award.status == "to_verify":
        return Paid(award, award.status, printed=total, missing=missing, placed=tuple(placed),
                    undecided=reasons, over=tuple(over))  # fmt: skip
    status = award.status if total.is_certain else "unknown"
    return Paid(
        award, status, now, later, total, NOTHING, missing, tuple(placed), reasons, tuple(over)
    )


def pay(award: Award, firm: Firm) -> Paid:
    """What the award pays this firm on its day."""
    return award.pays_on(firm.on)(firm)


class Level:
    """The awards of one level. A county's own awards take the place of those without payer."""

    def __init__(self, name: str, awards: tuple[Award, ...]) -> None:
        self.awards = awards
        payers = {award.payer for award in awards if award.payer} if name == "county" else set()
        self._own = {payer: _Together(award for award in awards if award.payer == payer)
                     for payer in payers}  # fmt: skip
        self._others = _Together(award for award in awards if award.payer not in payers)

    def pay(self, firm: Firm) -> LevelPaid:
        """What the level pays this firm on its day."""
        if not self._own:
            return self._others.pay(firm)
        county = firm.answers.get(COUNTY)
        if county is None:
            return LevelPaid("unknown", missing=(COUNTY,))
        return self._own.get(county, self._others).pay(firm)


def all_together(results: Iterable[Paid]) -> tuple[Money, Money, Money]:
    """Now, later and in all; where several share a cap, what they pay together."""
    now = later = total = NOTHING
    joint: dict[JointCap, list[Paid]] = {}
    for result in results:
        if result.award.joint_cap:
            joint.setdefault(result.award.joint_cap, []).append(result)
            continue
        now, later = now.plus(result.now), later.plus(result.later)
        total = total.plus(result.total)
    for cap, group in joint.items():
        sums = [together([each[n] for each in group], cap.most) for n in _SUMS]
        # What is paid now leaves less for later.
        # (`together` has made every maximum finite.)
        left = Money(cap.most - (sums[0].high or ZERO), cap.most - sums[0].low)
        sums[1] = smaller(sums[1], left)
        now, later = now.plus(sums[0]), later.plus(sums[1])
        total = total.plus(sums[2])
    return now, later, total


def across_levels(awards: Iterable[Award]) -> tuple[JointCap, ...]:
    """The caps that awards of several levels share."""
    levels: dict[JointCap, set[str]] = {}
    for award in awards:
        if award.joint_cap:
            levels.setdefault(award.joint_cap, set()).add(award.level)
    return tuple(cap for cap, own in levels.items() if len(own) > 1)


def sharing(levels: Mapping[str, LevelPaid], caps: Sequence[JointCap]) -> dict[str, LevelPaid]:
    """The levels with what each pays when others take of a cap that they share: no document says
    which gives way, so that each pays at least what the others may leave."""
    found = dict(levels)
    for cap in caps:
        joint = {
            name: _of_cap(cap, level)
            for name, level in levels.items()
            if level.counts and any(paid.award.joint_cap == cap for paid in level.paid)
        }
        for name, own in joint.items():
            others = [money for other, money in joint.items() if other != name]
            found[name] = found[name]._replace(
                **{
                    when: _given_way(getattr(found[name], when), own, others, n, cap.most)
                    for n, when in enumerate(("now", "later", "total"))
                }
            )
    return found


def _of_cap(cap: JointCap, level: LevelPaid) -> tuple[Money, Money, Money]:
    return all_together(paid for paid in level.paid if paid.award.joint_cap == cap)


def _given_way(
    money: Money,
    own: tuple[Money, Money, Money],
    others: Sequence[tuple[Money, Money, Money]],
    when: int,
    most: Decimal,
) -> Money:
    """What is paid later makes room for all that is paid now, by whomever."""
    before = [each[0] for each in (own, *others)] if when == 1 else []
    taken = sum((each.high or ZERO for each in (*before, *(o[when] for o in others))), ZERO)
    least = min(own[when].low, max(ZERO, most - taken))
    return money._replace(low=money.low - (own[when].low - least))


_SUMS = tuple(Paid._fields.index(name) for name in ("now", "later", "total"))


class _Together:
    """Awards that a firm gets together; what is alike for every firm is summed once."""

    def __init__(self, awards: Iterable[Award]) -> None:
        self.awards = tuple(awards)
        self._always: LevelPaid | None = None
        self._depends = any(award.reads for award in self.awards)

    def pay(self, firm: Firm) -> LevelPaid:
        if self._always is not None:
            return self._always
        paid = self._sum([pay(award, firm) for award in self.awards])
        if not self._depends:
            self._always = paid
        return paid

    def _sum(self, results: list[Paid]) -> LevelPaid:
        if not results:
            return LevelPaid("none_listed")
        if len(results) == 1 and not results[0].award.joint_cap:
            only = results[0]
            return LevelPaid(only.status, only.now, only.later, only.total, only.missing, (only,))
        now, later, total = all_together(results)
        statuses = [result.status for result in results]
        status = "published" if "published" in statuses else statuses[0]
        missing = merged(*[result.missing for result in results])
        return LevelPaid(status, now, later, total, missing, tuple(results))
