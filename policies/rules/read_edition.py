"""Reading an edition that may be written wrongly: it stands, without rules and with its fault."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from policies.rules.edition import NOT_WELL_FORMED, UNREADABLE, Edition, RuleError, compile_edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.verdict import assess_edition


def read_edition(data: Mapping[str, Any], facts: Mapping[str, Fact]) -> Edition:
    """The edition compiled; where that cannot be, without its rules and with the `fault`."""
    try:
        edition = compile_edition(data, facts)
        fault = _unknown(edition, facts)
        if not fault:
            # Of whom nothing is known; what is well formed may still not be computable.
            assess_edition(edition, Firm({}, date.fromisoformat(edition.edition)))
    except RuleError as error:
        fault = str(error)
    except UNREADABLE:
        fault = NOT_WELL_FORMED
    if not fault:
        return edition
    bare = {**data, "criteria": [], "awards": [], "tier": None}
    return replace(compile_edition(bare, facts), fault=fault)


def _unknown(edition: Edition, facts: Mapping[str, Fact]) -> str:
    """What a formula or a tier names and `facts` do not have."""
    if lacking := [key for key in edition.fact_keys if key not in facts]:
        return f"没有指标 {'、'.join(lacking)}"
    if edition.tier:
        key, code = edition.tier
        if key not in facts or code not in facts[key].choices:
            return f"梯度：没有指标 {key} 的选项 {code}"
    return ""
