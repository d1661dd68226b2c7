"""What all eligible programmes pay together, for columns of firms: as `totals.sums` says of one firm.

What each programme pays by itself comes from the plan, and is put together here, firms in rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import inf
from typing import NamedTuple

import numpy as np

from policies.rules.awards import Award, JointCap
from policies.rules.column_data import Array
from policies.rules.column_money import Paid, all_of, capped, level_of
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.column_rules import Rules
from policies.rules.column_sums import where, written
from policies.rules.edition import Edition

# Less than this of 万元 is how sums of fractions differ by their order.
_NOISE = 1e-9


class Share(NamedTuple):
    """A part of an edition's money that is not simply added: of the `same` money as other awards, or
    paid where no other programme of the `groups` is."""

    same: str = ""
    award: int = 0
    groups: frozenset[str] = frozenset()


class Parts(NamedTuple):
    """The steps of what an edition pays whom it is open to: by itself, and by each share."""

    own: tuple[Node, ...]
    shares: Mapping[Share, tuple[Node, ...]]
    present: Mapping[Share, Node]


def parts_of(edition: Edition, verdict: Outcome, rules: Rules) -> Parts:
    plan, caps = rules.plan, edition.shared_caps

    def apart(award: Award) -> Share | JointCap | None:
        if award.same_money:
            return Share(same=award.same_money, award=edition.awards.index(award))
        if award.only_highest:
            return Share(groups=frozenset(award.only_highest))
        return award.joint_cap if award.joint_cap in caps else None

    levels = [level_of(name, level.awards, rules, apart) for name, level in edition.levels.items()]
    found: dict[Share | JointCap, list[Paid]] = {}
    present: dict[Share, list[Outcome]] = {}
    for level in levels:
        for key, (paid, is_there) in level.apart.items():
            found.setdefault(key, []).append(paid)
            if isinstance(key, Share):
                present.setdefault(key, []).append(is_there)
    shares = {key: all_of(found.pop(key), plan) for key in present}
    joint = [capped(cap.most, all_of(each, plan), plan) for cap, each in found.items()]
    own = all_of([*(level.paid for level in levels), *joint], plan)
    return Parts(
        _steps(own, verdict, plan),
        {key: _steps(paid, verdict, plan) for key, paid in shares.items()},
        {
            key: _node(plan.certain(plan.all_of(verdict, plan.any_of(*each))), plan)
            for key, each in present.items()
        },
    )


def _node(outcome: Outcome, plan: Plan) -> Node:
    return outcome if isinstance(outcome, Node) else plan.everywhere(outcome, "i1")


def _steps(paid: Paid, verdict: Outcome, plan: Plan) -> tuple[Node, ...]:
    """At least and at most, now, later and in all, of whoever is eligible."""
    return tuple(
        written(where("yes", verdict, end), plan, "f8")
        for pay in paid
        for end in (pay.low, pay.high)
    )


# --- together ---------------------------------------------------------------------------

Sums = list[Array]  # at least and at most: now, later and in all


class Option(NamedTuple):
    programme: str
    groups: frozenset[str]
    sums: Sums
    present: Array

    def excludes(self, other: "Option") -> bool:
        return self.programme != other.programme and not self.groups.isdisjoint(other.groups)


def together(
    own: Sequence[Sums], same: Mapping[str, Sequence[Sums]], options: Sequence[Option], rows: int
) -> Sums:
    """The sums of all of it: of the same money the larger, of options that exclude each other those
    that pay most."""
    found = [np.zeros(rows) for _ in range(6)]
    for sums in own:
        _add(found, sums)
    for several in same.values():
        _add(found, [np.maximum.reduce([sums[n] for sums in several]) for n in range(6)])
    for tied in _components(options):
        _add(found, _chosen(tied, rows))
    return found


def _add(found: Sums, more: Sums) -> None:
    for own, other in zip(found, more, strict=True):
        np.add(own, other, out=own)


def _components(options: Sequence[Option]) -> Iterator[list[Option]]:
    """Options that are tied to each other, in their order."""
    left = list(range(len(options)))
    while left:
        tied = [left.pop(0)]
        for place in tied:  # which grows on the way
            near = [other for other in left if options[place].excludes(options[other])]
            tied += near
            left = [other for other in left if other not in near]
        yield [options[place] for place in sorted(tied)]


def _chosen(tied: Sequence[Option], rows: int) -> Sums:
    """As `totals.Choice` sums it, of the options that each firm has."""
    sets = list(_allowed(tied))
    best_least, best_most = np.full(rows, -1.0), np.full(rows, -1.0)
    best = np.full(rows, -1)
    valid, least, most = [], [], []
    for place, chosen in enumerate(sets):
        valid.append(_is_whole(chosen, tied, rows))
        sums = _sum([tied[n].sums for n in chosen], rows)
        least.append(sums[4])
        most.append(sums[5])
        better = (sums[4] > best_least + _NOISE) | (
            (np.abs(sums[4] - best_least) <= _NOISE) & (sums[5] > best_most + _NOISE)
        )
        better &= valid[-1]
        best[better] = place
        best_least[better], best_most[better] = sums[4][better], sums[5][better]
    found = [np.full(rows, inf if n % 2 == 0 else -inf) for n in range(6)]
    for place, chosen in enumerate(sets):
        possible = valid[place] & ((best == place) | (most[place] > best_least + _NOISE))
        sums = _sum([tied[n].sums for n in chosen], rows)
        for n in range(6):
            choose = np.minimum if n % 2 == 0 else np.maximum
            found[n] = np.where(possible, choose(found[n], sums[n]), found[n])
    found[4] = best_least
    return found


def _sum(several: Sequence[Sums], rows: int) -> Sums:
    found = [np.zeros(rows) for _ in range(6)]
    for sums in several:
        _add(found, sums)
    return found


def _is_whole(chosen: Sequence[int], tied: Sequence[Option], rows: int) -> Array:
    """Whether a firm has all that is chosen, and nothing that could be added."""
    found = np.ones(rows, bool)
    for place, option in enumerate(tied):
        if place in chosen:
            found &= option.present
        elif not any(option.excludes(tied[other]) for other in chosen):
            found &= ~option.present
    return found


def _allowed(tied: Sequence[Option]) -> Iterator[tuple[int, ...]]:
    """Every set of places of options that do not exclude each other, in the order of `totals`."""
    excluded = {
        (one, other)
        for one, other in combinations(range(len(tied)), 2)
        if tied[one].excludes(tied[other])
    }

    def sets(first: int, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if first == len(tied):
            yield chosen
            return
        if not any((other, first) in excluded for other in chosen):
            yield from sets(first + 1, (*chosen, first))
        yield from sets(first + 1, chosen)

    return sets(0, ())
