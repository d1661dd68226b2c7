"""The result as a firm reads it: plain words, money as ranges, rows ready for the page."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from policies.models import Contact, Document, Edition
from policies.models.award import Level
from policies.rules.derived import DERIVED
from policies.rules.edition import Edition as Rules
from policies.rules.facts import Fact, plain

OUTCOMES = {
    "met": "符合",
    "not_met": "不符合",
    "unknown": "待确认",
    "not_applicable": "不适用",
    "manual": "由评审判断",
}
STATUSES = {"unpublished": "未公布", "none_listed": "文件未列此级", "unknown": "资料不足，暂不能算"}
WHEN = {"now": "现在", "later": "以后", "undecided": "时间未定"}
GROUPS = (
    ("money", "符合申报条件，有资金", True),
    ("one_away", "只差一项回答", True),
    ("near", "差一点，可以争取", True),
    ("service", "符合条件的服务和优先政策", True),
    ("open", "还不能判断", False),
    ("failed", "目前不符合", False),
)
BAR_WIDTH = 300


def money(pair: Any) -> str:
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


def families(editions: Iterable[Rules]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for edition in editions:
        counts[edition.family] = counts.get(edition.family, 0) + 1
    return list(counts.items())


def result_page(
    document: Mapping[str, Any],
    answers: Mapping[str, Any],
    facts: Mapping[str, Fact],
    conflicts: Mapping[str, str],
) -> dict[str, Any]:
    """Everything the result template shows; four queries however many programmes."""
    county = answers.get("enterprise.county")
    city = county[:4] + "00" if county else answers.get("enterprise.city")
    local = [
        programme
        for programme in document["programmes"]
        if city is None or programme["area"] in (city, county)
    ]
    guides = _guides([programme["programme"] for programme in local], county, city)
    rows = [_row(programme, facts, conflicts, guides) for programme in local]
    groups = [
        {"title": title, "open": is_open, "rows": [row for row in rows if row["group"] == name]}
        for name, title, is_open in GROUPS
    ]
    totals = document["totals"]
    eligible = [p for p in local if p["verdict"] == "eligible"]
    question = document["next_question"]
    return {
        "on": document["on"],
        "now": money(totals["now"]),
        "later": money(totals["later"]),
        "all": money(totals["all"]),
        "open_levels": len(totals["unpublished"]) + len(totals["unknown"]),
        "eligible_count": len(eligible),
        "bars": (bars := _bars(eligible)),
        "bars_height": 8 + 34 * len(bars),
        "timeline": _timeline(eligible),
        "groups": [group for group in groups if group["rows"]],
        "question": question
        and {
            "reason": question["reason"],
            "settles": money(question["settles"]) if question["settles"][1] else "",
        },
        "place": _place(answers, facts),
    }


def _place(answers: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    for key in ("enterprise.county", "enterprise.city"):
        if key in answers:
            return facts[key].show(answers[key])
    return ""


def _guides(programmes: list[str], county: str | None, city: str | None) -> dict[str, Any]:
    editions = (
        Edition.objects.published()
        .filter(programme__in=programmes)
        .prefetch_related("materials", "steps")
    )
    by_start = {
        (edition.programme_id, edition.effective_from.isoformat()): edition for edition in editions
    }
    contacts: dict[str, list[Contact]] = {}
    for contact in Contact.objects.filter(programme__in=programmes).select_related("jurisdiction"):
        if contact.jurisdiction_id in (county, city):
            contacts.setdefault(contact.programme_id, []).append(contact)
    return {
        "editions": by_start,
        "contacts": contacts,
        "issued": dict(Document.objects.values_list("number", "issued_on")),
    }


def _row(
    programme: Mapping[str, Any],
    facts: Mapping[str, Fact],
    conflicts: Mapping[str, str],
    guides: Mapping[str, Any],
) -> dict[str, Any]:
    guide = guides["editions"].get((programme["programme"], programme["edition"]))
    cited = {source["document"] for entry in programme["criteria"] for source in entry["sources"]}
    return {
        "id": programme["programme"],
        "name": programme["name"],
        "family": programme["family"],
        "verdict": programme["verdict"],
        "group": _group(programme),
        "amount": _amount(programme["awards"]),
        "criteria": [_criterion(entry, facts, conflicts) for entry in programme["criteria"]],
        "levels": [_level(level, fields) for level, fields in programme["awards"].items()],
        "tranches": [_tranche(row) for row in programme["tranches"]],
        "missing": [facts[key].label for key in programme["missing"]],
        "missing_for_amount": [facts[key].label for key in programme["missing_for_amount"]],
        "near_miss": _near_miss(programme["near_miss"], facts),
        "conflicts": [conflicts[flag] for flag in programme["flags"] if flag in conflicts],
        "notices": programme["notices"],
        "documents": [
            f"{number}（{guides['issued'][number] or '未印日期'}）"
            for number in sorted(cited)
            if number in guides["issued"]
        ],
        "materials": list(guide.materials.all()) if guide else [],
        "steps": list(guide.steps.all()) if guide else [],
        "contacts": guides["contacts"].get(programme["programme"], []),
    }


def _group(programme: Mapping[str, Any]) -> str:
    if programme["verdict"] == "eligible":
        pays = programme["kind"] in ("cash", "rebate")
        return "money" if pays else "service"
    if programme["verdict"] == "unknown":
        return "one_away" if len(programme["missing"]) == 1 else "open"
    return "near" if programme["near_miss"] else "failed"


def _amount(awards: Mapping[str, Mapping[str, Any]]) -> str:
    low, high = Decimal(0), Decimal(0)
    counted = False
    for fields in awards.values():
        if "total" not in fields or "fee_cap" in fields or "price_cut" in fields:
            continue
        counted = True
        low += fields["total"][0]
        top = fields["total"][1]
        high = None if high is None or top is None else high + top
    if counted:
        return money([low, high])
    return "金额未公布" if any(f["status"] == "unpublished" for f in awards.values()) else ""


def _criterion(
    entry: Mapping[str, Any], facts: Mapping[str, Fact], conflicts: Mapping[str, str]
) -> dict[str, Any]:
    shown = []
    for key, value in entry["values"].items():
        fact = facts.get(key)
        if fact:
            shown.append(fact.show(value))
        elif key in DERIVED:
            shown.append(_derived(key, value, facts))
    reason = entry["reason"]
    # A tranche's condition moves money to later; it fails nobody.
    is_later = entry["kind"] == "tranche" and entry["outcome"] == "not_met"
    unit = next(
        (facts[key].unit for key in entry["values"] if key in facts and facts[key].unit), ""
    )
    return {
        "code": entry["id"],
        "text": entry["text"],
        "outcome": "not_applicable" if is_later else entry["outcome"],
        "word": "未到时间" if is_later else OUTCOMES[entry["outcome"]],
        "value": "；".join(dict.fromkeys(shown)) or "未填",
        "requires": entry["requires"],
        "gap": f"差 {plain(entry['gap'])} {unit}".strip() if entry["gap"] else "",
        "reason": conflicts.get(reason, reason) if reason else "",
        "sources": [f"{s['document']} {s['clause']}" for s in entry["sources"]],
    }


def _derived(key: str, value: Any, facts: Mapping[str, Fact]) -> str:
    derived = DERIVED[key]
    if derived.worded_as:
        return facts[derived.worded_as].show(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | int):
        return f"{plain(value)} {derived.unit or ''}".strip()
    return str(value)


def _level(level: str, fields: Mapping[str, Any]) -> dict[str, str]:
    status = fields["status"]
    note = "该级是否给付未定" if fields.get("undecided") else ""
    if status == "to_verify":
        text, note = money(fields["amount"]), "待核实，不计入合计"
    elif "fee_cap" in fields:
        text = f"担保费率不超过 {plain(fields['fee_cap'] * 100)}%"
    elif "price_cut" in fields:
        text = f"减免 {plain(fields['price_cut'] * 100)}%"
    elif status == "published":
        text = f"合计 {money(fields['total'])}（现在 {money(fields['now'])}，以后 {money(fields['later'])}）"
    else:
        text = STATUSES[status]
    return {"level": Level(level).label, "text": text, "note": note}


def _tranche(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "level": Level(row["level"]).label,
        "title": row["title"],
        "when": WHEN[row["when"]],
        "year": row["year"],
        "amount": money(row["amount"]),
        "condition": row["condition"] or "",
        "sources": [f"{s['document']} {s['clause']}" for s in row["sources"]],
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


def _bars(eligible: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Money by level as bars: what is sure now, sure later, and what may come on top."""
    sums: dict[str, list[Decimal]] = {}
    open_ended: set[str] = set()
    for programme in eligible:
        for level, fields in programme["awards"].items():
            if "total" not in fields:
                continue
            low, high = fields["total"]
            if high is None:
                open_ended.add(level)
            total = sums.setdefault(level, [Decimal(0), Decimal(0), Decimal(0)])
            total[0] += fields["now"][0]
            total[1] += low
            total[2] += low if high is None else high
    longest = max((total[2] for total in sums.values()), default=Decimal(0))
    rows = []
    for level in Level:
        if level.value not in sums or not sums[level.value][2]:
            continue
        now, low, high = sums[level.value]
        rows.append(
            {
                "label": level.label,
                "now": int(BAR_WIDTH * now / longest),
                "low": int(BAR_WIDTH * max(low, now) / longest),
                "high": int(BAR_WIDTH * high / longest),
                "text": money([low, None if level.value in open_ended else high]),
                "y": 8 + 34 * len(rows),
                "text_y": 25 + 34 * len(rows),
            }
        )
    return rows


def _timeline(eligible: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tranches by the year they fall due; those without a year come last."""
    years: dict[int | None, list[dict[str, Any]]] = {}
    for programme in eligible:
        for row in programme["tranches"]:
            if row["status"] != "published" or row["amount"][1] == 0:
                continue
            item = {**_tranche(row), "programme": programme["name"]}
            years.setdefault(row["year"], []).append(item)
    order = sorted(years, key=lambda year: (year is None, year))
    return [{"year": year, "rows": years[year]} for year in order]
