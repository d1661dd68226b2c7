"""Three-valued readings and how they combine (Kleene logic).

MET and NOT_MET are the only readings of their outcomes, so that they may be compared with `is`.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    MANUAL = "manual"


class Reading(NamedTuple):
    """What a test says; when unknown, the asked facts it lacks and why it stays open."""

    outcome: Outcome
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


MET = Reading(Outcome.MET)
NOT_MET = Reading(Outcome.NOT_MET)
NOT_APPLICABLE = Reading(Outcome.NOT_APPLICABLE)
MANUAL = Reading(Outcome.MANUAL)


def unknown(missing: Iterable[str] = (), reasons: Iterable[str] = ()) -> Reading:
    return Reading(Outcome.UNKNOWN, tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(reasons)))


def undecided(readings: Iterable[Reading]) -> Reading:
    """Unknown, for all the reasons of the readings that are unknown."""
    open_ones = [each for each in readings if each.outcome is Outcome.UNKNOWN]
    if len(open_ones) == 1:
        return open_ones[0]
    return unknown(
        (fact for reading in open_ones for fact in reading.missing),
        (reason for reading in open_ones for reason in reading.reasons),
    )


def at_least(count: int, readings: Sequence[Reading]) -> Reading:
    """Met when `count` are met, not met when too few can still be met, else unknown."""
    met = sum(reading is MET for reading in readings)
    if met >= count:
        return MET
    possible = len(readings) - sum(reading is NOT_MET for reading in readings)
    return NOT_MET if possible < count else undecided(readings)


def all_of(readings: Iterable[Reading]) -> Reading:
    readings = list(readings)
    return at_least(len(readings), readings)


def negate(reading: Reading) -> Reading:
    if reading is MET:
        return NOT_MET
    return MET if reading is NOT_MET else reading


def first_case(rows: Sequence[tuple[Reading, Reading]], otherwise: Reading | None) -> Reading:
    """A table: the result of the first row whose *when* is met.

    All rows still possible while a *when* is unknown; decided where they agree. Met where no row
    speaks of the firm.
    """
    open_whens: list[Reading] = []
    results: list[Reading] = []
    for when, result in rows:
        if when is NOT_MET:
            continue
        results.append(result)
        if when is MET:
            break
        open_whens.append(when)
    else:
        if otherwise is not None:
            results.append(otherwise)
    if not results:
        return MET
    first = results[0]
    if (first is MET or first is NOT_MET) and all(result is first for result in results):
        return first
    return undecided([*open_whens, *results])
