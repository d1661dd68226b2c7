"""Words for verdicts, levels and money, as a firm reads them."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from policies.catalogue.models.award import Level
from policies.rules.edition import EVERYTHING
from policies.rules.facts import Fact, plain
from policies.rules.read_edition import UNREADABLE as ERRORS

VERDICTS = {"eligible": "符合申报条件", "unknown": "还不能判断", "not_eligible": "目前不符合"}
# Of a programme whose rules do not compile.
UNREADABLE = "暂不能测算"
OUTCOMES = {
    "met": "符合",
    "not_met": "不符合",
    "unknown": "待确认",
    "not_applicable": "不适用",
    "manual": "由评审判断",
    # One of several ways where another one is enough.
    "not_needed": "不需要",
}
# What stands behind a phrase of a condition, beside the same in words.
MARKS = {"met": "✓", "not_met": "✗", "unknown": "？", "not_needed": "○"}
STATUSES = {"unpublished": "未公布", "none_listed": "文件未列此级", "unknown": "资料不足，暂不能算"}
# Of a level that is sure to pay beside what nobody can compute yet.
PARTLY_KNOWN = "其中有一部分资料不足，暂不能算，另计"
# Of money that was paid, whose time has passed, or whose condition has fallen: it is not worth 0.
OVER = "已发或已过期"
VOID = "条件已不成立"
NOTHING_LEFT = "没有还要发的奖补"
WHEN = {"now": "现在", "later": "以后", "undecided": "时间未定"}


def money(pair: Sequence[Decimal | None] | None) -> str:
    """An interval of 万元 in words; an open maximum is “以上”."""
    if pair is None:
        return "暂不能算"
    low, high = pair
    if high is None:
        return f"{plain(low)} 万元以上"
    if low == high:
        return f"{plain(low)} 万元"
    if low == 0:
        return f"最高 {plain(high)} 万元"
    return f"{plain(low)}–{plain(high)} 万元"


def level_in_words(
    level: str, fields: Mapping[str, Any], *, is_over: bool = False
) -> dict[str, str]:
    """What a level pays; `is_over` where all of it was paid or has passed."""
    status = fields["status"]
    note = "该级是否给付未定" if fields.get("undecided") else ""
    if fields.get("partly_known"):
        note = PARTLY_KNOWN
    if "headline" in fields:
        note = f"可先按 {plain(fields['headline'])} 万元估"
    if status == "to_verify":
        text, note = money(fields["amount"]), "待核实，不计入合计"
    elif "fee_cap" in fields:
        text = f"担保费率不超过 {plain(fields['fee_cap'] * 100)}%"
    elif "price_cut" in fields:
        text = f"减免 {plain(fields['price_cut'] * 100)}%"
    elif is_over:
        text = f"{NOTHING_LEFT}（已发、已过期，或{VOID}）"
    elif status == "published":
        text = f"合计 {money(_certain(fields['total'], fields))}{_when(fields)}"
    else:
        text = STATUSES[status]
    return {"level": Level(level).label, "text": text, "note": note}


def _when(fields: Mapping[str, Any]) -> str:
    """How much of a level's total comes now and how much later; a part of nothing is not told."""
    parts = {
        when: _certain(fields[name], fields) for when, name in (("现在", "now"), ("以后", "later"))
    }
    told = {when: pair for when, pair in parts.items() if pair[1] != 0}
    if len(told) < 2:
        return "".join(f"，{when}给" for when in told)
    return "（" + "，".join(f"{when} {money(pair)}" for when, pair in told.items()) + "）"


def choices_in_words(choices: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    """Of programmes of which only the highest counts, which does and which gives way, and why."""

    def told(rows: Sequence[Mapping[str, Any]]) -> str:
        return "、".join(f"“{names[row['programme']]}”（{money(row['amount'])}）" for row in rows)

    lines = []
    for choice in choices:
        if choice["gives_way"]:
            sure = "" if choice["is_sure"] else "；有的金额还不确定，以最后核定的为准"
            lines.append(
                f"就高不重复：合计只算{told(choice['counts'])}，"
                f"{told(choice['gives_way'])}较低，不再重复享受{sure}。"
            )
    return lines


def joint_cap_in_words(row: Mapping[str, Any] | None) -> str:
    """Empty where an award has its money for itself."""
    if not row:
        return ""
    return f"“{row['group']}”各项合计最高 {plain(Decimal(str(row['most'])))} 万元"


def claw_back_in_words(row: Mapping[str, Any] | None) -> str:
    """Empty where nothing is ever given back."""
    if not row:
        return ""
    share = row.get("share")
    within = f"{row['years']} 年内" if row.get("years") else ""
    part = f" {plain(Decimal(str(share)) * 100)}% " if share else "部分或全部"
    part = "全部" if share == 1 else part
    return f"{within}{row['when']}的，收回{part}奖补"


def _certain(pair: Sequence[Decimal | None], fields: Mapping[str, Any]) -> Sequence[Decimal | None]:
    """What is sure of a level that is known in part; the note tells that there may be more."""
    return [pair[0], pair[0]] if fields.get("partly_known") else pair


def written(word: Callable[..., str], value: Any, facts: Mapping[str, Fact]) -> str:
    """A rule or amount as `word` puts it; one that does not compile has no words."""
    try:
        return word(value, facts)
    except ERRORS:
        return UNREADABLE


def proves_in_words(keys: Sequence[str], facts: Mapping[str, Fact]) -> str:
    """What a material bears out; empty where nobody has said."""
    labels = [facts[key].label if key in facts else key for key in keys if key != EVERYTHING]
    if EVERYTHING in keys:
        labels.insert(0, "填报的全部内容")
    return f"证明：{'、'.join(labels)}" if labels else ""
