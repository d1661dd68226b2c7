"""What no example of an edition exercises: sides, ways, rows of tables, limits, tranches and caps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.consistency.examples import Example, Facts, tried_rows
from policies.consistency.sides import IS_MET, STAYS_OPEN, Sides, answered_entries, side_of
from policies.rules.awards import Award, LevelPaid, Paid
from policies.rules.edition import Edition
from policies.rules.firm import Firm
from policies.rules.limits import limits_of, sides_of
from policies.rules.one_firm import compute, estimate, known, read
from policies.rules.readings import MET, NOT_MET
from policies.rules.tree import (
    COMPARISONS,
    TERMS,
    Amount,
    AmountCases,
    AnyOf,
    AtLeast,
    Cases,
    Comparison,
    Each,
    FirstReached,
    Items,
    Ladder,
    Leaf,
    Milestones,
    Ratio,
    Rule,
    Share,
    ShareOfItems,
    Together,
    walk,
)
from policies.rules.wording import amount_in_words, sentence

CRITERIA, AWARDS = "criteria", "awards"
UNTRIED = "没有一个例子写到它"
# Awards of another status print no figure to be tried.
WITH_FIGURES = ("published", "to_verify")
CAPPED = {Share: "cap", ShareOfItems: "cap", Each: "cap", Together: "cap", Items: "most"}
WHENS = {
    "now_when": "本期给付的条件",
    "past_when": "往期已给付的条件",
    "void_when": "不再给付的条件",
}


@dataclass(frozen=True)
class Gap:
    """`part` is CRITERIA with the code of the criterion, or AWARDS with the place of the award."""

    part: str
    which: str | int
    told: str


def gaps_of(sides: Sides) -> Iterator[Gap]:
    """What the examples of an edition leave untried, in words."""
    edition, facts = sides.edition, sides.facts
    firms, paid = _firms(edition, sides.examples, facts)
    lacking = {(lack.code, lack.side) for lack in sides.lacks()}
    for code, entries in answered_entries(edition).items():
        own = firms.get(code, [])
        if not own:
            yield Gap(CRITERIA, code, UNTRIED)
            continue
        for side in sorted(side for name, side in lacking if name == code):
            yield Gap(CRITERIA, code, f"没有{'符合' if side == IS_MET else '不符合'}的例子")
        told = [
            text
            for entry in entries
            for text in (
                *_of_when(entry.criterion.when, own, facts),
                *_of_rule(entry.rule, own, facts),
            )
        ]
        yield from (Gap(CRITERIA, code, text) for text in dict.fromkeys(told))
    for place, award in enumerate(edition.awards):
        told = _of_award(award, paid.get(id(award), []), facts)
        yield from (Gap(AWARDS, place, text) for text in dict.fromkeys(told))


# What one award pays a firm, beside all that its level does.
PaidTo = tuple[Firm, Paid, LevelPaid]


def _firms(
    edition: Edition, examples: Sequence[Example], facts: Facts
) -> tuple[dict[str, list[Firm]], dict[int, list[PaidTo]]]:
    """The firms of rows that speak of each code, and of each award with what it pays them."""
    firms: dict[str, list[Firm]] = {}
    paid: dict[int, list[PaidTo]] = {}
    for example in examples:
        for tried in tried_rows(example, facts):
            if tried.firm is None:
                continue
            if tried.place[0] == CRITERIA:
                firms.setdefault(tried.row["code"], []).append(tried.firm)
            elif tried.row["level"] in edition.levels:
                level = edition.levels[tried.row["level"]].pay(tried.firm)
                for each in level.paid:
                    paid.setdefault(id(each.award), []).append((tried.firm, each, level))
    return firms, paid


# --- rules ------------------------------------------------------------------------------


def _of_when(when: Rule | None, firms: Sequence[Firm], facts: Facts) -> Iterator[str]:
    if when is not None and not any(read(when, firm) is NOT_MET for firm in firms):
        yield f"没有不适用的例子（适用前提：{sentence(when, facts)}）"


def _of_rule(rule: Rule | None, firms: Sequence[Firm], facts: Facts) -> Iterator[str]:
    """Ways, rows and limits anywhere inside a rule."""
    for node in walk(rule) if rule is not None else ():
        if isinstance(node, AnyOf | AtLeast):
            for part in node.parts:
                if not any(side_of(read(part, firm)) in (IS_MET, STAYS_OPEN) for firm in firms):
                    yield f"没有例子满足其中的“{sentence(part, facts)}”"
        elif isinstance(node, Cases):
            yield from _of_table([row.when for row in node.rows], firms, facts)
        elif isinstance(node, Leaf | Comparison | Ratio | FirstReached):
            yield from _of_limit(node, firms, facts)


def _of_table(whens: Sequence[Rule], firms: Sequence[Firm], facts: Facts) -> Iterator[str]:
    for place, when in enumerate(whens):
        if not any(_falls_into(place, whens, firm) for firm in firms):
            yield f"没有例子落在这一档：{sentence(when, facts)}"


def _falls_into(place: int, whens: Sequence[Rule], firm: Firm) -> bool:
    earlier = whens[:place]
    return read(whens[place], firm) is MET and all(read(row, firm) is NOT_MET for row in earlier)


def _of_limit(node: Any, firms: Sequence[Firm], facts: Facts) -> Iterator[str]:
    """A limit is tried by a firm right at it and one right beside it; of several facts by both outcomes."""
    if isinstance(node, Leaf):
        is_number = node.operator in (*COMPARISONS, *TERMS, "is_year")
        if not is_number or isinstance(node.operand, str):
            return
        values = {(known(node.fact, firm), firm.on) for firm in firms}
        days = {firm.on for firm in firms}
        for limit in limits_of(node):
            at, beside = (
                any(
                    (side[place], day) in values
                    for day in days
                    for side in sides_of(limit, facts, day)
                )
                for place in (0, 1)
            )
            if not (at and beside):
                yield f"没有例子正好在界限上和界限外一点：{sentence(node, facts)}"
                return
    outcomes = {read(node, firm).outcome for firm in firms}
    if not {MET.outcome, NOT_MET.outcome} <= outcomes:
        yield f"没有例子在界限的两边：{sentence(node, facts)}"


# --- awards -----------------------------------------------------------------------------


def _of_award(award: Award, paid: Sequence[PaidTo], facts: Facts) -> Iterator[str]:
    if not paid:
        if award.status in WITH_FIGURES:
            yield UNTRIED
        return
    firms = [firm for firm, _, _ in paid]
    for position, tranche in enumerate(award.tranches):
        if not any(each.position == position for _, own, _ in paid for each in own.placed):
            yield f"没有例子拿到“{tranche.title}”"
        for name, words in WHENS.items():
            rule = getattr(tranche, name)
            if rule is None:
                continue
            for reading, told in ((MET, "成立"), (NOT_MET, "不成立")):
                if not any(read(rule, firm) is reading for firm in firms):
                    yield f"“{tranche.title}”没有{words}{told}的例子：{sentence(rule, facts)}"
            yield from _of_rule(rule, firms, facts)
        yield from _of_amount(tranche.amount, firms, facts)
    if award.joint_cap:
        sums = [_of_group(award.joint_cap.group, level) for _, _, level in paid]
        yield from _of_cap("几项合计的最高额", [total > award.joint_cap.most for total in sums])


def _of_group(group: str, level: LevelPaid) -> Any:
    """What the awards of one group would pay without their cap."""
    own = (each for each in level.paid if each.award.joint_cap)
    return sum(each.total.high or 0 for each in own if each.award.joint_cap.group == group)


def _of_amount(amount: Amount, firms: Sequence[Firm], facts: Facts) -> Iterator[str]:
    for node in walk(amount):
        if isinstance(node, AmountCases):
            yield from _of_table([row.when for row in node.rows], firms, facts)
        elif isinstance(node, Ladder):
            yield from _of_ladder(node, firms, facts)
        elif isinstance(node, Milestones):
            yield from _of_milestones(node, firms, facts)
        name = CAPPED.get(type(node))
        if name and getattr(node, name) is not None:
            without = replace(node, **{name: None})
            sums = [(compute(node, firm), compute(without, firm)) for firm in firms]
            yield from _of_cap(
                amount_in_words(node, facts), [some != all_ for some, all_ in sums if all_.is_known]
            )


def _of_cap(told: str, is_reached: Sequence[bool]) -> Iterator[str]:
    if not any(is_reached):
        yield f"没有例子达到封顶：{told}"
    if all(is_reached):
        yield f"没有例子不到封顶：{told}"


def _of_ladder(ladder: Ladder, firms: Sequence[Firm], facts: Facts) -> Iterator[str]:
    values = [value for firm in firms if (value := estimate(ladder.of, firm).value) is not None]
    lowest = [limit for limit, _ in ladder.steps]
    for place, limit in enumerate(lowest):
        above = min((other for other in lowest if other > limit), default=None)
        if not any(value >= limit and (above is None or value < above) for value in values):
            yield f"没有例子落在第 {place + 1} 档：{amount_in_words(ladder, facts)}"


def _of_milestones(steps: Milestones, firms: Sequence[Firm], facts: Facts) -> Iterator[str]:
    values = [value for firm in firms if (value := known(steps.fact, firm)) is not None]
    for place, (limit, _) in enumerate(steps.steps):
        if not any(value >= limit for value in values):
            yield f"没有例子达到第 {place + 1} 档：{amount_in_words(steps, facts)}"
