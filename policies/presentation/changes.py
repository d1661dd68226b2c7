"""What a later edition says differently, in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.catalogue.content import without_sentences
from policies.catalogue.models.award import Award as AwardRow
from policies.catalogue.models.award import Level
from policies.catalogue.models.criterion import Criterion as CriterionRow
from policies.presentation.award_lines import award_lines
from policies.presentation.words import proves_in_words, written
from policies.rules.facts import Fact
from policies.rules.formulas import named_in, with_formulas
from policies.rules.read_award import read_award
from policies.rules.read_edition import read_criterion, read_places
from policies.rules.wording import rule_in_words
from portal.models import Jurisdiction

KINDS = dict(CriterionRow.Kind.choices)
Content = Mapping[str, Any]
Places = Mapping[str, Jurisdiction]


@dataclass(frozen=True)
class Change:
    """One difference as a sentence; `sources` are the documents and clauses that it rests on, those
    of what is gone where it is gone.
    """

    text: str
    sources: tuple[Mapping[str, str], ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Part:
    """A list of an edition: what a row is, what it is matched by, how it is named and told."""

    name: str
    what: str
    key: Callable[[Content], Any]
    title: Callable[[Content], str]
    words: Callable[[Content], str]


def changes_between(
    before: Content, after: Content, facts: Mapping[str, Fact], places: Places
) -> list[Change]:
    """What a later edition's content says differently, a line a change; `places` by code."""
    were, are = (_places_words(content.get("places")) for content in (before, after))
    before, after = carrying_formulas(before), carrying_formulas(after)
    return [
        *([Change(f"修改名额：由“{were}”改为“{are}”")] if were != are else ()),
        *(
            change
            for part in parts_of(facts, places)
            for change in _compared(before[part.name], after[part.name], part)
        ),
    ]


def rows_by_source(
    content: Content, facts: Mapping[str, Fact], places: Places
) -> dict[tuple[str, str], list[str]]:
    """By document and clause, the criteria and awards of an edition that rest on it, in words."""
    found: dict[tuple[str, str], list[str]] = {}
    content = carrying_formulas(content)
    for part in parts_of(facts, places):
        for row in content[part.name]:
            told = f"{part.what} {part.title(row)}：{part.words(row)}"
            for source in _sources(row):
                key = source["document"], source.get("clause", "")
                found.setdefault(key, []).append(told)
    return found


def carrying_formulas(content: Content) -> Content:
    """The content with the formulas of each row in it: a row says something else where they do."""
    known = {
        key: {name: part for name, part in definition.items() if name != "effective_from"}
        for key, definition in (content.get("formulas") or {}).items()
    }
    if not known:
        return content

    def row_with(row: Content) -> Content:
        named = sorted(named_in(row, known))
        return {**row, "formulas": {key: known[key] for key in named}} if named else row

    own = {name: [row_with(row) for row in content[name]] for name in ("criteria", "awards")}
    return {**content, **own}


def parts_of(facts: Mapping[str, Fact], places: Places) -> tuple[Part, ...]:
    return (
        Part(
            "criteria",
            "条件",
            lambda row: row["code"],
            lambda row: f"{row['code']} {row['text']}",
            lambda row: _criterion_words(row, with_formulas(facts, row.get("formulas"))),
        ),
        Part(
            "awards",
            "奖补",
            lambda row: (row["level"], row.get("payer")),
            lambda row: _award_title(row, places),
            lambda row: _award_words(row, with_formulas(facts, row.get("formulas"))),
        ),
        Part(
            "materials",
            "材料",
            lambda row: row["name"],
            lambda row: str(row["name"]),
            lambda row: _material_words(row, facts),
        ),
        Part(
            "steps",
            "办理环节",
            lambda row: row["title"],
            lambda row: str(row["title"]),
            _step_words,
        ),
    )


def _compared(before: Sequence[Content], after: Sequence[Content], part: Part) -> list[Change]:
    pairs = [
        (
            None if old is None else before[old],
            None if new is None else after[new],
        )
        for old, new in paired(before, after, part)
    ]
    worded = [
        new for old, new in pairs if old and new and old != new and _is_first_worded(old, new)
    ]
    added = [_there("新增", new, part) for old, new in pairs if new and not old]
    gone = [_there("取消", old, part) for old, new in pairs if old and not new]
    changed = [
        _changed(old, new, part)
        for old, new in pairs
        if old and new and not says_the_same(old, new) and new not in worded
    ]
    lines = [*added, *gone, *changed]
    if worded:
        lines.append(Change(f"写明条件的说法：{'、'.join(row['code'] for row in worded)}"))
    return lines


def paired(
    before: Sequence[Content], after: Sequence[Content], part: Part
) -> list[tuple[int | None, int | None]]:
    """By their places, rows that are the same thing before and after; None where there is none.

    Of several with one key those that say the same belong together, then those of one title, then
    those in the same place.
    """
    left: dict[Any, list[int]] = {}
    for place, row in enumerate(before):
        left.setdefault(part.key(row), []).append(place)
    found: dict[int, int] = {}
    alike: tuple[Callable[[Content, Content], bool], ...] = (
        lambda old, new: old == new,
        lambda old, new: part.title(old) == part.title(new),
        lambda old, new: True,
    )
    for is_alike in alike:
        for place, row in enumerate(after):
            same_key = left.get(part.key(row), [])
            old = next((each for each in same_key if is_alike(before[each], row)), None)
            if place not in found and old is not None:
                found[place] = old
                same_key.remove(old)
    pairs = [(found.get(place), place) for place in range(len(after))]
    return [*pairs, *((place, None) for places in left.values() for place in places)]


def says_the_same(old: Content, new: Content) -> bool:
    """Also where the same sources stand in another order."""
    rest_on_same = set(cited_lines(old)) == set(cited_lines(new))
    return rest_on_same and {**old, "sources": ()} == {**new, "sources": ()}


def _is_first_worded(old: Content, new: Content) -> bool:
    """Whether nothing changed but that a criterion has a sentence now."""
    return [old] == without_sentences([new])


def _there(how: str, row: Content, part: Part) -> Change:
    words = part.words(row)
    told = f"{how}{part.what}：{part.title(row)}"
    return Change(f"{told}，{words}" if words else told, _sources(row))


def _changed(old: Content, new: Content, part: Part) -> Change:
    """From what to what in words; where only what it rests on is another, that."""
    then, now = part.words(old), part.words(new)
    if part.title(old) != part.title(new):
        then, now = (
            "，".join(filter(None, (part.title(row), words)))
            for row, words in ((old, then), (new, now))
        )
    told = f"修改{part.what}：{part.title(new)}"
    if then != now:
        told += f"，由“{then or '无'}”改为“{now or '无'}”"
    if set(cited_lines(old)) != set(cited_lines(new)):
        told += f"，依据由“{_cited(old)}”改为“{_cited(new)}”"
    return Change(told, _sources(new))


def _sources(row: Content) -> tuple[Mapping[str, str], ...]:
    return tuple(row.get("sources") or ())


def cited_lines(row: Content) -> list[str]:
    """The documents with their clauses that a row rests on, each once."""
    texts = (f"{each['document']} {each.get('clause', '')}".strip() for each in _sources(row))
    return list(dict.fromkeys(texts))


def _cited(row: Content) -> str:
    return "；".join(cited_lines(row)) or "无"


def _criterion_words(row: Content, facts: Mapping[str, Fact]) -> str:
    if sentence := written(_sentence, row, facts):
        return f"{KINDS[row['kind']]}，{sentence}"
    rule = written(rule_in_words, row["rule"], facts) if row.get("rule") else ""
    when = f"仅当 {written(rule_in_words, row['when'], facts)}" if row.get("when") else ""
    return "，".join(filter(None, (KINDS[row["kind"]], when, rule)))


def _award_words(row: Content, facts: Mapping[str, Fact]) -> str:
    return written(_award_lines, row, facts) or AwardRow.Status(row["status"]).label


def _award_lines(row: Content, facts: Mapping[str, Fact]) -> str:
    return "；".join(award_lines(read_award(row, facts, ""), facts))


def _places_words(row: Content | None) -> str:
    places = read_places(row)
    return places.in_words if places else "无"


def _sentence(row: Content, facts: Mapping[str, Fact]) -> str:
    return read_criterion(row, facts, row["code"]).in_a_sentence


def _material_words(row: Content, facts: Mapping[str, Fact]) -> str:
    proved = proves_in_words(row.get("proves", ()), facts)
    return "；".join(filter(None, (row.get("note", ""), proved)))


def _step_words(row: Content) -> str:
    return "，".join(str(row[name]) for name in ("actor", "text", "time_limit") if row.get(name))


def _award_title(row: Content, places: Places) -> str:
    payer = row.get("payer")
    where = str(places.get(payer, payer)) if payer else ""
    return f"{Level(row['level']).label} {where}".strip()


def cited_in(content: Content) -> Iterable[Mapping[str, str]]:
    """The documents and clauses that an edition rests on, as its criteria and awards name them."""
    return (
        each for part in ("criteria", "awards") for row in content[part] for each in _sources(row)
    )
