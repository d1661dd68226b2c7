"""Reading an edition: its content becomes rules, or stands without rules and with its fault."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from policies.rules.edition import KINDS, Criterion, Edition, Places
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.formulas import with_formulas
from policies.rules.judgement import judge
from policies.rules.read_award import check_together, read_award
from policies.rules.read_rule import RuleError, read_rule, text_of, whole_number
from policies.rules.sentences import sentences_of

# What compiling raises where a rule or an amount is not written as it should be.
UNREADABLE = (
    RuleError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip
MOST_PLACES = 100_000
NOT_WELL_FORMED = "规则或金额的写法不对，请逐条打开核对。"


def read_edition(data: Mapping[str, Any], facts: Mapping[str, Fact]) -> Edition:
    """The edition compiled; where that cannot be, without its rules and with the `fault`."""
    try:
        edition = compile_edition(data, facts)
        fault = _unknown(edition, facts)
        if not fault:
            # Of whom nothing is known; what is well formed may still not be computable.
            judge(edition, Firm({}, date.fromisoformat(edition.edition)))
    except RuleError as error:
        fault = str(error)
    except UNREADABLE:
        fault = NOT_WELL_FORMED
    if not fault:
        return edition
    said = {name: _texts(data.get(name)) for name in ("conflicts", "notices")}
    bare = {**data, **said, "criteria": [], "awards": [], "tier": None, "places": None}
    return replace(compile_edition(bare, facts), fault=fault)


def _texts(value: Any) -> list[str]:
    """What of a list can be said; nothing of what is no list."""
    items = value if isinstance(value, list | tuple) else ()
    return [item for item in items if isinstance(item, str)]


def _unknown(edition: Edition, facts: Mapping[str, Fact]) -> str:
    """What a formula or a tier names and `facts` do not have."""
    if lacking := [key for key in edition.fact_keys if key not in facts]:
        return f"没有指标 {'、'.join(lacking)}"
    if edition.tier:
        key, code = edition.tier
        if key not in facts or code not in facts[key].choices:
            return f"梯度：没有指标 {key} 的选项 {code}"
    return ""


def compile_edition(data: Mapping[str, Any], facts: Mapping[str, Fact]) -> Edition:
    """Compile a programme's entry merged with one of its editions.

    `data` has the pack's keys (id, name, family, kind, area, beneficiary, conflicts,
    effective_from, notices, criteria, awards, formulas). The formulas that it names are those
    that it carries, and no others; one that `is_published` was read before, by the words that facts
    had then. Raises RuleError with the place inside it.
    """
    facts = with_formulas(facts, data.get("formulas"))
    criteria = []
    for index, row in enumerate(data.get("criteria") or []):
        where = f"criteria[{index}] {row.get('code', '')}".strip()
        own = read_criterion(row, facts, where, is_published=bool(data.get("is_published")))
        criteria.append(own)
    awards = tuple(
        read_award(row, facts, f"awards[{index}]")
        for index, row in enumerate(data.get("awards") or [])
    )
    check_together(awards, "awards")
    places = read_places(data.get("places"))
    return Edition(
        programme=data["id"],
        name=data["name"],
        family=data["family"],
        edition=str(data["effective_from"]),
        area=str(data["area"]),
        kind=data["kind"],
        beneficiary=data.get("beneficiary", "enterprise"),
        summary=data.get("summary", ""),
        benefit=data.get("benefit") or "service",
        tier=_tier(data.get("tier")),
        conflicts=_said(data, "conflicts"),
        notes=tuple(dict.fromkeys(_named(data))),
        notices=_said(data, "notices") + ((places.in_words,) if places else ()),
        criteria=tuple(criteria),
        awards=awards,
        facts=facts,
        places=places,
    )


def read_places(data: Any) -> Places | None:
    """`{"most": 20, "period": "年", "ranked_by": "评分"}`, either of most and ranked_by; raises RuleError."""
    if not data:
        return None
    most = data.get("most")
    most = None if most is None else whole_number(most, "places.most", 1, MOST_PLACES)
    ranked_by = text_of(data.get("ranked_by"), "places.ranked_by") or ""
    if most is None and not ranked_by:
        raise RuleError("places", "应写明 most（名额）或 ranked_by（按什么择优）")
    return Places(most, text_of(data.get("period"), "places.period") or "年", ranked_by)


def _named(data: Any) -> Iterator[str]:
    """What is said of rules and awards anywhere inside them: codes of notes, or words."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            if name == "conflicts":
                yield from value or ()
            elif name in ("reason", "open", "same_money") and isinstance(value, str):
                yield value
            else:
                yield from _named(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _named(value)


def _said(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name)
    if value is None or value == "":
        return ()
    texts = _texts(value)
    if not isinstance(value, list | tuple) or len(texts) != len(value):
        raise RuleError(name, "应为文字的列表")
    return tuple(texts)


def _tier(data: Mapping[str, str] | None) -> tuple[str, str] | None:
    return (data["fact"], data["code"]) if data else None


def read_criterion(
    row: Mapping[str, Any], facts: Mapping[str, Fact], where: str, *, is_published: bool = False
) -> Criterion:
    """One row of an edition's criteria. Raises RuleError with the place inside it."""
    kind = row.get("kind")
    if kind not in KINDS:
        raise RuleError(f"{where}.kind", f"应为 {'、'.join(KINDS)} 之一")
    rule = row.get("rule")
    if (rule is None) != (kind == "manual"):
        raise RuleError(where, "人工判断的条件不写规则，其余条件都要有规则")
    when = row.get("when")
    rule = None if rule is None else read_rule(rule, facts, f"{where}.rule")
    when = None if when is None else read_rule(when, facts, f"{where}.when")
    sentence, row_sentences = sentences_of(
        row.get("sentence", ""), rule, when, facts, where, is_published=is_published
    )
    return Criterion(
        code=row["code"],
        kind=kind,
        text=row.get("text", ""),
        rule=rule,
        when=when,
        reason=text_of(row.get("reason"), f"{where}.reason"),
        sources=tuple(dict(source) for source in row.get("sources") or ()),
        sentence=sentence,
        row_sentences=row_sentences,
    )
