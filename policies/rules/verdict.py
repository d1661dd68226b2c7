"""The verdict of one programme for one firm, criterion by criterion."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from policies.rules.awards import YEARS_AHEAD, LevelResult, pay_level
from policies.rules.edition import DECIDING, LENIENT, Criterion, Edition
from policies.rules.firm import Firm
from policies.rules.money import NOTHING, Money
from policies.rules.readings import MET, Outcome, Reading, all_of, unknown
from policies.rules.rule import Rule, shown_value

NO_VERDICT = "暂不能测算：这个项目的规则正在核对，请先看文件，或问办理的科室。"


def assess_edition(edition: Edition, firm: Firm) -> dict[str, Any]:
    """One programme's entry of the document; `levels` holds the raw level results."""
    entries = _criteria(edition, firm)
    verdict = "unknown" if edition.fault else verdict_of(entries)
    deciding = [entry for entry in entries if entry["kind"] in DECIDING]
    missing = _merge(entry["missing"] for entry in deciding if entry["outcome"] is Outcome.UNKNOWN)
    levels: dict[str, LevelResult] = {}
    if verdict != "not_eligible":
        levels = {
            level: pay_level(level, edition.awards_of(level), firm) for level in edition.levels
        }
    money_missing = _merge(result.missing for result in levels.values())
    flags = [*edition.conflicts]
    flags += [reason for entry in entries for reason in entry.pop("flags")]
    flags += [flag for result in levels.values() for flag in result.flags]
    return {
        "programme": edition.programme,
        "name": edition.name,
        "family": edition.family,
        "kind": edition.kind,
        "area": edition.area,
        "edition": edition.edition,
        "verdict": verdict,
        "criteria": entries,
        "missing": missing if verdict == "unknown" else [],
        "missing_for_amount": [key for key in money_missing if key not in missing],
        "awards": {level: result.fields for level, result in levels.items()},
        "tranches": [row for result in levels.values() for row in result.tranches],
        "near_miss": None,
        "flags": list(dict.fromkeys(flag for flag in flags if flag)),
        "notices": [*([NO_VERDICT] if edition.fault else []), *edition.notices],
        "levels": levels,
    }


def verdict_of(entries: Iterable[Mapping[str, Any]]) -> str:
    outcomes = {entry["outcome"] for entry in entries if entry["kind"] in DECIDING}
    if Outcome.NOT_MET in outcomes:
        return "not_eligible"
    return "unknown" if Outcome.UNKNOWN in outcomes else "eligible"


def payable(levels: Mapping[str, LevelResult]) -> Money:
    """What all published levels pay together, now and later."""
    total = NOTHING
    for result in levels.values():
        if result.counts:
            total += result.total
    return total


def _merge(groups: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(key for group in groups for key in group))


def read_criterion(criterion: Criterion, firm: Firm, rule: Rule | None = None) -> Reading:
    """The reading of one row: its *when*, its rule, and what its kind makes of a failure."""
    rule = rule or criterion.rule
    if rule is None:
        return Reading(Outcome.MANUAL)
    when = criterion.when.read(firm) if criterion.when else MET
    if when.outcome is Outcome.NOT_MET:
        return Reading(Outcome.NOT_APPLICABLE)
    reading = rule.read(firm)
    if when.outcome is Outcome.UNKNOWN:
        return unknown((*when.missing, *reading.missing), when.reasons + reading.reasons)
    reasons = reading.reasons or ((criterion.reason,) if criterion.reason else ())
    if reading.outcome is Outcome.NOT_MET and criterion.kind in LENIENT:
        return unknown(reasons=reasons)
    if reading.outcome is Outcome.UNKNOWN and not reading.missing:
        return replace(reading, reasons=reasons)
    return reading


def _criteria(edition: Edition, firm: Firm) -> list[dict[str, Any]]:
    """One entry per code: rows that share a code all have to hold."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for criterion in edition.criteria:
        for entry in _entries(criterion, firm):
            rows.setdefault(entry["id"], []).append(entry)
    return [_shared(entries) for entries in rows.values()]


def _entries(criterion: Criterion, firm: Firm) -> list[dict[str, Any]]:
    rule = criterion.rule
    if rule is None or not rule.cases:
        return [_entry(criterion, criterion.code, rule, read_criterion(criterion, firm), firm)]
    whole = read_criterion(criterion, firm)
    entries = []
    for case in rule.cases:
        applies = case.when.read(firm)
        reading = whole
        if applies.outcome is Outcome.NOT_MET:
            reading = Reading(Outcome.NOT_APPLICABLE)
        entries.append(_entry(criterion, case.id or criterion.code, case.then, reading, firm))
    return entries


def _entry(
    criterion: Criterion, code: str, rule: Rule | None, reading: Reading, firm: Firm
) -> dict[str, Any]:
    shows = rule.shows if rule else ()
    values = {key: shown_value(firm, key) for key in shows}
    failed = reading.outcome is Outcome.NOT_MET or (
        reading.outcome is Outcome.UNKNOWN and not reading.missing
    )
    reason = reading.reasons[0] if reading.reasons else None
    flags = [*reading.reasons]
    if reading.outcome is Outcome.NOT_MET and criterion.reason:
        flags.append(criterion.reason)
        reason = reason or criterion.reason
    return {
        "id": code,
        "kind": criterion.kind,
        "text": criterion.text,
        "outcome": reading.outcome,
        "values": {key: value for key, value in values.items() if value is not None},
        "requires": rule.requires if rule else "由评审人员判断",
        "gap": rule.gap(firm) if rule and failed else None,
        "reason": reason,
        "missing": list(reading.missing),
        "sources": list(criterion.sources),
        "flags": flags,
        "is_past": criterion.kind == "tranche"
        and reading.outcome is Outcome.NOT_MET
        and not _may_hold_later(criterion, firm),
    }


def _may_hold_later(criterion: Criterion, firm: Firm) -> bool:
    """Whether the passing of years alone may still meet it."""
    return any(
        read_criterion(criterion, later).outcome is not Outcome.NOT_MET
        for later in firm.in_coming_years(YEARS_AHEAD)
    )


def _shared(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Several rows of one code as one entry; a row that does not apply says nothing."""
    applying = [
        entry for entry in entries if entry["outcome"] is not Outcome.NOT_APPLICABLE
    ] or entries[:1]
    if len(applying) == 1:
        return applying[0]
    readings = [
        Reading(entry["outcome"], tuple(entry["missing"]), tuple(entry["flags"]))
        for entry in applying
    ]
    reading = all_of(readings)
    decisive = next(entry for entry in applying if entry["outcome"] is reading.outcome)
    values: dict[str, Any] = {}
    for entry in applying:
        values |= entry["values"]
    return {
        **decisive,
        "kind": entries[0]["kind"],
        "text": "；".join(dict.fromkeys(entry["text"] for entry in applying)),
        "values": values,
        "requires": "；且 ".join(dict.fromkeys(entry["requires"] for entry in applying)),
        "missing": list(reading.missing),
        "flags": [flag for entry in applying for flag in entry["flags"]],
        "sources": [source for entry in applying for source in entry["sources"]],
    }
