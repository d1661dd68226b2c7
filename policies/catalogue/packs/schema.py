"""The shape of a pack: which keys a row may have, which it must, and of what type."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.catalogue.models import Award, Criterion, Fact, Programme, Step, Window
from policies.catalogue.models.award import Level
from policies.catalogue.models.criterion import CRITERION_CODE, CRITERION_CODE_SAYS
from policies.catalogue.models.fact import (
    CHOICE_CODE,
    CHOICE_CODE_SAYS,
    FACT_KEY,
    FACT_KEY_SAYS,
)
from policies.catalogue.models.programme import MOBILE_NUMBER, PROGRAMME_ID, PROGRAMME_ID_SAYS
from policies.catalogue.models.source import (
    CONFLICT_CODE,
    CONFLICT_CODE_SAYS,
    DOCUMENT_NUMBER,
    DOCUMENT_NUMBER_SAYS,
)
from policies.catalogue.models.synonym import SYNONYM_WORD, SYNONYM_WORD_SAYS, means_problem
from policies.catalogue.models.window import is_day
from policies.catalogue.packs.problem import Problems
from policies.catalogue.packs.reader import Mapping, Sequence
from portal.models import Jurisdiction

Check = Callable[[Any], str | None]  # what was expected, None when it fits


@dataclass(frozen=True)
class Key:
    check: Check
    required: bool = False
    nullable: bool = False


def text(limit: int = 500) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str) or not value.strip():
            return "应为文字"
        return None if len(value) <= limit else f"最多 {limit} 字"

    return check


def identifier(pattern: str, says: str, limit: int) -> Check:
    """What an address, a rule or another row names it by."""

    def check(value: Any) -> str | None:
        if told := text(limit)(value):
            return told
        return None if re.search(pattern, value) else says

    return check


def one_of(codes: Any) -> Check:
    def check(value: Any) -> str | None:
        return None if value in codes else f"应为 {'、'.join(codes)} 之一"

    return check


def boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "应为 true 或 false"


def number(value: Any) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number else "应为数字"


def whole_number(value: Any) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return None if fits else "应为不小于 0 的整数"


def day(value: Any) -> str | None:
    try:
        fits = bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)) and date.fromisoformat(value)
    except (TypeError, ValueError):
        fits = False
    return None if fits else "应为日期，如 2024-06-30"


def month_or_day(value: Any) -> str | None:
    """A month, or a day that every year has."""
    found = re.fullmatch(r"(\d{2})(?:-(\d{2}))?", value) if isinstance(value, str) else None
    month, day = (int(part) if part else None for part in found.groups()) if found else (0, None)
    fits = 1 <= month <= 12 and is_day(month, day)
    return None if fits else "应为加引号的月或月-日，如 '10' 或 '10-08'"


def year(value: Any) -> str | None:
    fits = isinstance(value, int) and 2000 <= value <= 2100
    return None if fits else "应为年份，如 2026"


def telephone(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > 60:
        return "应为文字，最多 60 字"
    return "应为办公电话，不能是手机号码" if re.search(MOBILE_NUMBER, value) else None


def mapping(value: Any) -> str | None:
    return None if isinstance(value, Mapping) else "应为映射（键: 值）"


def sequence(value: Any) -> str | None:
    return None if isinstance(value, Sequence) else "应为列表"


def texts(value: Any) -> str | None:
    fits = isinstance(value, Sequence) and all(isinstance(item, str) and item for item in value)
    return None if fits else "应为文字列表"


def meanings(value: Any) -> str | None:
    return texts(value) or means_problem(value) or None


def choices(value: Any) -> str | None:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
        return "应为代码到文字的映射"
    return None if all(re.search(CHOICE_CODE, code) for code in value) else CHOICE_CODE_SAYS


def anything(value: Any) -> str | None:
    return None


def must(check: Check) -> Key:
    return Key(check, required=True)


def may(check: Check) -> Key:
    return Key(check, nullable=True)


Shape = dict[str, Key]

FACT: Shape = {
    "key": must(identifier(FACT_KEY, FACT_KEY_SAYS, 80)),
    "section": must(text(50)),
    "type": must(one_of(Fact.Type.values)),
    "label": must(text(300)),
    "unit": may(text(20)),
    "choices": may(choices),
    "help": may(text(300)),
    "question": may(text(300)),
    "minimum": may(number),
    "maximum": may(number),
    "decimals": may(whole_number),
    "changeable": may(boolean),
}
FORMULA: Shape = {
    "key": must(identifier(FACT_KEY, FACT_KEY_SAYS, 80)),
    "effective_from": must(day),
    "label": must(text(100)),
    "unit": may(text(20)),
    "quantity": must(anything),
}
JURISDICTION: Shape = {
    "code": must(identifier(r"^\d{6}$", "应为六位行政区划代码", 6)),
    "name": must(text(50)),
    "level": must(one_of(Jurisdiction.Level.values)),
    "parent": may(text(6)),
}
DOCUMENT: Shape = {
    "number": must(identifier(DOCUMENT_NUMBER, DOCUMENT_NUMBER_SAYS, 100)),
    "title": must(text(200)),
    "issuer": must(text(200)),
    "issued_on": may(day),
    "note": may(text(500)),
    "superseded_by": may(text(100)),
    "superseded_on": may(day),
}
CONFLICT: Shape = {
    "code": must(identifier(CONFLICT_CODE, CONFLICT_CODE_SAYS, 10)),
    "text": must(text(500)),
}
SYNONYM: Shape = {
    "word": must(identifier(SYNONYM_WORD, SYNONYM_WORD_SAYS, 20)),
    "means": must(meanings),
}

# Of the whole folder; it may lack the file.
ABOUT: Shape = {"part": may(boolean)}
PACK: Shape = {
    "family": must(text(50)),
    "shared_criteria": may(mapping),
    "programmes": must(sequence),
    # Written once under an anchor and pointed to from several editions.
    "materials": may(sequence),
    "steps": may(sequence),
    "contacts": may(sequence),
    "windows": may(sequence),
    "awards": may(sequence),
}
PROGRAMME: Shape = {
    "id": must(identifier(PROGRAMME_ID, PROGRAMME_ID_SAYS, 60)),
    "name": must(text(200)),
    "summary": may(text(300)),
    "kind": must(one_of(Programme.Kind.values)),
    "benefit": may(one_of(Programme.Benefit.values)),
    "tier": may(mapping),
    "area": must(text(6)),
    "beneficiary": must(one_of(Programme.Beneficiary.values)),
    "screened": must(boolean),
    "conflicts": may(texts),
    "contacts": may(sequence),
    "windows": may(sequence),
    "editions": must(sequence),
}
TIER: Shape = {"fact": must(text(80)), "code": must(text(40))}
WINDOW: Shape = {
    "kind": must(one_of(Window.Kind.values)),
    "title": must(text(60)),
    "wording": must(text(200)),
    "year": may(year),
    "starts": may(month_or_day),
    "ends": may(month_or_day),
    "note": may(text(300)),
    "document": must(text(100)),
    "clause": must(text(200)),
}
EDITION: Shape = {
    "effective_from": must(day),
    "ends": may(day),
    "corrected_because": may(text()),
    "retired_because": may(text()),
    "notices": may(texts),
    "places": may(mapping),
    "criteria": may(sequence),
    "awards": may(sequence),
    "materials": may(sequence),
    "steps": may(sequence),
    "contacts": may(sequence),
}
CRITERION: Shape = {
    "code": must(identifier(CRITERION_CODE, CRITERION_CODE_SAYS, 60)),
    "kind": must(one_of(Criterion.Kind.values)),
    "text": must(text(500)),
    "sentence": may(text(1000)),
    "rule": may(anything),
    "when": may(anything),
    "reason": may(text(200)),
    "sources": must(sequence),
}
AWARD: Shape = {
    "level": must(one_of(Level.values)),
    "payer": may(text(6)),
    "status": may(one_of(Award.Status.values)),
    "title": may(text(100)),
    "amount": may(anything),
    "tranches": may(sequence),
    "unsplit": may(mapping),
    "undecided": may(sequence),
    "fee_cap": may(number),
    "price_cut": may(number),
    "headline": may(number),
    "same_money": may(text(10)),
    "joint_cap": may(mapping),
    "only_highest": may(texts),
    "claw_back": may(mapping),
    "conflicts": may(texts),
    "sources": may(sequence),
}
TRANCHE: Shape = {
    "title": may(text(100)),
    "amount": must(anything),
    "now_when": may(anything),
    "past_when": may(anything),
    "void_when": may(anything),
    "later": may(boolean),
    "condition": may(text(300)),
    "conflicts": may(texts),
}
UNSPLIT: Shape = {"amount": must(number), "whole_when": may(anything)}
UNDECIDED: Shape = {"when": must(anything), "reason": must(text(200))}
JOINT_CAP: Shape = {"group": must(text(60)), "most": must(number)}
CLAW_BACK: Shape = {"when": must(text(200)), "years": may(whole_number), "share": may(number)}
PLACES: Shape = {"most": may(whole_number), "period": may(text(10)), "ranked_by": may(text(100))}
SOURCE: Shape = {"document": must(text(100)), "clause": may(text(200))}
MATERIAL: Shape = {"name": must(text(200)), "note": may(text(500)), "proves": may(texts)}
STEP: Shape = {
    "level": must(one_of(Step.Level.values)),
    "actor": must(text(200)),
    "title": must(text(100)),
    "kind": must(one_of(Step.Kind.values)),
    "text": may(text(500)),
    "time_limit": may(text(200)),
    "working_days": may(whole_number),
}
CONTACT: Shape = {
    "jurisdiction": must(text(6)),
    "office": must(text(100)),
    "telephone": may(telephone),
    # Of the office itself, whichever programme it answers for; `note` is of the two together.
    "address": may(text(200)),
    "hours": may(text(300)),
    "note": may(text(300)),
}


def check_row(row: Any, shape: Shape, owner: Any, key: str | int, problems: Problems) -> bool:
    """Note unknown keys, missing keys and values that do not fit; true when the row is sound."""
    if not isinstance(row, Mapping):
        problems.add(owner, key, "应为映射（键: 值）")
        return False
    before = len(problems)
    for name in row:
        if name not in shape:
            problems.add(row, name, f"没有这个键，可用 {'、'.join(shape)}")
    for name, rule in shape.items():
        if name not in row:
            if rule.required:
                problems.add(row, name, "缺少这个键")
        elif not (row[name] is None and rule.nullable):
            expected = rule.check(row[name])
            if expected:
                problems.add(row, name, expected)
    return len(problems) == before


def sound_rows(owner: Mapping, key: str, shape: Shape, problems: Problems) -> list[Mapping]:
    """The rows of the list at `key` that have the right shape; the others are noted."""
    rows = owner.get(key)
    if not isinstance(rows, Sequence):
        return []
    return [row for index, row in enumerate(rows) if check_row(row, shape, rows, index, problems)]
