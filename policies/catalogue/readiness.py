"""Whether a draft is ready to be published: what refuses it, all at once, and what has to be answered.

What refuses a draft is a fault of the draft itself. A question is no fault: whoever publishes says
that it was looked at, and why it stays.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from policies.catalogue.content import edition_data, examples_of, with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Award, Criterion, Edition, Example, Formula, Programme
from policies.consistency.coverage import CRITERIA, Gap, gaps_of
from policies.consistency.examples import Fault, faults_of
from policies.consistency.sides import FAILS, IS_MET, Sides, answered_entries
from policies.rules import edition as rules
from policies.rules.answers import range_of
from policies.rules.facts import Fact, plain
from policies.rules.formulas import named_in, with_formulas
from policies.rules.limits import limits_of
from policies.rules.read_edition import UNREADABLE, read_edition
from policies.rules.tree import COMPARISONS
from policies.rules.wording import BY_REVIEWERS, formula_in_words, rule_in_words

WHOLE = "整个版本"
# What pays nothing has no awards; what is a duty of the offices asks nothing of firms.
PAYING = (Programme.Kind.CASH, Programme.Kind.REBATE, Programme.Kind.PRICE_CUT)
# Of these the document gives a figure, and so a clause; the others say that it gives none.
WITH_FIGURES = (Award.Status.PUBLISHED, Award.Status.TO_VERIFY)
SIDE_WORDS = {IS_MET: "符合", FAILS: "不符合"}
WITH_EXAMPLES = "examples"
MAKE_EXAMPLES = "在草稿页点“补上界限两边的例子”，或在一个例子里加一行"
START = "start"
CHECK_DOCUMENT = "核对文件：文件改了，请引用新的文件；只是以前录错了，请写明"
# Of a list the last alone has its whole unit: 10万、20万元.
_UNITS = (
    "万元|万(?=[、，和或])|亿元|元|个百分点|%|‰|个工作日|工作日|个月"
    "|年|月|日|天|人|家|户|个|项|件|次|倍|档|名|级|分|期"
)
# A number with its unit, whether or not a space stands between them.
_FIGURE = re.compile(rf"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)\s*({_UNITS})")
# Both ends of a span are of the unit behind the second.
_SPAN = re.compile(rf"(\d)\s*([至~～—-])\s*(\d[\d,]*(?:\.\d+)?)\s*({_UNITS})")
FORMULA_BEGINS_LATER = "公式“{label}”从 {effective_from} 起才有，晚于这个版本的起用日期"


@dataclass(frozen=True)
class Point:
    """One thing about a draft: where, what is so, and what to do; `row` is where it is done, None
    for the draft itself. `key` tells a question from the others of its draft, also after a reload.
    """

    where: str
    told: str
    todo: str
    row: Criterion | Award | Example | None = None
    key: str = ""

    def __str__(self) -> str:
        return f"{self.where}：{self.told}。{self.todo}。"


@dataclass(frozen=True)
class Readiness:
    """`refusals` keep a draft from being published; each of `questions` wants an answer."""

    refusals: list[Point] = field(default_factory=list)
    questions: list[Point] = field(default_factory=list)


def readiness_of(draft: Edition, today: date) -> Readiness:
    """All that refuses publishing the draft, and all that has to be answered when it is published."""
    read = ReadEdition.of(draft)
    questions = list(_questions(read))
    if start_needs_reason(draft, today):
        told = f"起用日期 {draft.effective_from} 已经过去"
        questions.insert(0, Point(WHOLE, told, "写明为什么从过去的日子起用", key=START))
    return Readiness(list(_refusals(read)), questions)


def refusals_of(draft: Edition) -> list[Point]:
    """What keeps a draft from being published, whoever does it and whenever."""
    return list(_refusals(ReadEdition.of(draft)))


def start_needs_reason(edition: Edition, today: date) -> bool:
    """Whether it would start on a day that has passed; a correction keeps the day, and says why anyway."""
    return edition.corrects_id is None and edition.effective_from < today


class ReadEdition:
    """An edition with its rows, its rules and its examples, read once.

    `row` has what `with_content` and WITH_EXAMPLES read.
    """

    def __init__(self, row: Edition, known: Catalogue) -> None:
        self.row, self.data = row, edition_data(row)
        self.facts, self.areas = known.facts, known.areas
        self.rules: rules.Edition = read_edition(self.data, known.facts)
        self.examples = list(row.examples.all())
        self.contents = examples_of(row)

    @classmethod
    def of(cls, edition: Edition) -> "ReadEdition":
        rows = with_content(Edition.objects.filter(pk=edition.pk))
        return cls(rows.prefetch_related(WITH_EXAMPLES).get(), Catalogue())

    @cached_property
    def sides(self) -> Sides:
        return Sides(self.rules, self.contents, self.facts, self.row.effective_from)

    @cached_property
    def faults(self) -> list[tuple[Example, Fault]]:
        """Where the edition says otherwise than its examples."""
        if self.rules.fault:
            return []
        return [
            (example, fault)
            for example, content in zip(self.examples, self.contents, strict=True)
            for fault in faults_of(content, self.rules, self.facts)
        ]

    @cached_property
    def gaps(self) -> list[Gap]:
        """What no example exercises."""
        return [] if self.rules.fault else list(gaps_of(self.sides))

    def award_name(self, place: int) -> str:
        award = self.row.awards.all()[place]
        payer = self.areas[award.payer_id].name if award.payer_id in self.areas else ""
        others = "其余各县" if award.level == "county" and not payer else payer
        return f"第 {place + 1} 项奖补（{award.get_level_display()}{others}）"

    def criterion_of(self, code: str) -> Criterion | None:
        """The first of a code; a table holds the codes of its rows itself."""
        rows = list(self.row.criteria.all())
        own = next((row for row in rows if row.code == code), None)
        if own is None:
            entry = next((each for each in self.rules.entries if each.code == code), None)
            place = self.rules.criteria.index(entry.criterion) if entry else None
            own = rows[place] if place is not None else None
        return own

    def criterion_name(self, code: str) -> str:
        own = self.criterion_of(code)
        return f"条件 {code}（{own.text}）" if own and own.text else f"条件 {code}"

    def owner(self, gap: Gap) -> tuple[str, Criterion | Award | None]:
        """The name and the row that a gap is of."""
        if gap.part == CRITERIA:
            return self.criterion_name(str(gap.which)), self.criterion_of(str(gap.which))
        return self.award_name(int(gap.which)), self.row.awards.all()[int(gap.which)]


def example_place(example: Example, fault: Fault) -> str:
    """Which row of which example a fault is of."""
    if fault.place is None:
        return f"{example.named}的企业"
    name, index = fault.place
    row = getattr(example, name)[index]
    if name == "criteria":
        return f"{example.named}的条件第 {index + 1} 行（{row.get('code', '')}）"
    level = dict(Award._meta.get_field("level").flatchoices).get(row.get("level"), "")
    return f"{example.named}的金额第 {index + 1} 行（{level}）"


def read_published(known: Catalogue) -> list[ReadEdition]:
    """Every standing edition, of whatever days."""
    rows = with_content(Edition.objects.standing()).prefetch_related(WITH_EXAMPLES)
    in_order = rows.order_by("programme__position", "programme_id", "effective_from")
    return [ReadEdition(row, known) for row in in_order]


def problems_of_published(published: Iterable[ReadEdition]) -> tuple[int, list[str], list[str]]:
    """How many were tried by examples, which have none to be tried by, and what would refuse them as
    drafts. What the check of the catalogue tells itself is left out.
    """
    tried, without, problems = 0, [], []
    for read in published:
        named = f"{read.row.programme_id} {read.row.effective_from} 版"
        if read.rules.fault or not (read.data["criteria"] or read.data["awards"]):
            continue
        tried += bool(read.examples)
        if not read.examples and answered_entries(read.rules):
            without.append(named)
            continue
        problems += [f"{named} {point}" for point in _refusals(read)]
    return tried, without, problems


# --- what refuses -----------------------------------------------------------------------


def _refusals(read: ReadEdition) -> Iterator[Point]:
    yield from _empty(read)
    yield from _without_source(read)
    if read.rules.fault:
        yield from _faults(read)
        return
    yield from _out_of_range(read)
    for example, fault in read.faults:
        todo = "条件和金额没有写错，就改例子；例子没有写错，就改条件或金额"
        yield Point(example_place(example, fault), fault.in_words, todo, example)
    for lack in read.sides.lacks():
        told = f"没有“{SIDE_WORDS.get(lack.side, '不符合时待定')}”的例子"
        row = read.criterion_of(lack.code)
        yield Point(read.criterion_name(lack.code), told, MAKE_EXAMPLES, row)


def _faults(read: ReadEdition) -> Iterator[Point]:
    """Why it cannot be judged by; a formula that it names may begin too late for it."""
    later = Formula.objects.exclude(key__in=read.data.get("formulas", {})).definitions()
    ruled = [read.data["criteria"], read.data["awards"]]
    if named := sorted(named_in(ruled, later)):
        for key in named:
            told = FORMULA_BEGINS_LATER.format(**later[key])
            yield Point(WHOLE, told, "改公式的起用日期，或改版本的起用日期")
    else:
        yield Point(WHOLE, read.rules.fault, "打开这一条，改好规则或金额")


def _empty(read: ReadEdition) -> Iterator[Point]:
    kind = read.row.programme.kind
    has_criteria, has_awards = bool(read.data["criteria"]), bool(read.data["awards"])
    if not (has_criteria or has_awards):
        yield Point(WHOLE, "没有条件，也没有奖补", "按文件加上条件和奖补")
    elif not has_criteria and kind != Programme.Kind.DUTY:
        yield Point(WHOLE, "没有条件", "按文件加上条件；文件没有写条件的，加一条适用地区")
    elif not has_awards and kind in PAYING:
        todo = "加上各级奖补；文件没有印金额的，加一项“金额未公布”"
        yield Point(WHOLE, "是给钱的项目，却没有奖补", todo)


def _without_source(read: ReadEdition) -> Iterator[Point]:
    todo = "写明依据的文件和条款"
    for criterion in read.row.criteria.all():
        if not criterion.citations.all():
            yield Point(f"条件 {criterion.code}（{criterion.text}）", "没有出处", todo, criterion)
    for place, award in enumerate(read.row.awards.all()):
        if award.status in WITH_FIGURES and not award.citations.all():
            yield Point(read.award_name(place), "没有出处", todo, award)


def _out_of_range(read: ReadEdition) -> Iterator[Point]:
    criteria = zip(read.row.criteria.all(), read.rules.criteria, strict=True)
    parts: list[tuple[str, Any, tuple[Any, ...]]] = [
        (f"条件 {row.code}（{row.text}）", row, own.trees) for row, own in criteria
    ]
    awards = zip(read.row.awards.all(), read.rules.awards, strict=True)
    parts += [(read.award_name(place), row, own.trees) for place, (row, own) in enumerate(awards)]
    for where, row, trees in parts:
        for told in dict.fromkeys(_limits_out_of_range(trees, read.facts)):
            yield Point(where, told, "核对界限和单位，或改指标的范围", row)


def _limits_out_of_range(trees: tuple[Any, ...], facts: Mapping[str, Fact]) -> Iterator[str]:
    """Limits that no answer can reach, or that every answer passes: a share of 20 for 20%."""
    for limit in limits_of(*trees):
        fact = facts.get(limit.fact)
        if fact is None or not fact.is_numeric or limit.whole or limit.operator not in COMPARISONS:
            continue
        low, high = range_of(fact)
        for number in limit.operand if isinstance(limit.operand, tuple) else (limit.operand,):
            if number > high or (low is not None and number < low):
                ends = f"{fact.show(low) if low is not None else '…'} 至 {fact.show(high)}"
                told = f"界限 {plain(number)} 不在“{fact.label}”能填的范围（{ends}）里"
                yield told


# --- what is asked ----------------------------------------------------------------------


def predecessor_of(draft: Edition) -> Edition | None:
    """What the draft takes the place of: what it corrects, or what stands on the day before it."""
    if draft.corrects_id:
        return draft.corrects
    earlier = Edition.objects.standing().filter(
        programme=draft.programme_id, effective_from__lt=draft.effective_from
    )
    return earlier.order_by("-effective_from").first()


def _questions(read: ReadEdition) -> Iterator[Point]:
    """What the draft says otherwise than its predecessor, or still says although that is changed."""
    before = predecessor_of(read.row)
    if before is None:
        return
    earlier = edition_data(with_content(Edition.objects.filter(pk=before.pk)).get())
    yield from _changed_amounts(read, earlier)
    yield from _changed_limits(read, earlier)
    yield from _old_figures_in_summary(read, earlier)


def _changed_amounts(read: ReadEdition, before: Mapping[str, Any]) -> Iterator[Point]:
    """Money that changed although the same clause is cited for it."""
    earlier = _by_payer(before["awards"])
    for key, places in _by_payer(read.data["awards"]).items():
        pairs = zip(earlier.get(key, ()), places, strict=False)
        for (_, old), (place, new) in pairs:
            was, is_now = _figures(old, read.facts), _figures(new, read.facts)
            if was == is_now or not _cites_the_same(old, new):
                continue
            yield Point(
                read.award_name(place),
                f"金额由“{'；'.join(was)}”改为“{'；'.join(is_now)}”，依据仍是 {_cited(new)}",
                CHECK_DOCUMENT,
                read.row.awards.all()[place],
                f"amount-{place}",
            )


def _changed_limits(read: ReadEdition, before: Mapping[str, Any]) -> Iterator[Point]:
    """Limits that changed although the same clauses are cited, and texts that still tell the old ones."""
    then = with_formulas(read.facts, before.get("formulas"))
    now = with_formulas(read.facts, read.data.get("formulas"))
    earlier, seen = _by_code(before["criteria"]), Counter[str]()
    for row, new in zip(read.row.criteria.all(), read.data["criteria"], strict=True):
        rows, place = earlier.get(row.code, []), seen[row.code]
        seen[row.code] += 1
        is_now = _limits_in_words(new, now)
        if place >= len(rows) or is_now in [_limits_in_words(each, then) for each in rows]:
            continue
        old = rows[place]
        was, where = _limits_in_words(old, then), f"条件 {row.code}（{row.text}）"
        # No code has the sign that tells the second of a code from the first.
        key = f"{row.code}_{place + 1}" if place else row.code
        if _cites_the_same(old, new):
            told = f"界限由“{was}”改为“{is_now}”，依据仍是 {_cited(new)}"
            yield Point(where, told, CHECK_DOCUMENT, row, f"limit-{key}")
        if left := _figures_left(row.text, was, is_now):
            told = f"条件的文字还写着{_quoted(left)}，规则里已没有这个数"
            yield Point(where, told, "改条件的文字；文字没有写错，请写明", row, f"text-{key}")


def _by_code(criteria: list[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for criterion in criteria:
        found.setdefault(criterion["code"], []).append(criterion)
    return found


def _old_figures_in_summary(read: ReadEdition, before: Mapping[str, Any]) -> Iterator[Point]:
    """What stands on the pages of all editions, and tells amounts that the draft has no more."""
    was, is_now = (
        "；".join(line for award in data["awards"] for line in _figures(award, read.facts))
        for data in (before, read.data)
    )
    programme, found = read.row.programme, {}
    for what, text in (("名称", programme.name), ("一句话介绍", programme.summary)):
        if left := _figures_left(text, was, is_now, unit="万元"):
            found[what] = left
    if found:
        told = "，".join(f"{what}还写着{_quoted(left)}" for what, left in found.items())
        shown = "和".join(what.removeprefix("一句话") for what in found)
        yield Point(
            WHOLE,
            f"项目的{told}，草稿的金额里已没有这个数；{shown}会同时显示在现行和以后的版本上",
            f"核对项目的{shown}，写明什么时候改，或为什么不改",
            key="summary",
        )


def _limits_in_words(criterion: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    """What a criterion asks for, and of whom."""
    rule, when = criterion.get("rule"), criterion.get("when")
    told = _rule_in_words(rule, facts) if rule else BY_REVIEWERS
    return f"{told}（适用前提：{_rule_in_words(when, facts)}）" if when else told


def _rule_in_words(rule: Any, facts: Mapping[str, Fact]) -> str:
    try:
        return rule_in_words(rule, facts)
    except UNREADABLE:
        return str(rule)


def _figures_left(text: str, was: str, is_now: str, unit: str = "") -> list[str]:
    """The figures of a text, of this unit, that the earlier words have and the words of now have not.

    >>> _figures_left("收入达到500万元，3年以上", "≥ 500 万元且 ≥ 3 年", "≥ 800 万元且 ≥ 3 年")
    ['500万元']
    """
    gone = _figures_in(was).keys() - _figures_in(is_now).keys()
    return [
        written
        for figure, written in _figures_in(text).items()
        if figure in gone and figure.endswith(unit)
    ]


def _figures_in(text: str) -> dict[str, str]:
    """Numbers with their whole units, and as they are written; both without spaces and commas.

    >>> _figures_in("分别奖励10万、20万元，3 至 5 年内")
    {'10万元': '10万', '20万元': '20万元', '3年': '3年', '5年': '5年'}
    """
    both_ends = _SPAN.sub(r"\1\4\2\3\4", text)
    found = ((number.replace(",", ""), unit) for number, unit in _FIGURE.findall(both_ends))
    return {number + ("万元" if unit == "万" else unit): number + unit for number, unit in found}


def _quoted(figures: list[str]) -> str:
    return "、".join(f"“{figure}”" for figure in figures)


def _cites_the_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(new.get("sources")) and old.get("sources") == new["sources"]


def _cited(row: Mapping[str, Any]) -> str:
    return "、".join(f"{each['document']} {each['clause']}".strip() for each in row["sources"])


def _by_payer(
    awards: list[Mapping[str, Any]],
) -> dict[tuple[str, str | None], list[tuple[int, Mapping[str, Any]]]]:
    found: dict[tuple[str, str | None], list[tuple[int, Mapping[str, Any]]]] = {}
    for place, award in enumerate(awards):
        found.setdefault((award["level"], award.get("payer")), []).append((place, award))
    return found


def _figures(award: Mapping[str, Any], facts: Mapping[str, Fact]) -> list[str]:
    """What an award gives, each figure in words."""
    found = []
    for tranche in award.get("tranches", ()):
        try:
            amount = formula_in_words(tranche["amount"], facts)
        except UNREADABLE:
            amount = str(tranche["amount"])
        found.append(f"{tranche.get('title', '')} {amount}".strip())
    if unsplit := award.get("unsplit"):
        found.append(f"合计 {unsplit['amount']} 万元")
    for name in ("fee_cap", "price_cut", "headline"):
        if award.get(name) is not None:
            label = Award._meta.get_field(name).verbose_name
            found.append(f"{label} {plain(award[name])}")
    if joint := award.get("joint_cap"):
        found.append(f"几项合计最高 {joint['most']} 万元")
    return found or ["没有金额"]
