"""Money for columns of firms: what awards and levels pay, now and later."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from policies.rules.awards import COUNTY, Award, JointCap, Tranche
from policies.rules.column_amounts import amount_of, at_most
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.column_rules import Rules
from policies.rules.column_sums import NOTHING, Pay, fixed, plus, varying, where, written


class Paid(NamedTuple):
    now: Pay = Pay()
    later: Pay = Pay()
    total: Pay = Pay()


def _tranche(tranche: Tranche, rules: Rules) -> Paid:
    """As `awards._place` puts it, in outcomes instead of branches."""
    plan = rules.plan
    low, high, unknown = amount_of(tranche.amount, rules)
    not_void, not_past = (
        plan.negate(rules.rule(rule)) if rule else 1
        for rule in (tranche.void_when, tranche.past_when)
    )
    alive = plan.all_of(not_void, not_past)
    unknown = plan.all_of(unknown, plan.presumed(alive))
    if tranche.later:
        pay = Pay(where("not no", alive, low), where("not no", alive, high), unknown)
        return Paid(Pay(), pay, pay)
    now = rules.rule(tranche.now_when) if tranche.now_when else 1
    not_now = plan.negate(now)
    due, due_later = plan.all_of(alive, now), plan.all_of(alive, not_now)
    surely_later = plan.all_of(not_past, not_now, plan.presumed(not_void))
    stays = plan.all_of(
        not_past, plan.any_of(not_void, plan.all_of(not_now, plan.presumed(not_void)))
    )
    return Paid(
        Pay(where("yes", due, low), where("not no", due, high)),
        Pay(where("yes", surely_later, low), where("not no", due_later, high)),
        Pay(where("yes", stays, low), where("not no", alive, high), unknown),
    )


def award_of(award: Award, rules: Rules) -> Paid:
    """What an award pays, whatever its status."""
    plan = rules.plan
    parts = [_tranche(tranche, rules) for tranche in award.tranches]
    if award.unsplit is not None:
        whole = rules.rule(award.whole_when) if award.whole_when else 1
        amount = fixed(award.unsplit)
        part = Pay(NOTHING, amount)
        parts.append(Paid(part, part, Pay(where("yes", whole, amount), amount)))
    paid = [plus([part[when] for part in parts], plan) for when in range(3)]
    for rule, _ in award.undecided:
        outcome = rules.rule(rule)
        paid = [pay._replace(low=where("no", outcome, pay.low)) for pay in paid]
    return Paid(*paid)


class Level(NamedTuple):
    """What a level pays where it counts, and whether that is unknown or unpublished; apart from it
    what it pays by awards that are put together elsewhere, and whether it does."""

    paid: Paid
    unknown: Outcome
    unpublished: Outcome
    apart: dict[Any, tuple[Paid, Outcome]]


def own_awards(awards: tuple[Award, ...], rules: Rules) -> list[tuple[Outcome, list[Award]]]:
    """A county's awards, each with where it is the firm's own; unknown where the county is."""
    if not any(award.payer for award in awards):
        return [(1, list(awards))]
    column = rules.column_of(COUNTY)
    payers = list(dict.fromkeys(award.payer for award in awards if award.payer is not None))
    county = rules.column(COUNTY)

    def among(codes: list[str]) -> Outcome:
        table = [1 if code in codes else -1 for code in column.choices]
        return rules.plan.by_code(county, table)

    found = [(among([p]), [award for award in awards if award.payer == p]) for p in payers]
    others = [award for award in awards if award.payer is None]
    return [*found, (rules.plan.negate(among(payers)), others)]


def level_of(
    level: str, awards: tuple[Award, ...], rules: Rules, apart: Callable[[Award], Any]
) -> Level:
    """`apart` gives a key to awards that are put together with others elsewhere, None to others."""
    plan = rules.plan
    groups = own_awards(awards, rules) if level == "county" else [(1, list(awards))]
    paid: list[Paid] = []
    unknown: list[Outcome] = []
    unpublished: list[Outcome] = []
    found: dict[Any, tuple[list[Paid], list[Outcome]]] = {}
    for own, group in groups:
        group_paid, lacks, hides, counts, others = _together(group, rules, apart)
        paid.append(_where(own, group_paid))
        for key, each in others.items():
            pays, present = found.setdefault(key, ([], []))
            pays.append(_where(own, each))
            present.append(plan.all_of(plan.certain(own), counts))
        # Where the county is unknown so is what it pays.
        unknown.append(plan.all_of(plan.presumed(own), plan.any_of(lacks, *_if_open(own, plan))))
        unpublished.append(plan.all_of(plan.certain(own), hides))
    return Level(
        all_of(paid, plan),
        plan.any_of(*unknown),
        plan.any_of(*unpublished),
        {
            key: (all_of(pays, plan), plan.any_of(*present))
            for key, (pays, present) in found.items()
        },
    )


def all_of(parts: Sequence[Paid], plan: Plan) -> Paid:
    return Paid(*(plus([part[when] for part in parts], plan) for when in range(3)))


def _where(own: Outcome, paid: Paid) -> Paid:
    """What is paid where it is the firm's own county."""
    if not isinstance(own, Node):
        return paid
    return Paid(*(Pay(where("yes", own, p.low), where("yes", own, p.high)) for p in paid))


def _is_certain(total: Pay, plan: Plan) -> Outcome:
    """Yes where it is known, or something of it is; else no."""
    known = plan.negate(total.unknown)
    if total.low.is_nothing or known == 1:
        return known
    low = written(total.low, plan)
    zero = plan.constant(0, low.dtype)
    pays = plan.difference(f"greater({{0}}, {zero}, t)", f"less_equal({{0}}, {zero}, f)", low)
    return plan.any_of(known, pays)


def _all_together(
    paid: list[Paid], awards: list[Award], plan: Plan, apart: Callable[[Award], Any]
) -> tuple[Paid, dict[Any, Paid]]:
    """As `awards.all_together` sums them: those that share a cap pay at most so much. What has a key
    of its own stands apart, not capped yet."""
    parts: list[Paid] = []
    joint: dict[JointCap, list[Paid]] = {}
    others: dict[Any, list[Paid]] = {}
    for each, award in zip(paid, awards, strict=True):
        if (key := apart(award)) is not None:
            others.setdefault(key, []).append(each)
        elif award.joint_cap:
            joint.setdefault(award.joint_cap, []).append(each)
        else:
            parts.append(each)
    parts += [capped(cap.most, all_of(group, plan), plan) for cap, group in joint.items()]
    return all_of(parts, plan), {key: all_of(each, plan) for key, each in others.items()}


def capped(most: Decimal, paid: Paid, plan: Plan) -> Paid:
    """At most so much of what is paid under one cap."""
    now, later, total = (
        Pay(at_most(most, pay.low, plan), at_most(most, pay.high, plan), pay.unknown)
        for pay in paid
    )
    return Paid(now, _what_is_left(most, now, later, plan), total)


def _what_is_left(most: Decimal, now: Pay, later: Pay, plan: Plan) -> Pay:
    """What is paid now leaves less for later."""
    code = f"subtract({plan.constant(most, 'f8')}, {{1}}, {{o}}); minimum({{0}}, {{o}}, out={{o}})"
    low, high = (
        plan.step("f8", code, written(own, plan, "f8"), written(paid, plan, "f8"))
        for own, paid in ((later.low, now.high), (later.high, now.low))
    )
    top = float(most)
    return Pay(varying(low, 0, top), varying(high, 0, top), later.unknown)


def _if_open(own: Outcome, plan: Plan) -> list[Outcome]:
    """Yes where the outcome is open, else no."""
    return [plan.negate(plan.certain(plan.known(own)))] if isinstance(own, Node) else []


def _together(
    awards: list[Award], rules: Rules, apart: Callable[[Award], Any]
) -> tuple[Paid, Outcome, Outcome, Outcome, dict[Any, Paid]]:
    """What awards pay together where one at least is published and known; else whether that is
    unknown, or unpublished; whether they count, and what is paid by those that stand apart."""
    plan = rules.plan
    if not awards:
        return Paid(), -1, -1, -1, {}
    paid, published, first = [], [], None
    for award in awards:
        if award.status != "published":
            first = first or (-1, 1 if award.status == "unpublished" else -1)
            continue
        each = award_of(award, rules)
        first = first or (1, -1)
        paid.append(each)
        published.append(_is_certain(each.total, plan))
    counts = plan.any_of(*published)
    own = [each for each in awards if each.status == "published"]
    together, others = _all_together(paid, own, plan, apart)
    silent = plan.negate(counts)
    return (
        _counted(counts, together),
        plan.all_of(silent, first[0]),
        plan.all_of(silent, first[1]),
        counts,
        {key: _counted(counts, each) for key, each in others.items()},
    )


def _counted(counts: Outcome, paid: Paid) -> Paid:
    return Paid(*(Pay(where("yes", counts, p.low), where("yes", counts, p.high)) for p in paid))
