"""The whole answer as a page: totals, bars by level, timeline, programmes in groups."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from policies.catalogue.models import Contact, Edition
from policies.catalogue.models.award import Level
from policies.catalogue.vocabulary import Vocabulary
from policies.presentation.programme import Guide, programme_row, tranche_in_words
from policies.presentation.words import money
from policies.rules.edition import Edition as Rules
from policies.rules.facts import Fact
from policies.rules.plans import earliest_year
from policies.rules.tiers import Rung, ladders, standing

GROUPS = (
    ("money", "符合申报条件，有资金", True),
    ("one_away", "只差一项回答", True),
    ("near", "差一点，可以争取", True),
    ("service", "符合条件的服务和优先政策", True),
    ("open", "还不能判断", False),
    ("spent", "奖补已发或已过期", False),
    ("failed", "目前不符合", False),
)
BAR_WIDTH = 210


def result_page(
    document: Mapping[str, Any],
    answers: Mapping[str, Any],
    vocabulary: Vocabulary,
    editions: Iterable[Rules],
) -> dict[str, Any]:
    """Everything the result template shows; four queries however many programmes.

    A near miss that comes too late for the programme's other conditions is none.
    """
    county = answers.get("enterprise.county")
    city = county[:4] + "00" if county else answers.get("enterprise.city")
    rules = {edition.programme: edition for edition in editions}
    on = date.fromisoformat(document["on"])
    years: dict[str, int] = {}
    local = []
    for programme in document["programmes"]:
        if not may_apply(programme["area"], city, county):
            continue
        name, near = programme["programme"], programme["near_miss"]
        if near:
            year = earliest_year(rules[name], near, answers, on, vocabulary.facts)
            if year is None:
                programme = {**programme, "near_miss": None}
            else:
                years[name] = year
        local.append(programme)
    guides = _guides(local, {county, city})
    rows = [
        programme_row(programme, vocabulary, guides.get(programme["programme"], Guide()))
        | {"group": _group(programme)}
        for programme in local
    ]
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
        "counts_once": _listed(eligible) != totals["all"][0],
        "bars": (bars := _bars(eligible)),
        "bars_height": 8 + 34 * len(bars),
        "timeline": _timeline(eligible),
        "groups": [group for group in groups if group["rows"]],
        "plan": _plan(local, rows, years),
        "ladders": _ladders(editions, answers, rows, vocabulary.facts, {city, county}),
        "question": question
        and {
            "reason": question["reason"],
            "settles": money(question["settles"]) if question["settles"][1] else "",
        },
        "place": _place(answers, vocabulary.facts),
    }


def may_apply(area: str, city: str | None, county: str | None) -> bool:
    """Programmes of elsewhere are left out; of a city alone, those of its counties stay."""
    if city is None:
        return True
    return area in (city, county) or (county is None and area[:4] == city[:4])


def _place(answers: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    for key in ("enterprise.county", "enterprise.city"):
        if key in answers:
            return facts[key].show(answers[key])
    return ""


def _guides(programmes: Iterable[Mapping[str, Any]], areas: set[str | None]) -> dict[str, Guide]:
    """By programme, the guide of its edition with the offices of these areas."""
    starts = {entry["programme"]: entry["edition"] for entry in programmes}
    contacts: dict[str, list[Contact]] = {}
    for contact in Contact.objects.filter(programme__in=starts).select_related("jurisdiction"):
        if contact.jurisdiction_id in areas:
            contacts.setdefault(contact.programme_id, []).append(contact)
    editions = Edition.objects.standing().filter(programme__in=starts)
    return {
        edition.programme_id: Guide(
            materials=edition.materials.all(),
            steps=edition.steps.all(),
            contacts=contacts.get(edition.programme_id, ()),
        )
        for edition in editions.prefetch_related("materials", "steps")
        if edition.effective_from.isoformat() == starts[edition.programme_id]
    }


def _group(programme: Mapping[str, Any]) -> str:
    if programme["verdict"] == "eligible":
        if programme["kind"] not in ("cash", "rebate"):
            return "service"
        return "money" if _may_still_pay(programme["awards"]) else "spent"
    if programme["verdict"] == "unknown":
        return "one_away" if len(programme["missing"]) == 1 else "open"
    return "near" if programme["near_miss"] else "failed"


def _may_still_pay(awards: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether anything may come of it: a level whose money is not known may pay."""
    return not awards or any(
        fields["total"][1] != 0 if "total" in fields else fields["status"] != "none_listed"
        for fields in awards.values()
    )


def _listed(eligible: Iterable[Mapping[str, Any]]) -> Decimal:
    """The sum of what is listed; more than the total where two awards are the same money."""
    return sum(
        (
            fields["total"][0]
            for programme in eligible
            for fields in programme["awards"].values()
            if "total" in fields and fields["status"] == "published"
        ),
        Decimal(0),
    )


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


def _plan(
    programmes: Iterable[Mapping[str, Any]],
    rows: Iterable[dict[str, Any]],
    years: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Near misses by the changes they ask for: what unlocks the most money comes first."""

    def most(pair: tuple[Mapping[str, Any], dict[str, Any]]) -> Decimal:
        low, high = pair[0]["near_miss"]["unlocks"]
        return low if high is None else high

    pairs = [
        (programme, row)
        for programme, row in zip(programmes, rows, strict=True)
        if programme["near_miss"]
    ]
    groups: dict[str, dict[str, Any]] = {}
    for _, row in sorted(pairs, key=most, reverse=True):
        near_miss = row["near_miss"]
        group = groups.setdefault(
            f"{years[row['id']]} {near_miss['changes']}",
            {"changes": near_miss["changes"], "year": years[row["id"]], "paid": [], "other": []},
        )
        group["paid" if near_miss["unlocks"] else "other"].append(row)
    return list(groups.values())


def _ladders(
    editions: Iterable[Rules],
    answers: Mapping[str, Any],
    rows: Iterable[dict[str, Any]],
    facts: Mapping[str, Fact],
    areas: set[str | None],
) -> list[dict[str, Any]]:
    """Titles from low to high: which the firm holds, and what the next needs and brings."""
    by_programme = {row["id"]: row for row in rows}
    shown = []
    for (area, fact), rungs in ladders(editions).items():
        if area not in areas:
            continue
        steps = [
            {
                "title": facts[fact].choices[rung.code],
                "state": _held(rung),
                "is_next": rung.is_next,
                "row": by_programme.get(rung.edition.programme),
            }
            for rung in standing(rungs, answers)
        ]
        shown.append({"name": rungs[0].family, "steps": steps})
    return shown


def _held(rung: Rung) -> str:
    if rung.held is None:
        return "未填"
    if rung.held:
        return "已有"
    return "下一步" if rung.is_next else "还没有"


def _timeline(eligible: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tranches by the year they fall due; those without a year come last."""
    years: dict[int | None, list[dict[str, Any]]] = {}
    for programme in eligible:
        for row in programme["tranches"]:
            if row["status"] != "published" or row["amount"][1] == 0:
                continue
            item = {**tranche_in_words(row), "programme": programme["name"]}
            years.setdefault(row["year"], []).append(item)
    order = sorted(years, key=lambda year: (year is None, year))
    return [{"year": year, "rows": years[year]} for year in order]
