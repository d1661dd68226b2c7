"""Reading an award: its row of a pack becomes tranches with trees, or an error that names the place."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from policies.rules.awards import LEVELS, STATUSES, UNTITLED, Award, Tranche
from policies.rules.facts import Fact
from policies.rules.read_amount import read_amount
from policies.rules.read_rule import RuleError, read_rule
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

    return Award(
        level=level,
        payer=data.get("payer"),
        status=status,
        tranches=tuple(
            _read_tranche(item, facts, f"{where}.tranches[{index}]")
            for index, item in enumerate(tranches)
        ),
        unsplit=number(unsplit["amount"]) if unsplit else None,
        whole_when=rule(unsplit.get("whole_when"), "unsplit.whole_when") if unsplit else None,
        undecided=tuple(
            (read_rule(item["when"], facts, f"{where}.undecided"), item["reason"])
            for item in data.get("undecided") or []
        ),
        fee_cap=_decimal(data.get("fee_cap")),
        price_cut=_decimal(data.get("price_cut")),
        headline=_decimal(data.get("headline")),
        same_money=data.get("same_money") or None,
        conflicts=tuple(data.get("conflicts") or ()),
        sources=tuple(dict(source) for source in data.get("sources") or ()),
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else number(value)


def _read_tranche(data: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Tranche:
    def rule(name: str) -> Rule | None:
        value = data.get(name)
        return None if value is None else read_rule(value, facts, f"{where}.{name}")

    return Tranche(
        title=data.get("title") or UNTITLED,
        amount=read_amount(data.get("amount"), facts, f"{where}.amount"),
        now_when=rule("now_when"),
        past_when=rule("past_when"),
        void_when=rule("void_when"),
        later=bool(data.get("later", False)),
        condition=data.get("condition"),
        conflicts=tuple(data.get("conflicts") or ()),
    )
