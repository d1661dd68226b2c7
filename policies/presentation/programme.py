"""One programme of an answer in words: criteria, awards, materials, steps and whom to call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policies.catalogue.models import Contact, Material, Step
from policies.catalogue.models.award import Level
from policies.catalogue.vocabulary import Vocabulary
from policies.presentation.report_link import report_links
from policies.presentation.sources import cited, dated, superseded
from policies.presentation.words import (
    MARKS,
    NOTHING_LEFT,
    OUTCOMES,
    OVER,
    STATUSES,
    UNREADABLE,
    VERDICTS,
    VOID,
    WHEN,
    claw_back_in_words,
    level_in_words,
    money,
)
from policies.rules.awards import LevelPaid
from policies.rules.derived import DERIVED
from policies.rules.edition import DECIDING, ELIGIBLE
from policies.rules.explanation import NO_VERDICT
from policies.rules.facts import Fact, plain
from policies.rules.judgement import Judgement
from policies.rules.tree import SHARE

# Where one of several ways is enough.
ENOUGH = "“{whole}”已经符合{way}，不需要再符合这一种"
BY = "（{}）"
ENOUGH_ELSEWHERE = "可选的情形之一；其他条件已经够了，不需要这一种"
ONE_IS_ENOUGH = "几种情形有一种就够：✓ 是已符合的，○ 是不需要的"


@dataclass(frozen=True)
class Guide:
    """What a firm hands in for an edition, the steps of its case, and the offices to ask."""

    materials: Sequence[Material] = ()
    steps: Sequence[Step] = ()
    contacts: Sequence[Contact] = ()


def programme_row(
    programme: Mapping[str, Any], vocabulary: Vocabulary, guide: Guide
) -> dict[str, Any]:
    """One entry of the answer's `programmes` with every code turned into words."""
    facts, conflicts, documents = vocabulary.facts, vocabulary.conflicts, vocabulary.documents
    parts = (*programme["criteria"], *programme["tranches"])
    numbers = {source["document"] for part in parts for source in part["sources"]}
    link = report_links(programme["programme"], programme["edition"])
    over = _levels_over(programme)
    spare = _not_needed(programme)
    tranches = [
        tranche_in_words(row)
        | {
            "sources": cited(row["sources"], documents),
            "report": link(level=row["level"], payer=row["payer"]),
        }
        for row in programme["tranches"]
    ]
    return {
        "id": programme["programme"],
        "name": programme["name"],
        "family": programme["family"],
        "verdict": programme["verdict"],
        "verdict_in_words": (
            UNREADABLE if NO_VERDICT in programme["notices"] else VERDICTS[programme["verdict"]]
        ),
        "amount": amount_in_words(programme["awards"], over, programme.get("together")),
        "report": link(),
        "criteria": [
            _criterion(entry, facts, conflicts, spare.get(entry["id"]))
            | {
                "sources": cited(entry["sources"], documents),
                "report": link(criterion=entry["id"]),
            }
            for entry in programme["criteria"]
        ],
        # In the order of government: a database may keep the keys in another.
        "levels": [
            level_in_words(level, programme["awards"][level], is_over=level in over)
            | _paid_by(Level(level).label, tranches)
            for level in Level
            if level in programme["awards"]
        ],
        "tranches": tranches,
        "missing": [_label(key, facts) for key in programme["missing"]],
        "missing_for_amount": [_label(key, facts) for key in programme["missing_for_amount"]],
        "near_miss": _near_miss(programme["near_miss"], facts),
        "conflicts": [conflicts[flag] for flag in programme["flags"] if flag in conflicts],
        "notices": programme["notices"],
        "documents": dated(sorted(numbers), documents),
        "superseded": superseded(sorted(numbers), documents),
        "materials": guide.materials,
        "steps": guide.steps,
        "contacts": guide.contacts,
    }


def _label(key: str, facts: Mapping[str, Fact]) -> str:
    # A kept answer may name a fact that the catalogue has dropped since.
    return facts[key].label if key in facts else key


def _paid_by(level: str, tranches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The tranches of a level, and what they rest on, said once for all of them."""
    own = [each for each in tranches if each["level"] == level]
    return {
        "tranches": own,
        "sources": list(dict.fromkeys(source for each in own for source in each["sources"])),
        "report": own[0]["report"] if own else "",
    }


def _levels_over(programme: Mapping[str, Any]) -> set[str]:
    """The levels that have no tranche left to come, though their document prints what they pay."""
    to_come = {row["level"] for row in programme["tranches"]}
    return {
        level
        for level, fields in programme["awards"].items()
        if level not in to_come and _pays(fields) and fields["total"][1] == 0
    }


def _pays(fields: Mapping[str, Any]) -> bool:
    return "total" in fields and "fee_cap" not in fields and "price_cut" not in fields


def amount_in_words(
    awards: Mapping[str, Mapping[str, Any]],
    over: Collection[str] = frozenset(),
    together: Mapping[str, Any] | None = None,
) -> str:
    """What the levels pay together; those that are `over` pay nothing any more. `together` is what
    comes to it where levels share a cap."""
    sums = [
        fields["total"] for level, fields in awards.items() if _pays(fields) and level not in over
    ]
    if together and sums:
        sums = [together["total"]]
    return _sum_in_words(sums, {fields["status"] for fields in awards.values()}, bool(over))


def judged_amount(judgement: Judgement) -> str:
    """The same of a judgement whose words nobody has asked for yet."""
    levels = judgement.levels.values()
    paying = [level for level in levels if level.counts and not _is_rate(level)]
    sums = [level.total.pair for level in paying if not level.is_over]
    if judgement.edition.shared_caps and sums:
        # Levels that share a cap pay less than each on its own.
        return _sum_in_words([judgement.payable.pair], {level.status for level in levels}, False)
    return _sum_in_words(sums, {level.status for level in levels}, len(sums) < len(paying))


def over_in_words(judgement: Judgement) -> str:
    """What does not come any more, with what it was worth: paid, past, or its condition fell."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, level in judgement.levels.items():
        for paid in level.paid:
            for over in paid.over:
                title = paid.award.tranches[over.position].title
                amount = f" {money(over.amount.pair)}" if over.amount.is_known else ""
                lines = found.setdefault(VOID if over.is_void else OVER, {})
                lines.setdefault(Level(name).label, []).append(f"{title}{amount}")
    told = []
    for word, lines in found.items():
        levels = "；".join(label + "、".join(parts) for label, parts in lines.items())
        told.append(f"{word}：{levels}。")
    return "".join(told)


def _sum_in_words(
    sums: Collection[Sequence[Decimal | None]], statuses: Collection[str], is_over: bool
) -> str:
    """What the levels pay together; that some pay nothing says nothing of one whose money is open."""
    highs = [high for _, high in sums]
    is_open = not {"unpublished", "unknown"}.isdisjoint(statuses)
    if sums and (any(high != 0 for high in highs) or not is_open):
        high = None if None in highs else sum(each for each in highs if each)
        return money([sum(low for low, _ in sums if low), high])
    if "unpublished" in statuses:
        return "金额未公布"
    if "unknown" in statuses:
        return STATUSES["unknown"]
    return NOTHING_LEFT if is_over else ""


def _is_rate(level: LevelPaid) -> bool:
    """Whether the level lowers a fee and pays nothing."""
    return any(each.award.fee_cap or each.award.price_cut for each in level.paid)


def _not_needed(programme: Mapping[str, Any]) -> dict[str, str]:
    """The alternatives that nobody needs, as what they are offered in is met, with why."""
    entries = {entry["id"]: entry for entry in programme["criteria"]}
    met_by: dict[str, list[str]] = {}
    for entry in entries.values():
        if entry["kind"] == "alternative" and entry["outcome"] == "met":
            for code in entry.get("offered_in") or ():
                met_by.setdefault(code, []).append(entry["text"])
    found = {}
    for entry in entries.values():
        if entry["kind"] != "alternative" or entry["outcome"] not in ("not_met", "unknown"):
            continue
        codes = [
            code
            for code in entry.get("offered_in") or ()
            if code in entries and entries[code]["outcome"] != "not_applicable"
        ]
        if codes and all(entries[code]["outcome"] == "met" for code in codes):
            found[entry["id"]] = "；".join(
                ENOUGH.format(whole=entries[code]["text"], way=_way(met_by.get(code)))
                for code in codes
            )
        # A case keeps its assessment as it was made, perhaps before it told what is offered where.
        elif not codes and programme["verdict"] == ELIGIBLE:
            found[entry["id"]] = ENOUGH_ELSEWHERE
    return found


def _way(met: Sequence[str] | None) -> str:
    return BY.format("、".join(f"“{text}”" for text in met)) if met else ""


def _criterion(
    entry: Mapping[str, Any],
    facts: Mapping[str, Fact],
    conflicts: Mapping[str, str],
    not_needed: str | None = None,
) -> dict[str, Any]:
    """A condition in words; `not_needed` tells why an alternative need not be met."""
    formulas = entry.get("formulas") or {}
    shown = [_formula(each, entry["values"], facts) for each in formulas.values()]
    within = {key for each in formulas.values() for key in each["parts"]}
    for key, value in entry["values"].items():
        if key in within:
            continue
        fact = facts.get(key)
        if fact:
            shown.append(fact.show(value))
        elif key in DERIVED:
            shown.append(_derived(key, value, facts))
    reason = entry["reason"]
    # A tranche's condition moves money to later; it fails nobody.
    is_later = entry["kind"] == "tranche" and entry["outcome"] == "not_met"
    outcome = "not_needed" if not_needed else entry["outcome"]
    phrases = _marked(entry.get("phrases") or (), is_met=entry["outcome"] == "met")
    # A case keeps its assessment as it was made, perhaps before sentences were written.
    sentence = entry.get("sentence") or ""
    not_now = OVER if entry.get("is_past") else "未到时间"
    unit = next(
        (facts[key].unit for key in entry["values"] if key in facts and facts[key].unit), ""
    )
    return {
        "code": entry["id"],
        "text": entry["text"],
        "outcome": "not_applicable" if is_later else outcome,
        # One of several ways that is not open yet fails nobody.
        "is_failed": entry["outcome"] == "not_met" and entry["kind"] in DECIDING,
        "word": not_now if is_later else OUTCOMES[outcome],
        "value": "—" if is_later else "；".join(dict.fromkeys(shown)) or "未填",
        # The text of a tranche's condition says it already.
        "sentence": sentence,
        "requires": sentence or ("" if entry["kind"] == "tranche" else entry["requires"]),
        "phrases": phrases,
        "gap": f"差 {plain(entry['gap'])} {unit}".strip()
        if entry["gap"] and not not_needed
        else "",
        "reason": conflicts.get(reason, reason) if reason else "",
        "enough": not_needed or (ONE_IS_ENOUGH if _has_spare(phrases) else ""),
    }


def _marked(phrases: Sequence[Mapping[str, Any]], *, is_met: bool) -> list[dict[str, str]]:
    """The phrases of a sentence with a mark for each test; none where the outcome says it all.

    What a condition that is met does not need is told so, not as failed.
    """
    if sum(phrase["outcome"] is not None for phrase in phrases) < 2:
        return []
    marked = []
    for phrase in phrases:
        outcome = phrase["outcome"] or ""
        if is_met and outcome in ("not_met", "unknown"):
            outcome = "not_needed"
        marked.append(
            {
                "text": phrase["text"],
                "outcome": outcome,
                "mark": MARKS[outcome] if outcome else "",
                "word": OUTCOMES[outcome] if outcome else "",
            }
        )
    return marked


def _has_spare(phrases: Sequence[Mapping[str, str]]) -> bool:
    return any(phrase["outcome"] == "not_needed" for phrase in phrases)


def _formula(
    formula: Mapping[str, Any], values: Mapping[str, Any], facts: Mapping[str, Fact]
) -> str:
    """What a formula comes to, with its parts: a case keeps both as they were."""
    value, unit = formula["value"], formula["unit"]
    if value is None:
        told = "除数为 0，算不出" if formula["has_none"] else "还缺数，算不出"
    elif unit == SHARE:
        told = f"{plain(Decimal(str(value)) * 100)}%"
    else:
        told = f"{plain(Decimal(str(value)))} {unit}".strip()
    parts = "，".join(_part(key, values.get(key), facts) for key in formula["parts"])
    return f"{formula['label']} {told}（{formula['in_words']}：{parts}）"


def _part(key: str, value: Any, facts: Mapping[str, Fact]) -> str:
    if key in facts:
        return f"{facts[key].label} {facts[key].show(value)}"
    shown = "未填" if value is None else _derived(key, value, facts)
    return f"{DERIVED[key].label} {shown}" if key in DERIVED else f"{key} {shown}"


def _derived(key: str, value: Any, facts: Mapping[str, Fact]) -> str:
    derived = DERIVED[key]
    if derived.worded_as:
        return facts[derived.worded_as].show(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | int):
        return f"{plain(value)} {derived.unit or ''}".strip()
    return str(value)


def tranche_in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "level": Level(row["level"]).label,
        "title": row["title"],
        "when": WHEN[row["when"]],
        "year": row["year"],
        "amount": money(row["amount"]),
        "condition": "；".join(
            # A case keeps its assessment as it was made, perhaps before rows told what is taken back.
            filter(None, (row["condition"], claw_back_in_words(row.get("claw_back"))))
        ),
    }


def _near_miss(found: Mapping[str, Any] | None, facts: Mapping[str, Fact]) -> dict[str, Any] | None:
    if not found:
        return None
    changes = []
    for change in found["changes"]:
        fact = facts[change["fact"]]
        gap = ""
        if change["gap"] is not None:
            amount = abs(change["gap"]) * (100 if fact.type == "ratio" else 1)
            unit = "%" if fact.type == "ratio" else fact.unit or ""
            gap = f"差 {plain(amount)} {unit}".strip()
        changes.append(
            {
                "label": fact.label,
                "before": fact.show(change["from"]),
                "after": fact.show(change["to"]),
                "gap": gap,
            }
        )
    unlocks = found["unlocks"]
    return {
        "changes": changes,
        "unlocks": money(unlocks) if unlocks[1] is None or unlocks[1] > 0 else "",
        "still_missing": [facts[key].label for key in found["still_missing"]],
    }
