"""The result as pages: the answer with what is certain, groups to unfold, one programme at a time."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from policies.catalogue.models import Edition, Window
from policies.catalogue.models.award import Level
from policies.presentation.money_picture import by_level, drawn
from policies.presentation.offices import contacts_of, nearest
from policies.presentation.programme import (
    Guide,
    judged_amount,
    over_in_words,
    programme_row,
    tranche_in_words,
)
from policies.presentation.words import UNREADABLE, WHEN, choices_in_words, money
from policies.rules.explanation import explain
from policies.rules.facts import Fact, plain
from policies.rules.judgement import Judgement
from policies.rules.near_miss import near_miss
from policies.rules.plans import earliest_year
from policies.rules.readings import MET, NOT_APPLICABLE, Outcome, all_of
from policies.rules.tiers import Rung, ladders, standing
from policies.rules.totals import totals
from policies.rules.tranches import tranche_rows
from policies.rules.tree import Ratio
from policies.self_check.questions_page import not_asked
from policies.self_check.standing import MayCome, Standing

# What the answer shows at once; the others are made when they are opened.
SHOWN = ("money", "one_away")
FOLDED = {
    "service": "符合条件的服务和优先政策",
    "open": "还要再答几题才能判断",
    "up_to_office": "答完了，要由主管部门判断",
    "faulty": f"{UNREADABLE}：规则正在核对",
    "failed": "目前不符合：差在哪里，能不能争取",
    "not_asked": "未问，没有计入",
    "spent": "奖补已发或已过期",
}
LADDERS = "ladders"
# What somebody wants to hear of who has seen the answer.
WORTH_FOLLOWING = ("money", "one_away", "service", "open", "up_to_office")
# Times without a year, in their order.
_PLACE = {when: place for place, when in enumerate(WHEN.values())}
# What others award. That a firm lacks one is told; to go and win it is no advice.
TITLES = frozenset(
    {
        "award.maker_china_2y",
        "base.titles",
        "broker.city_recognised",
        "enterprise.rankings",
        "itss.new_level",
        "recognition.new_this_year",
        "zjtx.first_this_year",
        "zjtx.tiers",
    }
)
# A near miss asks for no more than half of what the firm has now.
WITHIN_REACH = Decimal("0.5")
# What asks for more than twice as much on top is no plan at all; of what is counted, three are few.
OUT_OF_REACH, A_FEW = 2, 3


def answer_page(standing_: Standing) -> dict[str, Any]:
    """The first page: the headline, what is certain, what one answer decides, and what is folded."""
    groups = standing_.groups
    sure = totals(standing_.eligible)
    question = standing_.inquiry.next_question
    windows = _windows(groups.get("money", ()))
    return {
        "on": standing_.check.on.isoformat(),
        "place": standing_.place,
        "headline": headline(standing_),
        "now": money(sure["now"]),
        "later": money(sure["later"]),
        "all": money(sure["all"]),
        "parts": _parts(sure),
        "open_levels": len(sure["unpublished"]) + len(sure["unknown"]),
        "counts_once": _listed(standing_.eligible, sure["only_highest"]) != sure["all"][0],
        "choices": choices_in_words(
            sure["only_highest"],
            {each.edition.programme: each.edition.name for each in standing_.eligible},
        ),
        "bars": drawn(by_level(each.levels for each in standing_.eligible)),
        "timeline": _timeline(standing_),
        "certain": [
            _certain_row(each, standing_, windows.get(each.edition.programme, ""))
            for each in groups.get("money", ())
        ],
        "one_away": [_one_away_row(each, standing_) for each in groups.get("one_away", ())],
        "folded": [
            {"name": name, "title": title, "count": len(groups[name])}
            for name, title in FOLDED.items()
            if name in groups
        ],
        "has_ladders": any(True for _ in _ladders_of(standing_)),
        "question": question
        and {
            "reason": question["reason"],
            "settles": money(question["settles"]) if question["settles"][1] else "",
        },
        "not_asked": not_asked(standing_.inquiry),
        "followed": [
            each.edition.programme for name in WORTH_FOLLOWING for each in groups.get(name, ())
        ],
    }


def _parts(sure: Mapping[str, Any]) -> str:
    """What is certain as a sum that adds up: now, later, and what no source splits."""
    certain, now, later = (sure[name][0] for name in ("all", "now", "later"))
    parts = {"现在可申报": now, "以后分期": later, "时间未定": certain - now - later}
    return "，".join(f"{name} {plain(part)} 万元" for name, part in parts.items() if part)


def headline(standing_: Standing) -> dict[str, str]:
    """What is certain and what may come; never a zero while anything is open."""
    certain, (more, is_open, *_) = standing_.certain, standing_.may_come
    may_come = ""
    if more or is_open:
        amount = f" {plain(more)} 万元{'以上' if is_open else ''}" if more else "金额未定的资金"
        may_come = f"{'还' if certain else ''}可能有{amount}（{_decided_by(standing_.may_come)}）"
    if not certain and not may_come:
        services = len(standing_.groups.get("service", ()))
        put_aside = len(standing_.groups.get("not_asked", ()))
        nothing = (
            f"问过的项目里没有符合条件的资金项目，另有 {put_aside} 项未问"
            if put_aside
            else "按现在的回答，没有符合条件的资金项目"
        )
        return {
            "certain": "",
            "may_come": f"{nothing}，有 {services} 项服务和优先政策" if services else nothing,
        }
    return {
        "certain": f"已确定 {plain(certain)} 万元" if certain else "",
        "may_come": may_come,
    }


def _decided_by(may_come: MayCome) -> str:
    """What the money waits for; what lacks no answer, or none that anybody asks for, is the office's."""
    waits = [
        f"再答 {may_come.answers} 题" if may_come.answers else "",
        f"补上 {may_come.unclear} 题“不清楚”" if may_come.unclear else "",
    ]
    waits = list(filter(None, waits))
    if not waits:
        return "由主管部门确定"
    return "，".join([*waits, *(["有的由主管部门确定"] if may_come.is_up_to_office else [])])


def group_page(standing_: Standing, name: str) -> dict[str, Any] | None:
    """The rows of one folded group, with why each stands there; None where it is empty."""
    if name == LADDERS:
        shown = [_ladder(rungs, standing_) for rungs in _ladders_of(standing_)]
        return {"title": "称号梯度", "ladders": shown} if shown else None
    judgements = standing_.groups.get(name)
    if name not in FOLDED or not judgements:
        return None
    page: dict[str, Any] = {"title": FOLDED[name]}
    if name == "spent":
        return page | {"parts": [{"rows": [_spent_row(each, standing_) for each in judgements]}]}
    if name != "failed":
        return page | {"parts": [{"rows": [_folded_row(each, standing_) for each in judgements]}]}
    rows = [_failed_row(each, standing_) for each in judgements]
    near = [row for row in rows if row["reach"] == "near"]
    far = [row for row in rows if row["reach"] == "far"]
    rest = [row for row in rows if not row["reach"]]
    parts = (("差一点，可以争取", near), ("长期目标", far), ("目前不符合", rest))
    return page | {"parts": [{"title": title, "rows": each} for title, each in parts if each]}


def programme_page(standing_: Standing, programme: str) -> dict[str, Any] | None:
    """One programme clause by clause; None where it does not speak of the firm's place."""
    judgement = standing_.find(programme)
    return _detail(judgement, standing_, _guides([judgement], standing_)) if judgement else None


def report_page(standing_: Standing) -> dict[str, Any]:
    """The answer on paper: one page of it, then the programmes that matter."""
    groups = standing_.groups
    judgements = [each for name in SHOWN for each in groups.get(name, ())]
    guides = _guides(judgements, standing_)
    details = [_detail(each, standing_, guides) for each in judgements]
    return answer_page(standing_) | {"details": details}


# --- rows -------------------------------------------------------------------------------


def _row(judgement: Judgement, standing_: Standing) -> dict[str, Any]:
    edition = judgement.edition
    return {
        "id": edition.programme,
        "name": edition.name,
        "verdict": judgement.verdict,
        "amount": judged_amount(judgement),
        "tally": _tally(judgement),
        "call": standing_.calls.get(edition.programme),
    }


def _tally(judgement: Judgement) -> str:
    """How many of the conditions that apply are met; rows of one code are one condition."""
    if judgement.edition.fault:
        return UNREADABLE
    readings: dict[str, list[Any]] = {}
    for entry, reading in zip(judgement.edition.entries, judgement.readings or (), strict=True):
        if entry.is_deciding:
            readings.setdefault(entry.code, []).append(reading)
    applying = [
        all_of(each)
        for each in (
            [reading for reading in own if reading is not NOT_APPLICABLE]
            for own in readings.values()
        )
        if each
    ]
    met = sum(reading is MET for reading in applying)
    if not applying:
        return ""
    if met == len(applying):
        return f"{met} 项条件都符合"
    return f"{len(applying)} 项条件符合 {met} 项"


def _certain_row(judgement: Judgement, standing_: Standing, window: str) -> dict[str, Any]:
    """From whom, by when, and what still may change the amount."""
    payers = [
        f"{Level(name).label} {money(level.total.pair)}"
        for name, level in judgement.levels.items()
        if level.counts and level.total.high != 0
    ]
    payers += [
        f"{Level(name).label}未公布"
        for name, level in judgement.levels.items()
        if level.status == "unpublished"
    ]
    years: dict[str, list[Decimal | None]] = {}
    for level in judgement.levels.values():
        for row in tranche_rows(level, standing_.firm):
            if row["status"] == "published" and row["amount"] and row["amount"][1] != 0:
                when = "现在" if row["when"] == "now" else _when(row)
                low, high = years.get(when, [Decimal(0), Decimal(0)])
                top = row["amount"][1]
                years[when] = [
                    low + row["amount"][0],
                    None if high is None or top is None else high + top,
                ]
    return _row(judgement, standing_) | {
        "payers": "，".join(payers),
        "due": "；".join(f"{when} {money(pair)}" for when, pair in years.items()),
        "window": window,
        "missing": _labels(judgement.missing_for_amount, standing_.facts),
    }


def _when(row: Mapping[str, Any]) -> str:
    """The year of a tranche; without one, whether it comes later or nobody says when."""
    return f"{row['year']} 年" if row["year"] else WHEN[row["when"]]


def _one_away_row(judgement: Judgement, standing_: Standing) -> dict[str, Any]:
    return _row(judgement, standing_) | {
        "missing": _labels(judgement.missing, standing_.facts),
        "step": _step_of(judgement.missing, standing_),
    }


def _folded_row(judgement: Judgement, standing_: Standing) -> dict[str, Any]:
    return _row(judgement, standing_) | {
        "missing": _labels(judgement.missing[:6], standing_.facts),
        "more": max(len(judgement.missing) - 6, 0),
        "step": _step_of(judgement.missing, standing_),
        "office": _left_to_office(judgement),
    }


def _step_of(keys: Iterable[str], standing_: Standing) -> int | None:
    """The first step that asked for one of these and was not answered; None where none did."""
    wanted = set(keys)
    steps = enumerate(standing_.check.steps, start=1)
    return next((number for number, asked in steps if wanted.intersection(asked)), None)


def _left_to_office(judgement: Judgement) -> list[str]:
    """The conditions that no answer of the firm decides."""
    entries = zip(judgement.edition.entries, judgement.readings or (), strict=True)
    return list(
        dict.fromkeys(
            entry.criterion.text
            for entry, reading in entries
            if entry.is_deciding and reading.outcome is Outcome.UNKNOWN and not reading.missing
        )
    )


def _spent_row(judgement: Judgement, standing_: Standing) -> dict[str, Any]:
    return _row(judgement, standing_) | {"over": over_in_words(judgement)}


def _failed_row(judgement: Judgement, standing_: Standing) -> dict[str, Any]:
    """What it fails on, in the firm's own figures, and the change that would do, if it can be."""
    entry, near = _explained(judgement, standing_)
    words = programme_row(entry, standing_.known.vocabulary, Guide())
    shares = _shares(judgement, standing_)
    failed = [item for item in words["criteria"] if item["is_failed"]]
    why = "；".join(_shortfall(item, shares.get(item["code"])) for item in failed[:2])
    rest = f"等 {len(failed)} 条" if len(failed) > 2 else ""
    reach = ""
    if near:
        is_near = all(_is_within_reach(each, standing_.facts) for each in near["changes"])
        reach = "near" if is_near else "far"
    return _row(judgement, standing_) | {
        "why": f"{why}{rest}",
        "near_miss": words["near_miss"],
        "year": near and near["year"],
        "reach": reach,
    }


def _shortfall(item: Mapping[str, Any], share: str | None) -> str:
    """A condition with what the firm has and what is asked, where that says more than its text."""
    has, asked = share or item["value"], item["requires"]
    if has == "未填" or asked in ("", item["text"]):
        return f"{item['text']}（您的情况：{has}）" if share else item["text"]
    return f"{item['text']}（您的情况：{has}。要求：{asked}）"


def _shares(judgement: Judgement, standing_: Standing) -> dict[str, str]:
    """By condition that asks for a share, the firm's own in percent, never rounded up to what is
    asked."""
    found = {}
    for entry in judgement.edition.entries:
        if isinstance(entry.rule, Ratio):
            part, whole = (
                standing_.firm.answer(key) for key in (entry.rule.part, entry.rule.whole)
            )
            if part is not None and whole:
                percent = (Decimal(part) / Decimal(whole) * 100).quantize(
                    Decimal("0.01"), rounding=ROUND_FLOOR
                )
                found[entry.code] = f"{plain(percent)}%"
    return found


def _is_within_reach(change: Mapping[str, Any], facts: Mapping[str, Fact]) -> bool:
    """A number by no more than half of what the firm has, or an act."""
    before, after = change["from"], change["to"]
    if isinstance(after, bool):
        return after
    if isinstance(after, int | Decimal):
        if before is None or isinstance(before, bool):
            return False
        return abs(Decimal(after) - before) <= abs(before) * WITHIN_REACH
    return facts[change["fact"]].type == "enum"


def _can_be(change: Mapping[str, Any], facts: Mapping[str, Fact]) -> bool:
    """Whether it is a plan: not from 30 万元 to a 亿, nor from no tenant to thousands."""
    before, after = change["from"], change["to"]
    if isinstance(after, bool) or not isinstance(after, int | Decimal):
        return True
    if facts[change["fact"]].type == "int" and 0 <= after <= A_FEW:
        return True
    return abs(Decimal(after) - (before or 0)) <= abs(before or 0) * OUT_OF_REACH


def _explained(
    judgement: Judgement, standing_: Standing
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The entry of the answer; a near miss that is out of reach, or comes too late for the other
    conditions, is none."""
    entry = explain(judgement, standing_.firm)
    near = near_miss(judgement, standing_.firm, standing_.facts, untouched=TITLES)
    if near and not all(_can_be(change, standing_.facts) for change in near["changes"]):
        near = None
    if near:
        year = earliest_year(
            judgement.edition, near, standing_.answers, standing_.check.on, standing_.facts
        )
        near = None if year is None else {**near, "year": year}
    entry["near_miss"] = near
    return entry, near


def _detail(
    judgement: Judgement, standing_: Standing, guides: Mapping[str, Guide]
) -> dict[str, Any]:
    entry, near = _explained(judgement, standing_)
    guide = guides.get(judgement.edition.programme, Guide())
    row = programme_row(entry, standing_.known.vocabulary, guide)
    return row | {
        "tally": _tally(judgement),
        "call": standing_.calls.get(judgement.edition.programme),
        "is_faulty": bool(judgement.edition.fault),
        "year": near and near["year"],
        "place": standing_.place,
        "contacts": guide.contacts,
    }


def _labels(keys: Iterable[str], facts: Mapping[str, Fact]) -> list[str]:
    return [facts[key].label for key in keys if key in facts]


# --- what stands beside a programme -----------------------------------------------------


def _windows(judgements: Iterable[Judgement]) -> dict[str, str]:
    """By programme, when it can be asked for, in the words of its document."""
    names = [each.edition.programme for each in judgements]
    rows = Window.objects.filter(programme__in=names, kind=Window.Kind.APPLY)
    found: dict[str, list[str]] = {}
    for programme, wording in rows.values_list("programme", "wording"):
        found.setdefault(programme, []).append(wording)
    return {programme: "；".join(dict.fromkeys(words)) for programme, words in found.items()}


def _guides(judgements: Iterable[Judgement], standing_: Standing) -> dict[str, Guide]:
    """By programme, the guide of its edition: of the offices the county's, else the city's."""
    starts = {each.edition.programme: each.edition.edition for each in judgements}
    contacts = contacts_of(starts)
    editions = Edition.objects.standing().filter(programme__in=starts)
    return {
        edition.programme_id: Guide(
            materials=edition.materials.all(),
            steps=edition.steps.all(),
            contacts=nearest(
                contacts.get(edition.programme_id, {}), standing_.county, standing_.city
            ),
        )
        for edition in editions.prefetch_related("materials", "steps")
        if edition.effective_from.isoformat() == starts[edition.programme_id]
    }


# --- pictures ---------------------------------------------------------------------------


def _listed(eligible: Iterable[Judgement], choices: Iterable[Mapping[str, Any]]) -> Decimal:
    """The sum of what is listed and does not give way to what is higher; more than the total where
    two awards are the same money."""
    gone = (each["amount"][0] for choice in choices for each in choice["gives_way"])
    return sum((each.payable.low for each in eligible), Decimal(0)) - sum(gone, Decimal(0))


def _timeline(standing_: Standing) -> list[dict[str, Any]]:
    """What falls due by year, those without one last; levels that pay alike stand in one row."""
    times: dict[tuple[int | None, str], dict[tuple[str, ...], list[str]]] = {}
    for judgement in standing_.eligible:
        for level in judgement.levels.values():
            for row in tranche_rows(level, standing_.firm):
                if row["status"] != "published" or row["amount"][1] == 0:
                    continue
                words = tranche_in_words(row)
                what = (judgement.edition.name, words["title"], words["condition"])
                paid = times.setdefault((row["year"], _when(row)), {}).setdefault(what, [])
                paid.append(f"{words['level']} {words['amount']}")
    order = sorted(times, key=lambda time: (time[0] is None, time[0] or 0, _PLACE.get(time[1], 0)))
    return [
        {
            "year": time[0],
            "when": time[1],
            "rows": [
                {"programme": name, "title": title, "condition": condition, "paid": "，".join(paid)}
                for (name, title, condition), paid in times[time].items()
            ],
        }
        for time in order
    ]


def _ladders_of(standing_: Standing) -> Iterable[list[Any]]:
    """Titles from low to high in the firm's place, but for those it was not asked about."""
    waiting = {each.edition.programme for each in standing_.inquiry.not_asked}
    for (area, _), rungs in ladders(standing_.editions).items():
        is_asked = not {rung.programme for rung in rungs} <= waiting
        if area in (standing_.county, standing_.city) and is_asked:
            yield rungs


def _ladder(rungs: list[Any], standing_: Standing) -> dict[str, Any]:
    """Which titles the firm holds, and what the next needs and brings."""
    facts = standing_.facts
    steps = []
    for rung in standing(rungs, standing_.answers):
        judgement = standing_.find(rung.edition.programme)
        step = {
            "title": facts[rungs[0].tier[0]].choices[rung.code],
            "state": _held(rung),
            "is_next": rung.is_next,
            "row": judgement and _row(judgement, standing_),
        }
        if judgement and rung.is_next:
            step["row"] = _detail(judgement, standing_, {})
        steps.append(step)
    return {"name": rungs[0].family, "steps": steps}


def _held(rung: Rung) -> str:
    if rung.held is None:
        return "未填"
    if rung.held:
        return "已有"
    return "下一步" if rung.is_next else "还没有"
