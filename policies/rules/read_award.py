"""Reading an award: its row of a pack becomes tranches with trees, or an error that names the place."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from policies.rules.awards import (
    LEVELS,
    STATUSES,
    UNTITLED,
    Award,
    ClawBack,
    JointCap,
    Tranche,
)
from policies.rules.facts import Fact
from policies.rules.read_amount import money_of, read_amount
from policies.rules.read_rule import (
    LONGEST_TERM,
    RuleError,
    read_rule,
    text_of,
    texts_of,
    whole_number,
)
from policies.rules.tree import Rule, number


def read_award(data: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Award:
    """Read an award of a pack. Raises RuleError naming place and expectation."""
    level, status = data.get("level"), data.get("status", "published")
    if level not in LEVELS:
        raise RuleError(f"{where}.level", f"应为 {'、'.join(LEVELS)} 之一")
    if status not in STATUSES:
        raise RuleError(f"{where}.status", f"应为 {'、'.join(STATUSES)} 之一")
    unsplit = data.get("unsplit")
    tranches = list(data.get("tranches") or [])
    if "amount" in data and data["amount"] is not None:
        tranches.append({"title": data.get("title") or UNTITLED, "amount": data["amount"]})
    pays = bool(tranches or unsplit or data.get("fee_cap") or data.get("price_cut"))
    if pays != (status in ("published", "to_verify")):
        raise RuleError(where, "有金额的应为 published 或 to_verify，无金额的应写明状态")

    def rule(value: Any, name: str) -> Rule | None:
        return None if value is None else read_rule(value, facts, f"{where}.{name}")

    def money(name: str) -> Decimal | None:
        value = data.get(name)
        return None if value is None else money_of(value, f"{where}.{name}")

    only_highest = texts_of(data.get("only_highest"), f"{where}.only_highest")
    shared = [name for name in ("same_money", "only_highest", "joint_cap") if data.get(name)]
    if len(shared) > 1:
        raise RuleError(where, f"{'、'.join(shared)} 不能同时写：一笔奖补只有一种合并算法")
    return Award(
        level=level,
        payer=text_of(data.get("payer"), f"{where}.payer"),
        status=status,
        tranches=tuple(
            _read_tranche(item, facts, f"{where}.tranches[{index}]")
            for index, item in enumerate(tranches)
        ),
        unsplit=money_of(unsplit["amount"], f"{where}.unsplit") if unsplit else None,
        whole_when=rule(unsplit.get("whole_when"), "unsplit.whole_when") if unsplit else None,
        undecided=tuple(
            (
                read_rule(item["when"], facts, f"{where}.undecided"),
                text_of(item["reason"], f"{where}.undecided") or "",
            )
            for item in data.get("undecided") or []
        ),
        fee_cap=money("fee_cap"),
        price_cut=money("price_cut"),
        headline=money("headline"),
        same_money=text_of(data.get("same_money"), f"{where}.same_money"),
        conflicts=texts_of(data.get("conflicts"), f"{where}.conflicts"),
        sources=tuple(dict(source) for source in data.get("sources") or ()),
        joint_cap=_joint_cap(data.get("joint_cap"), f"{where}.joint_cap"),
        only_highest=only_highest,
        claw_back=_claw_back(data.get("claw_back"), f"{where}.claw_back"),
    )


def _joint_cap(data: Any, where: str) -> JointCap | None:
    """`{"group": "标准", "most": 150}`."""
    if not data:
        return None
    group = text_of(data.get("group"), f"{where}.group")
    if not group or data.get("most") is None:
        raise RuleError(where, "应写明 group（名称）和 most（合计最高，万元）")
    return JointCap(group, money_of(data["most"], f"{where}.most"))


def _claw_back(data: Any, where: str) -> ClawBack | None:
    """`{"when": "迁出本市", "years": 3, "share": 1}`; without a share the office decides."""
    if not data:
        return None
    when, years, share = text_of(data.get("when"), f"{where}.when"), data.get("years"), None
    if not when:
        raise RuleError(f"{where}.when", "应写明什么情形下收回")
    if data.get("share") is not None:
        share = number(data["share"])
        if not 0 < share <= 1:
            raise RuleError(f"{where}.share", "应大于 0、不超过 1（全部）")
    years = None if years is None else whole_number(years, f"{where}.years", 1, LONGEST_TERM)
    return ClawBack(when, years, share)


def check_together(awards: Sequence[Award], where: str) -> None:
    """Awards that share a cap say the same of it, on whatever levels. Raises RuleError."""
    seen: dict[str, Award] = {}
    for award in awards:
        cap = award.joint_cap
        if cap is None:
            continue
        other = seen.setdefault(cap.group, award)
        if other.joint_cap != cap:
            raise RuleError(where, f"“{cap.group}”的合计最高应一致")


def _read_tranche(data: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Tranche:
    def rule(name: str) -> Rule | None:
        value = data.get(name)
        return None if value is None else read_rule(value, facts, f"{where}.{name}")

    return Tranche(
        title=text_of(data.get("title"), f"{where}.title") or UNTITLED,
        amount=read_amount(data.get("amount"), facts, f"{where}.amount"),
        now_when=rule("now_when"),
        past_when=rule("past_when"),
        void_when=rule("void_when"),
        later=bool(data.get("later", False)),
        condition=text_of(data.get("condition"), f"{where}.condition"),
        conflicts=texts_of(data.get("conflicts"), f"{where}.conflicts"),
    )
