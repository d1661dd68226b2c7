"""Three-valued readings and how they combine (Kleene logic)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    MANUAL = "manual"


@dataclass(frozen=True)
class Reading:
    """What a test says; when unknown, the asked facts it lacks and why it stays open."""

    outcome: Outcome
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


MET = Reading(Outcome.MET)
NOT_MET = Reading(Outcome.NOT_MET)


def decided(is_met: bool) -> Reading:
    return MET if is_met else NOT_MET


def unknown(missing: Iterable[str] = (), reasons: Iterable[str] = ()) -> Reading:
    return Reading(Outcome.UNKNOWN, tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(reasons)))


def undecided(readings: Iterable[Reading]) -> Reading:
    """Unknown, for all the reasons of the readings that are unknown."""
    open_ones = [reading for reading in readings if reading.outcome is Outcome.UNKNOWN]
    return unknown(
        (fact for reading in open_ones for fact in reading.missing),
        (reason for reading in open_ones for reason in reading.reasons),
    )


def at_least(count: int, readings: Iterable[Reading]) -> Reading:
    """Met when `count` are met, not met when too few can still be met, else unknown."""
    readings = list(readings)
    met = sum(reading.outcome is Outcome.MET for reading in readings)
    possible = met + sum(reading.outcome is Outcome.UNKNOWN for reading in readings)
    if met >= count:
        return MET
    return NOT_MET if possible < count else undecided(readings)


def all_of(readings: Iterable[Reading]) -> Reading:
    readings = list(readings)
    return at_least(len(readings), readings)


def any_of(readings: Iterable[Reading]) -> Reading:
    return at_least(1, readings)


def negate(reading: Reading) -> Reading:
    if reading.outcome is Outcome.MET:
        return NOT_MET
    return MET if reading.outcome is Outcome.NOT_MET else reading


def unless_not_met(reading: Reading) -> Reading:
    return NOT_MET if reading.outcome is Outcome.NOT_MET else MET
