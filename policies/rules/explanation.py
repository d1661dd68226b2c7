"""Explaining: a judgement as an entry of the answer document, for what a page or a file shows.

What never changes of an edition stands ready in its templates.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any
from weakref import WeakKeyDictionary

from policies.rules.awards import LevelPaid
from policies.rules.derived import DERIVED
from policies.rules.edition import NOT_ELIGIBLE, PLACE, Edition, Entry
from policies.rules.firm import Firm
from policies.rules.judgement import Judgement
from policies.rules.money import headline
from policies.rules.one_firm import Read, Source, estimate, known, read
from policies.rules.quantities import NO_VALUE
from policies.rules.readings import MET, NOT_APPLICABLE, NOT_MET, Outcome, Reading, all_of
from policies.rules.remedies import gap
from policies.rules.sentences import Phrase
from policies.rules.tranches import tranche_rows
from policies.rules.tree import (
    AnyOf,
    AtLeast,
    Milestones,
    Named,
    Not,
    Rule,
    formulas_in,
    parts_of,
    shows,
)
from policies.rules.wording import quantity_in_words, requires

NO_VERDICT = "暂不能测算：这个项目的规则正在核对，请先看文件，或问办理的科室。"


def explain(judgement: Judgement, firm: Firm) -> dict[str, Any]:
    """One programme's entry of the document; its near miss is left to whoever looks for it."""
    edition = judgement.edition
    templates = _templates_of(edition)
    if judgement.readings is None:
        return dict(templates.outside(firm))
    levels = judgement.levels
    criteria, flags = [], list(edition.conflicts)
    readings = iter(judgement.readings)
    told = templates.tests_on(firm.on)(firm)
    for rows in templates.by_code:
        if len(rows) == 1:
            entry = _entry(rows[0], next(readings), told, firm, edition, flags)
        else:
            entry = _shared([(row, next(readings)) for row in rows], told, firm, edition, flags)
        criteria.append(entry)
    for level in levels.values():
        flags += _flags(level)
    return {
        **templates.fixed,
        "verdict": judgement.verdict,
        "criteria": criteria,
        "missing": list(judgement.missing),
        "missing_for_amount": list(judgement.missing_for_amount),
        "awards": {name: level_fields(level, firm) for name, level in levels.items()},
        **_together(judgement),
        "tranches": [row for level in levels.values() for row in tranche_rows(level, firm)],
        "flags": list(dict.fromkeys(flags)),
    }


# --- criteria ---------------------------------------------------------------------------


class _Row:
    """What an entry says to every firm, the facts whose values explain it, and its phrases with
    the places of their tests among all that the edition's sentences tell."""

    def __init__(self, entry: Entry, edition: Edition, tests: list[Phrase]) -> None:
        criterion, rule = entry.criterion, entry.rule
        self.entry = entry
        self.formulas = formulas_in(rule) if rule else {}
        keys = [key for key in (shows(rule) if rule else ()) if key not in self.formulas]
        self.shows = [(key, DERIVED[key].formula if key in DERIVED else None) for key in keys]
        self.phrases: list[tuple[str, int | None]] = []
        for phrase in entry.sentence.phrases if entry.sentence else ():
            self.phrases.append((phrase.text, len(tests) if phrase.test else None))
            tests += [phrase] if phrase.test else []
        self.fixed = {
            "id": entry.code,
            "kind": criterion.kind,
            "offered_in": _offered_in(entry, edition),
            "text": criterion.text,
            "sentence": entry.sentence.text if entry.sentence else None,
            "requires": requires(rule, edition.facts),
            "sources": list(criterion.sources),
            "gap": None,
            "reason": None,
            "is_past": False,
        }
        self.told_of = {
            key: {
                "label": formula.label,
                "unit": formula.unit,
                "in_words": quantity_in_words(formula.quantity, edition.facts),
                "parts": list(shows(formula.quantity)),
            }
            for key, formula in self.formulas.items()
        }


def _offered_in(entry: Entry, edition: Edition) -> list[str]:
    """The codes of the deciding entries in which an alternative is one of several ways."""
    if entry.criterion.kind != "alternative":
        return []
    return [
        other.code
        for other in edition.entries
        if other.is_deciding and other.rule and entry.rule in _ways(other.rule)
    ]


def _ways(rule: Rule) -> list[Rule]:
    """The branches of which some are enough; of a denial all have to fail."""
    if isinstance(rule, Not):
        return []
    own = list(rule.parts) if isinstance(rule, AnyOf | AtLeast) else []
    return own + [way for part in parts_of(rule) for way in _ways(part)]


class _Templates:
    """What an edition says to every firm, and to every firm of a place that it does not speak of."""

    def __init__(self, edition: Edition) -> None:
        self.fixed = {
            "programme": edition.programme,
            "name": edition.name,
            "family": edition.family,
            "kind": edition.kind,
            "area": edition.area,
            "edition": edition.edition,
            "notices": [NO_VERDICT, *edition.notices] if edition.fault else [*edition.notices],
            "places": asdict(edition.places) if edition.places else None,
            "near_miss": None,
        }
        by_code: dict[str, list[_Row]] = {}
        tests: list[Phrase] = []
        for entry in edition.entries:
            by_code.setdefault(entry.code, []).append(_Row(entry, edition, tests))
        self.by_code = tuple(by_code.values())
        self.tests_on = _reading(tests)
        self.conflicts, self.of_place = edition.conflicts, edition.place_criteria
        self._outside: dict[tuple[Any, ...], dict[str, Any]] = {}

    def outside(self, firm: Firm) -> dict[str, Any]:
        """The entry for a firm of elsewhere: only the criteria of the programme's area are told."""
        place = tuple(firm.answers.get(key) for key in sorted(PLACE))
        if place not in self._outside:
            self._outside[place] = self._made_outside(firm)
        return self._outside[place]

    def _made_outside(self, firm: Firm) -> dict[str, Any]:
        criteria, flags = [], list(self.conflicts)
        told = self.tests_on(firm.on)(firm)
        for rows in self.by_code:
            own = [row for row in rows if row.entry.criterion in self.of_place]
            if own:
                readings = [(row, read(row.entry.rule, firm)) for row in own]
                criteria.append(_shared(readings, told, firm, None, flags))
        return {
            **self.fixed,
            "verdict": NOT_ELIGIBLE,
            "criteria": criteria,
            "missing": [],
            "missing_for_amount": [],
            "awards": {},
            "tranches": [],
            "flags": list(dict.fromkeys(flags)),
        }


def _reading(tests: Iterable[Phrase]) -> Callable[[date], Read]:
    """What makes, for a day, the function from a firm to the outcome of each test; to None where
    another row of its table applies."""
    source = Source()
    told = []
    for each in tests:
        outcome = f"{source.rule(each.test)}.outcome"
        if each.within:
            outcome = f"(None if {source.rule(each.within)} is N else {outcome})"
        told.append(f"{outcome}, ")
    return source.function(f"({''.join(told)})")


_templates: WeakKeyDictionary[Edition, _Templates] = WeakKeyDictionary()


def _templates_of(edition: Edition) -> _Templates:
    if edition not in _templates:
        _templates[edition] = _Templates(edition)
    return _templates[edition]


Told = tuple[Outcome | None, ...]  # what each test of an edition's sentences comes out as


def _shared(
    rows: list[tuple[_Row, Reading]],
    told: Told,
    firm: Firm,
    edition: Edition | None,
    flags: list[str],
) -> dict[str, Any]:
    """Rows of one code as one entry: all have to hold; one that does not apply says nothing."""
    applying = [row for row in rows if row[1] is not NOT_APPLICABLE] or rows[:1]
    entries = [_entry(row, reading, told, firm, edition, flags) for row, reading in applying]
    if len(entries) == 1:
        return entries[0]
    reading = all_of(reading for _, reading in applying)
    decisive = next(entry for entry in entries if entry["outcome"] is reading.outcome)
    values: dict[str, Any] = {}
    for entry in entries:
        values |= entry["values"]
    formulas = {key: told for entry in entries for key, told in entry.get("formulas", {}).items()}
    return {
        **decisive,
        **({"formulas": formulas} if formulas else {}),
        "kind": rows[0][0].fixed["kind"],
        "text": "；".join(dict.fromkeys(entry["text"] for entry in entries)),
        "values": values,
        **_one_sentence(entries),
        "requires": "；且 ".join(dict.fromkeys(entry["requires"] for entry in entries)),
        "missing": list(reading.missing),
        "sources": [source for entry in entries for source in entry["sources"]],
    }


def _one_sentence(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The sentences of all rows in one; none where one has none."""
    if not all(entry["sentence"] for entry in entries):
        return {"sentence": None, "phrases": []}
    phrases = list(entries[0]["phrases"])
    for entry in entries[1:]:
        phrases += [{"text": "；", "outcome": None}, *entry["phrases"]]
    return {"sentence": "".join(phrase["text"] for phrase in phrases), "phrases": phrases}


def _entry(
    row: _Row,
    reading: Reading,
    told: Told,
    firm: Firm,
    edition: Edition | None,
    flags: list[str],
) -> dict[str, Any]:
    """The entry of one row; what is said of its outcome is added to `flags`."""
    entry = row.fixed.copy()
    applies = reading is not NOT_APPLICABLE
    entry["phrases"] = [
        {"text": text, "outcome": told[place] if applies and place is not None else None}
        for text, place in row.phrases
    ]
    entry["outcome"], missing, reasons = reading
    entry["missing"] = list(missing)
    entry["values"] = values = {}
    for key, formula in row.shows:
        value = firm.derive(key, formula).value if formula else firm.answers.get(key)
        if value is not None:
            values[key] = value
    if row.formulas:
        entry["formulas"] = {
            key: {**row.told_of[key], **_computed(formula, firm)}
            for key, formula in row.formulas.items()
        }
    if reading is MET:
        return entry
    criterion = row.entry.criterion
    if reading is NOT_MET:
        if criterion.reason:
            reasons += (criterion.reason,)
        if criterion.kind == "tranche" and edition:
            entry["is_past"] = not _may_hold_later(row.entry, edition, firm)
    if row.entry.rule and not missing and entry["outcome"] in (Outcome.NOT_MET, Outcome.UNKNOWN):
        entry["gap"] = gap(row.entry.rule, firm)
    if reasons:
        entry["reason"] = reasons[0]
        flags += reasons
    return entry


# As exact as any answer; what has no end of decimals is cut off there.
_FINEST = Decimal("0.000001")


def _computed(formula: Named, firm: Firm) -> dict[str, Any]:
    """The value of a formula; without one, whether it has none at all, as it divides by nothing."""
    found = estimate(formula, firm)
    value = found.value
    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        value = exact.quantize(_FINEST, rounding=ROUND_FLOOR).normalize()
    return {"value": value, "has_none": found == NO_VALUE}


def _may_hold_later(entry: Entry, edition: Edition, firm: Firm) -> bool:
    """Whether the passing of years alone may still meet it."""
    position = edition.entries.index(entry)
    for later in firm.in_coming_years():
        _, readings = edition.judges_on(later.on)(later)
        if readings is None or readings[position] is not NOT_MET:
            return True
    return False


# --- money ------------------------------------------------------------------------------


def _together(judgement: Judgement) -> dict[str, Any]:
    """What levels that share a cap pay together, which is less than their sum; of others nothing."""
    if not judgement.edition.shared_caps or not judgement.levels:
        return {}
    pairs = zip(("now", "later", "total"), judgement.paid, strict=True)
    return {"together": {name: money.pair for name, money in pairs}}


def _flags(level: LevelPaid) -> list[str]:
    flags: list[str] = []
    for paid in level.paid:
        flags += paid.award.conflicts
        for placed in paid.placed:
            flags += paid.award.tranches[placed.position].conflicts
        flags += paid.undecided
    return flags


def level_fields(level: LevelPaid, firm: Firm) -> dict[str, Any]:
    """The level's entry under `awards`."""
    pairs: dict[str, Any] = {
        "now": level.now.pair,
        "later": level.later.pair,
        "total": level.total.pair,
    }
    if level.is_partly_known:
        pairs["partly_known"] = True
    if len(level.paid) != 1:
        return {"status": level.status, **(pairs if level.counts else {})}
    [paid] = level.paid
    fields: dict[str, Any] = {"status": level.status}
    if paid.undecided:
        fields["undecided"] = True
    if level.status == "to_verify":
        return {**fields, "amount": paid.printed.pair}
    if level.status != "published":
        return fields
    fields |= pairs
    for name in ("headline", "price_cut", "fee_cap"):
        if getattr(paid.award, name) is not None:
            fields[name] = getattr(paid.award, name)
    for tranche in paid.award.tranches:
        if isinstance(tranche.amount, Milestones):
            amount = tranche.amount
            shown = headline(amount, known(amount.fact, firm), known(amount.before, firm))
            if shown is not None:
                fields["headline"] = shown
    return fields
