"""A random sample that anybody can draw again: pure arithmetic on SHA-256, no generator of any library.

Of each case the SHA-256 of “seed, line feed, number” is its place in the order; the first so many are
drawn. By money the cases lie in that order on a line, each as long as its amount, and points at equal
distances are hit, the first of which the seed decides (monetary unit sampling).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

LEAST, RANDOM, BY_MONEY = "每个项目至少几件", "随机", "按金额"
EMPTY = "所选的范围里没有申报。"
TOO_FEW = "所选的范围里只有 {count} 件，抽不出 {size} 件。"
LEAST_NEEDS = "每个项目至少 {least} 件，{programmes} 个项目就要 {needed} 件，样本数不能比这少。"
NO_MONEY = "所选的申报都没有金额，不能按金额抽。"


class SampleError(Exception):
    """What cannot be drawn; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A case of the population; `amount` in 分."""

    number: str
    programme: str
    amount: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A case of the sample, by which part of the question, and how often its amount was hit."""

    number: str
    why: str
    times: int = 1


def digest_of(population: Iterable[Unit]) -> str:
    """What tells whether two populations are the same: a line for each case, by number."""
    digest = sha256()
    for unit in sorted(population, key=lambda unit: unit.number):
        digest.update(f"{unit.number}\t{unit.programme}\t{unit.amount}\n".encode())
    return digest.hexdigest()


def place_of(seed: str, word: str) -> int:
    return int.from_bytes(sha256(f"{seed}\n{word}".encode()).digest())


def draw(
    population: Sequence[Unit], seed: str, size: int, *, least: int = 0, by_money: bool = False
) -> list[Drawn]:
    """The sample in the order in which it was drawn; SampleError where there is none.

    The same for the same population, in whatever order it comes. By money one that is hit several
    times is listed once, so that the sample may hold fewer than `size`.
    """
    if not population:
        raise SampleError(EMPTY)
    if size > len(population):
        raise SampleError(TOO_FEW.format(count=len(population), size=size))
    places = {unit.number: place_of(seed, unit.number) for unit in population}
    ordered = sorted(population, key=lambda unit: (places[unit.number], unit.number))
    first = _least(ordered, least)
    if len(first) > size:
        programmes = len({unit.programme for unit in ordered})
        told = {"least": least, "programmes": programmes, "needed": len(first)}
        raise SampleError(LEAST_NEEDS.format(**told))
    taken = {each.number for each in first}
    rest = [unit for unit in ordered if unit.number not in taken]
    points = size - len(first)
    if not by_money:
        return first + [Drawn(unit.number, RANDOM) for unit in rest[:points]]
    return first + (_hit(rest, seed, points) if points else [])


def _least(ordered: Sequence[Unit], least: int) -> list[Drawn]:
    """The first so many of each programme, all of one that has fewer."""
    counts: Counter[str] = Counter()
    found = []
    for unit in ordered:
        if counts[unit.programme] < least:
            counts[unit.programme] += 1
            found.append(Drawn(unit.number, LEAST))
    return found


def _hit(ordered: Sequence[Unit], seed: str, points: int) -> list[Drawn]:
    """Point k lies at (start + k * total) / points: compared in whole numbers, nothing is rounded."""
    total = sum(unit.amount for unit in ordered)
    if not total:
        raise SampleError(NO_MONEY)
    start = place_of(seed, "start") % total
    found, end, hit = [], 0, 0
    for unit in ordered:
        end += unit.amount
        times = 0
        while hit < points and start + hit * total < end * points:
            hit, times = hit + 1, times + 1
        if times:
            found.append(Drawn(unit.number, BY_MONEY, times))
    return found
