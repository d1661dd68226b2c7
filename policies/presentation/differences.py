"""What a draft says otherwise than another edition, row by row and field by field, for editors.

Readers get the same in a line a row: policies.presentation.changes, which also tells what a row is
and which rows are the same thing. Rows that only stand in another place say the same.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from policies.catalogue.models.award import Award as AwardRow
from policies.catalogue.models.award import Level
from policies.catalogue.models.service_guide import Step
from policies.consistency.examples import MONEY_WORDS, OUTCOME_WORDS, STATUS_WORDS
from policies.presentation.award_lines import award_lines
from policies.presentation.changes import (
    KINDS,
    Content,
    Part,
    Places,
    carrying_formulas,
    cited_lines,
    paired,
    parts_of,
    says_the_same,
)
from policies.presentation.words import proves_in_words, written
from policies.rules.answers import AnswersError, parse_answers
from policies.rules.facts import Fact, plain
from policies.rules.formulas import with_formulas
from policies.rules.read_award import read_award
from policies.rules.read_edition import read_criterion, read_places
from policies.rules.wording import formula_in_words, rule_in_words

Facts = Mapping[str, Fact]
Fields = dict[str, str]
ADDED, GONE, CHANGED = "新增", "取消", "修改"
NOTICES, PLACES, EXAMPLES = "notices", "places", "examples"
# A number with its unit, as wordings have them.
_NUMBER = re.compile(
    r"\d[\d,]*(?:\.\d+)?\s*(?:万元|亿元|个百分点|个工作日|工作日|个月|%|‰|[万亿元家人年月日天项个户件次倍档名分级期])?"
)
_WHEN = {"now_when": "本期给付", "past_when": "往期已给付", "void_when": "不再给付"}
# Fields of an award that its lines do not tell.
_CODES = {"headline": "先显示的金额", "same_money": "同一笔钱", "conflicts": "口径说明编号"}


@dataclass(frozen=True)
class Aspect:
    """One field of a row in words; empty where the row says nothing of it."""

    label: str
    before: str
    after: str

    @property
    def numbers(self) -> tuple[tuple[str, str], ...]:
        """The numbers that became others where the words around them stayed."""
        return changed_numbers(self.before, self.after)


@dataclass(frozen=True)
class Difference:
    """`part` is the list that the row is of; `before` and `after` are its places in the two."""

    part: str
    what: str
    title: str
    how: str
    aspects: tuple[Aspect, ...]
    before: int | None = None
    after: int | None = None

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """Each once: a sentence and the rule that it is told of change together."""
        if self.how != CHANGED:
            return []
        return list(dict.fromkeys(pair for each in self.aspects for pair in each.numbers))

    @property
    def name(self) -> str:
        """What a form sends back to say which one is meant."""
        places = ("" if place is None else str(place) for place in (self.before, self.after))
        return ":".join((self.part, *places))

    def __str__(self) -> str:
        told = "；".join(
            f"{each.label}由“{each.before or '无'}”改为“{each.after or '无'}”"
            if self.how == CHANGED
            else f"{each.label}“{each.after or each.before}”"
            for each in self.aspects
        )
        return f"{self.how}{self.what}：{self.title}{'，' if told else ''}{told}"


def differences_between(
    before: Content, after: Content, facts: Facts, places: Places
) -> list[Difference]:
    """All that is another in `after`, the criteria first; both in the shape of a pack."""
    before, after = carrying_formulas(before), carrying_formulas(after)
    return [
        *(
            difference
            for part in (*parts_of(facts, places), *_more_parts())
            for difference in _of_part(
                _rows(before, part), _rows(after, part), part, _fields_of(part.name, facts)
            )
        ),
        *_of_places(before, after),
    ]


def _rows(content: Content, part: Part) -> list[Content]:
    rows = content.get(part.name) or []
    return [{"text": row} for row in rows] if part.name == NOTICES else list(rows)


def _more_parts() -> Iterator[Part]:
    """What readers are not told of as changed."""
    yield Part(NOTICES, "提示", lambda row: row["text"], lambda row: row["text"], lambda row: "")
    yield Part(EXAMPLES, "例子", lambda row: row["title"], lambda row: row["title"], lambda row: "")


def _of_part(
    before: Sequence[Content],
    after: Sequence[Content],
    part: Part,
    fields: Callable[[Content], Fields],
) -> Iterator[Difference]:
    for old_place, new_place in paired(before, after, part):
        old = {} if old_place is None else before[old_place]
        new = {} if new_place is None else after[new_place]
        if old and new and says_the_same(old, new):
            continue
        how = CHANGED if old and new else ADDED if new else GONE
        yield Difference(
            part=part.name,
            what=part.what,
            title=part.title(new or old),
            how=how,
            aspects=tuple(_aspects(fields(old) if old else {}, fields(new) if new else {})),
            before=old_place,
            after=new_place,
        )


def _aspects(old: Fields, new: Fields) -> Iterator[Aspect]:
    for label in dict.fromkeys((*new, *old)):
        before, after = old.get(label, ""), new.get(label, "")
        if before != after:
            yield Aspect(label, before, after)


def _of_places(before: Content, after: Content) -> Iterator[Difference]:
    were, are = (_places_in_words(content.get(PLACES)) for content in (before, after))
    if were != are:
        how = CHANGED if were and are else ADDED if are else GONE
        yield Difference(PLACES, "名额和择优", "", how, (Aspect("名额", were, are),))


def _places_in_words(row: Content | None) -> str:
    return written(lambda places, _: read_places(places).in_words, row, {}) if row else ""


# --- the fields of a row, in words ------------------------------------------------------


def _fields_of(part: str, facts: Facts) -> Callable[[Content], Fields]:
    return {
        "criteria": lambda row: _criterion(row, with_formulas(facts, row.get("formulas"))),
        "awards": lambda row: _award(row, with_formulas(facts, row.get("formulas"))),
        "materials": partial(_material, facts=facts),
        "steps": _step,
        NOTICES: lambda row: {},
        EXAMPLES: partial(_example, facts=facts),
    }[part]


def _said(**fields: Any) -> Fields:
    return {label: str(value) for label, value in fields.items() if value not in (None, "", [])}


def _rule(rule: Any, facts: Facts) -> str:
    return written(rule_in_words, rule, facts) if rule else ""


def _criterion(row: Content, facts: Facts) -> Fields:
    return _said(
        条件=row["text"],
        性质=KINDS[row["kind"]],
        公开的说法=written(_sentence, row, facts) if row.get("sentence") else "",
        规则=_rule(row.get("rule"), facts),
        适用前提=_rule(row.get("when"), facts),
        口径说明=row.get("reason"),
        依据=_cited(row),
    )


def _sentence(row: Content, facts: Facts) -> str:
    return read_criterion(row, facts, row["code"]).in_a_sentence


def _cited(row: Content) -> str:
    return "；".join(sorted(cited_lines(row)))


def _award(row: Content, facts: Facts) -> Fields:
    fields = {"状态": AwardRow.Status(row["status"]).label}
    titles = [tranche.get("title") or "金额" for tranche in row.get("tranches", ())]
    for place, (title, tranche) in enumerate(zip(titles, row.get("tranches", ()), strict=True)):
        if titles.count(title) > 1:
            title = f"{title}（第 {titles[:place].count(title) + 1} 项）"
        fields |= _tranche(title, tranche, facts)
    # Its other lines: what is printed as one total, caps, what is taken back.
    whole = {name: value for name, value in row.items() if name != "tranches"}
    others = written(_lines, whole, facts)
    if row["status"] in (AwardRow.Status.PUBLISHED, AwardRow.Status.TO_VERIFY):
        fields |= _said(其他约定=others)
    undecided = [
        f"{_rule(each['when'], facts)}：{each['reason']}" for each in row.get("undecided", ())
    ]
    fields |= _said(**{label: _plain(row.get(name)) for name, label in _CODES.items()})
    return fields | _said(未定的情形="；".join(undecided), 依据=_cited(row))


def _lines(row: Content, facts: Facts) -> str:
    return "；".join(award_lines(read_award(row, facts, ""), facts))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return plain(Decimal(str(value))) if is_number else str(value or "")


def _tranche(title: str, row: Content, facts: Facts) -> Fields:
    fields = {f"{title}：金额": written(formula_in_words, row["amount"], facts)}
    for name, label in _WHEN.items():
        fields[f"{title}：{label}"] = _rule(row.get(name), facts)
    fields[f"{title}：以后给付的条件"] = row.get("condition", "")
    fields[f"{title}：什么时候"] = "总在以后给付" if row.get("later") else ""
    fields[f"{title}：口径说明编号"] = _plain(row.get("conflicts"))
    return {label: told for label, told in fields.items() if told}


def _material(row: Content, facts: Facts) -> Fields:
    return _said(说明=row.get("note"), 证明=proves_in_words(row.get("proves", ()), facts))


def _step(row: Content) -> Fields:
    level, kind = row.get("level"), row.get("kind")
    return _said(
        级别=Step.Level(level).label if level else "",
        由谁办=row.get("actor"),
        性质=Step.Kind(kind).label if kind else "",
        怎么办=row.get("text"),
        时限=row.get("time_limit"),
        工作日=row.get("working_days"),
    )


def _example(row: Content, facts: Facts) -> Fields:
    """What a firm answers, and what must come out for it."""
    on = date.fromisoformat(row["on"])
    told = {"按哪一天算": row["on"]} | _answers(row.get("firm") or {}, facts, on)
    for expected in row.get("criteria") or ():
        told |= _expected(f"预期：{expected.get('code', '')}", expected, facts, on)
    for expected in row.get("money") or ():
        level = dict(Level.choices).get(expected.get("level"), "金额")
        told |= _expected(f"预期：{level}", expected, facts, on)
    return told


def _answers(answers: Content, facts: Facts, on: date) -> Fields:
    return {
        facts[key].label if key in facts else key: _answer(key, value, facts, on)
        for key, value in answers.items()
    }


def _answer(key: str, value: Any, facts: Facts, on: date) -> str:
    fact = facts.get(key)
    if fact is None or value is None:
        return _plain(value)
    try:
        return fact.show(parse_answers({key: value}, {key: fact}, on)[key])
    except (AnswersError, KeyError):
        return _plain(value)


def _expected(label: str, row: Content, facts: Facts, on: date) -> Fields:
    """What must come out, told by the answers that stand instead of the firm's."""
    instead = "、".join(
        f"{name} {told or '空着'}"
        for name, told in _answers(row.get("with") or {}, facts, on).items()
    )
    values = "，".join(
        _result(name, value) for name, value in row.items() if name not in ("code", "level", "with")
    )
    return {f"{label}（{instead}）" if instead else label: values}


def _result(name: str, value: Any) -> str:
    if name == "is":
        return OUTCOME_WORDS.get(value, str(value))
    if name == "status":
        return STATUS_WORDS.get(value, str(value))
    ends = value if isinstance(value, list) else [value]
    told = "至".join("以上" if end is None else _plain(end) for end in ends)
    return f"{MONEY_WORDS.get(name, name)} {told}".replace("至以上", " 以上")


# --- numbers ----------------------------------------------------------------------------


def changed_numbers(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Numbers with their units that stand in the same place of two wordings and differ.

    >>> changed_numbers("收入 ≥ 2000 万元", "收入 ≥ 1500 万元")
    (('2000 万元', '1500 万元'),)
    """
    old, new = _pieces(before), _pieces(after)
    found: list[tuple[str, str]] = []
    for how, first, last, start, end in SequenceMatcher(None, old, new, False).get_opcodes():
        if how != "replace":
            continue
        segments = old[first:last], new[start:end]
        numbers = [[piece for piece in each if _NUMBER.fullmatch(piece)] for each in segments]
        if len(numbers[0]) != len(numbers[1]):
            # What follows is another; a number right behind the same words is still the one there was.
            leads = all(_NUMBER.fullmatch(each[0]) for each in segments)
            numbers = [each[:1] for each in numbers] if leads else [[], []]
        pairs = (tuple(map(_spaced, pair)) for pair in zip(*numbers, strict=True))
        found += [(then, now) for then, now in pairs if then != now]
    return tuple(found)


def _spaced(number: str) -> str:
    """With one space before its unit, as wordings of rules have it and sentences do not."""
    return re.sub(r"(?<=[\d,.])\s*(?=[^\s\d,.%‰])", " ", number.strip())


def _pieces(text: str) -> list[str]:
    """Numbers with their units, and single characters between them."""
    pieces: list[str] = []
    end = 0
    for match in _NUMBER.finditer(text):
        pieces += [*text[end : match.start()], match.group()]
        end = match.end()
    return [*pieces, *text[end:]]
