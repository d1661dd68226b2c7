"""Totals: what all eligible programmes pay together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from policies.rules.awards import LevelPaid, Paid, all_together
from policies.rules.judgement import ELIGIBLE, Judgement
from policies.rules.money import NOTHING, Money, hull
from policies.rules.quantities import INFINITE

Sums = tuple[Money, Money, Money]  # now, later, all


def totals(judgements: Iterable[Judgement]) -> dict[str, Any]:
    """Sums over eligible programmes, with the levels that stay open."""
    eligible = [judgement for judgement in judgements if judgement.verdict == ELIGIBLE]
    now, later, everything = sums(eligible)
    return {
        "now": now.pair,
        "later": later.pair,
        "all": everything.pair,
        "only_highest": [choice.told for choice in choices(eligible)],
        "unpublished": _levels(eligible, lambda level: level.status == "unpublished"),
        "unknown": _levels(
            eligible, lambda level: level.status == "unknown" or level.is_partly_known
        ),
    }


def _levels(
    judgements: Iterable[Judgement], is_open: Callable[[LevelPaid], bool]
) -> list[dict[str, str]]:
    return [
        {"programme": judgement.edition.programme, "level": name}
        for judgement in judgements
        for name, level in judgement.levels.items()
        if is_open(level)
    ]


def sums(judgements: Iterable[Judgement]) -> Sums:
    """What published levels pay together, whatever the verdicts.

    Awards that the sources pay on the same money are kept apart and count once, the larger. Of
    programmes of which only the highest counts, those count that pay most together.
    """
    judgements = list(judgements)
    now = later = everything = NOTHING
    same_money: dict[str, Sums] = {}
    for judgement in judgements:
        joint: list[Paid] = []
        for level in judgement.levels.values():
            if not level.counts:
                continue
            joint += [paid for paid in level.paid if paid.award.joint_cap]
            for paid in level.paid:
                if code := paid.award.same_money:
                    same_money[code] = _larger(same_money.get(code), paid)
                elif not (paid.award.only_highest or paid.award.joint_cap):
                    now, later = now.plus(paid.now), later.plus(paid.later)
                    everything = everything.plus(paid.total)
        if joint:
            capped = all_together(joint)
            now, later = now.plus(capped[0]), later.plus(capped[1])
            everything = everything.plus(capped[2])
    once = [*same_money.values(), *(choice.sums for choice in choices(judgements))]
    for each in once:
        now, later, everything = now.plus(each[0]), later.plus(each[1]), everything.plus(each[2])
    return now, later, everything


def _larger(before: Sums | None, paid: Paid) -> Sums:
    if before is None:
        return paid.now, paid.later, paid.total
    now, later, total = before
    return now.larger(paid.now), later.larger(paid.later), total.larger(paid.total)


# --- only the highest -------------------------------------------------------------------


class Option(NamedTuple):
    """What a programme pays by the awards that name the same groups."""

    programme: str
    groups: frozenset[str]
    sums: Sums

    def excludes(self, other: "Option") -> bool:
        return self.programme != other.programme and not self.groups.isdisjoint(other.groups)

    @property
    def most(self) -> Decimal:
        high = self.sums[2].high
        return INFINITE if high is None else high

    @property
    def told(self) -> dict[str, Any]:
        return {"programme": self.programme, "amount": self.sums[2].pair}


class Choice(NamedTuple):
    """Of options that exclude each other those that count; `is_sure` unless others may pay more.

    `sums` are what is paid at least and at most, whichever is chosen in the end.
    """

    counts: tuple[Option, ...]
    gives_way: tuple[Option, ...]
    sums: Sums
    is_sure: bool

    @property
    def told(self) -> dict[str, Any]:
        every = (*self.counts, *self.gives_way)
        return {
            "groups": sorted(frozenset().union(*(each.groups for each in every))),
            "counts": [each.told for each in self.counts],
            "gives_way": [each.told for each in self.gives_way],
            "is_sure": self.is_sure,
        }


def choices(judgements: Iterable[Judgement]) -> list[Choice]:
    """One for options that are tied to each other, in the order of their programmes."""
    every = options = _options(judgements)
    found = []
    while options:
        first, *options = options
        tied = [first]
        for each in tied:  # which grows on the way
            near = [other for other in options if each.excludes(other)]
            tied += near
            options = [other for other in options if other not in near]
        # Of those that pay the same the first stay, whatever else a firm is eligible for.
        found.append(_chosen([each for each in every if each in tied]))
    return found


def _options(judgements: Iterable[Judgement]) -> list[Option]:
    found: dict[tuple[str, frozenset[str]], Sums] = {}
    for judgement in judgements:
        for level in judgement.levels.values():
            for paid in level.paid if level.counts else ():
                if groups := frozenset(paid.award.only_highest):
                    key = judgement.edition.programme, groups
                    own = paid.now, paid.later, paid.total
                    found[key] = _plus(found.get(key, (NOTHING,) * 3), own)
    return [Option(programme, groups, own) for (programme, groups), own in found.items()]


def _plus(one: Sums, other: Sums) -> Sums:
    return one[0].plus(other[0]), one[1].plus(other[1]), one[2].plus(other[2])


def _chosen(tied: list[Option]) -> Choice:
    """The allowed options that pay most together: by what is certain, then by what is possible."""
    sets = list(_allowed(tied))
    totals_of = {each: _sum(each) for each in sets}

    def least(each: tuple[Option, ...]) -> Decimal:
        return totals_of[each][2].low

    def most(each: tuple[Option, ...]) -> Decimal:
        return sum((option.most for option in each), Decimal(0))

    best = max(sets, key=lambda each: (least(each), most(each)))
    possible = [each for each in sets if each == best or most(each) > least(best)]
    now, later, total = (hull([totals_of[each][n] for each in possible]) for n in range(3))
    gives_way = tuple(option for option in tied if option not in best)
    return Choice(
        best, gives_way, (now, later, total._replace(low=least(best))), len(possible) == 1
    )


def _sum(options: Iterable[Option]) -> Sums:
    found: Sums = (NOTHING,) * 3
    for option in options:
        found = _plus(found, option.sums)
    return found


def _allowed(options: Sequence[Option]) -> Iterator[tuple[Option, ...]]:
    """Every set of options to which none could be added: as each pays something or nothing, one
    of these pays most."""
    if not options:
        yield ()
        return
    first, *others = options
    beside = [other for other in others if not first.excludes(other)]
    for rest in _allowed(beside):
        yield (first, *rest)
    if len(beside) < len(others):
        for rest in _allowed(others):
            if any(first.excludes(each) for each in rest):
                yield rest
