"""What a later edition says differently, in words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from policies.catalogue.content import without_sentences
from policies.catalogue.models.award import Award as AwardRow
from policies.catalogue.models.award import Level
from policies.catalogue.models.criterion import Criterion as CriterionRow
from policies.presentation.words import (
    claw_back_in_words,
    joint_cap_in_words,
    proves_in_words,
    written,
)
from policies.rules.facts import Fact
from policies.rules.read_edition import read_criterion, read_places
from policies.rules.wording import formula_in_words, rule_in_words

KINDS = dict(CriterionRow.Kind.choices)
Content = Mapping[str, Any]


def changes_between(before: Content, after: Content, facts: Mapping[str, Fact]) -> list[str]:
    """What a later edition's content says differently, a line a change."""

    def compared(part: str, what: str, key: Key, text: Text) -> list[str]:
        return _compared(before[part], after[part], what, key, text)

    worded = _first_worded(before["criteria"], after["criteria"])
    before = {
        **before,
        "criteria": [worded.get(_criterion_key(row), row) for row in before["criteria"]],
    }
    places = [_places_words(content.get("places")) for content in (before, after)]
    return [
        *([f"修改名额：由“{places[0]}”改为“{places[1]}”"] if places[0] != places[1] else ()),
        *compared("criteria", "条件", _criterion_key, lambda row: _criterion_words(row, facts)),
        *(
            [f"写明条件的说法：{'、'.join(row['code'] for row in worded.values())}"]
            if worded
            else ()
        ),
        *compared("awards", "奖补", _award_key, lambda row: _award_words(row, facts)),
        *compared("materials", "材料", _name, lambda row: _material_words(row, facts)),
        *compared("steps", "办理环节", _title, _step_words),
    ]


Key = Callable[[Content], str]
Text = Callable[[Content], str]


def _compared(
    before: Iterable[Content], after: Iterable[Content], what: str, key: Key, text: Text
) -> list[str]:
    old, new = ({key(row): row for row in rows} for rows in (before, after))
    lines = [f"新增{what}：{name}" for name in new if name not in old]
    lines += [f"取消{what}：{name}" for name in old if name not in new]
    for name, row in new.items():
        if name in old and old[name] != row:
            then, now = text(old[name]), text(row)
            how = f"，由“{then or '无'}”改为“{now or '无'}”" if then != now else ""
            lines.append(f"修改{what}：{name}{how}")
    return lines


def _first_worded(before: Iterable[Content], after: Iterable[Content]) -> dict[str, Content]:
    """Criteria, by their key, of which nothing changed but that they have a sentence now."""
    old = {_criterion_key(row): row for row in before}
    return {
        name: row
        for row in after
        if (name := _criterion_key(row)) in old
        and old[name] != row
        and [old[name]] == without_sentences([row])
    }


def _criterion_words(row: Content, facts: Mapping[str, Fact]) -> str:
    if sentence := written(_sentence, row, facts):
        return f"{KINDS[row['kind']]}，{sentence}"
    rule = written(rule_in_words, row["rule"], facts) if row.get("rule") else ""
    when = f"仅当 {written(rule_in_words, row['when'], facts)}" if row.get("when") else ""
    return "，".join(filter(None, (KINDS[row["kind"]], when, rule)))


def _award_words(row: Content, facts: Mapping[str, Fact]) -> str:
    paid = [
        f"{tranche.get('title', '')} {written(formula_in_words, tranche['amount'], facts)}".strip()
        for tranche in row.get("tranches", ())
    ]
    groups = row.get("only_highest", ())
    shared = [
        joint_cap_in_words(row.get("joint_cap")),
        f"就高不重复：{'、'.join(groups)}" if groups else "",
        claw_back_in_words(row.get("claw_back")),
    ]
    status = AwardRow.Status(row.get("status", "published")).label
    return "；".join([status, *paid, *filter(None, shared)])


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


def _criterion_key(row: Mapping[str, Any]) -> str:
    return f"{row['code']} {row['text']}"


def _award_key(row: Mapping[str, Any]) -> str:
    return f"{Level(row['level']).label}{row.get('payer', '')}"


def _name(row: Mapping[str, Any]) -> str:
    return str(row["name"])


def _title(row: Mapping[str, Any]) -> str:
    return str(row["title"])
