"""What a form says as it stands: a sentence, and what comes of it for a firm beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from policies.catalogue import current as catalogue
from policies.catalogue.models import Example
from policies.editors.builder.nodes import Node, count_errors, first_error, is_blank
from policies.editors.builder.vocabulary import Vocabulary
from policies.editors.builder.writing import written
from policies.presentation.words import MARKS, OUTCOMES, money
from policies.rules.answers import AnswersError, parse_answers
from policies.rules.facts import Fact, plain
from policies.rules.firm import Firm
from policies.rules.one_firm import compute, known, read
from policies.rules.read_amount import read_amount
from policies.rules.read_edition import UNREADABLE, read_places
from policies.rules.read_rule import read_rule
from policies.rules.sentences import tests_of
from policies.rules.tree import Rule, reads, shows
from policies.rules.wording import amount_in_words, sentence
from policies.self_check.forms.typed import as_typed, read_typed
from portal.typed.days import read_day
from portal.typed.signs import UnreadError

NOTHING_YET, NOT_YET = "还没有写。", "还没有填完整：{first}"
MOST_TESTS = 60


@dataclass
class Asked:
    """A fact that the rule reads, as the firm beside it answers."""

    fact: Fact
    name: str
    values: list[str]
    error: str = ""

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        if self.fact.type == "bool":
            choices = {"": "不清楚", "true": "是", "false": "否"}
        elif self.fact.type == "enum":
            choices = {"": "不清楚", **self.fact.choices}
        elif self.fact.type == "enum_set":
            choices = {**self.fact.choices, "__none__": "都没有"}
        else:
            choices = {}
        return [(code, words, code in (self.values or [""])) for code, words in choices.items()]

    @property
    def unit(self) -> str:
        return "%" if self.fact.type == "ratio" else self.fact.unit or ""


@dataclass
class Line:
    mark: str
    outcome: str
    words: str
    answer: str = ""


@dataclass
class Told:
    """`sentence` is empty while the form is not finished; then `lacking` says why."""

    sentence: str = ""
    lacking: str = ""
    can_try: bool = False
    is_trying: bool = False
    examples: list[tuple[str, str, bool]] = field(default_factory=list)
    example: str = ""
    day: str = ""
    asked: list[Asked] = field(default_factory=list)
    day_error: str = ""
    outcome: str = ""
    mark: str = ""
    why: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    more: int = 0


def told_of(
    family: str,
    root: Node | None,
    pasted: str,
    vocabulary: Vocabulary,
    tried: dict[str, list[str]],
    prefix: str,
    edition: int | None = None,
) -> Told:
    """What a form says. `tried` are the answers of the firm beside it, by the name of their box; another
    example of the `edition` fills them in."""
    can_try = family in _TREES
    told = Told(can_try=can_try, is_trying=can_try and f"{prefix}.try" in tried)
    if told.is_trying:
        _take_example(told, tried, prefix, vocabulary.facts, edition)
    told.day = (tried.get(f"{prefix}.try-day") or [timezone.localdate().isoformat()])[0]
    if pasted.strip():
        told.lacking = "下面的 JSON 框里有内容，会代替上面的表单。"
        return told
    if root is None:
        told.lacking = NOTHING_YET
        return told
    data = written(root, vocabulary)
    if is_blank(root):
        told.lacking = NOTHING_YET
        return told
    if count_errors(root):
        told.lacking = NOT_YET.format(first=first_error(root))
        return told
    facts = vocabulary.facts
    try:
        told.sentence = _WORDS[family](data, facts)
        tree = _TREES[family](data, facts, "") if told.can_try else None
    except UNREADABLE as error:
        told.lacking = NOT_YET.format(first=str(error))
        return told
    if told.is_trying and tree is not None:
        _try(told, tree, facts, tried, prefix)
    return told


# --- in a sentence ----------------------------------------------------------------------


def _rule(data: Any, facts: Mapping[str, Fact]) -> str:
    return sentence(read_rule(data, facts, "规则"), facts)


def _amount(data: Any, facts: Mapping[str, Fact]) -> str:
    return amount_in_words(read_amount(data, facts, "金额"), facts)


def unsplit_in_words(data: Any, facts: Mapping[str, Fact]) -> str:
    amount, when = f"{_plain(data['amount'])} 万元", data.get("whole_when")
    return f"{amount}，前提：{_rule(when, facts)}" if when else amount


def undecided_in_words(data: Any, facts: Mapping[str, Fact]) -> str:
    return "；".join(f"{_rule(row['when'], facts)}：{row['reason']}" for row in data)


def joint_cap_in_words(data: Any, facts: Mapping[str, Fact]) -> str:
    return f"“{data['group']}”的各项合计最高 {_plain(data['most'])} 万元"


def claw_back_in_words(data: Any, facts: Mapping[str, Fact]) -> str:
    years = f"{_plain(data['years'])} 年内" if data.get("years") else ""
    share = data.get("share")
    taken = (
        "收回" if share is None else "全部收回" if share == 1 else f"收回 {_plain(share * 100)}%"
    )
    return f"{years}{data['when']}的，{taken}"


def places_in_words(data: Any, facts: Mapping[str, Fact]) -> str:
    places = read_places(data)
    return places.in_words if places else ""


def _plain(number: Any) -> str:
    return plain(Decimal(str(number)).normalize())


_WORDS: dict[str, Any] = {
    "rule": _rule,
    "amount": _amount,
    "unsplit": unsplit_in_words,
    "undecided": undecided_in_words,
    "joint_cap": joint_cap_in_words,
    "claw_back": claw_back_in_words,
    "places": places_in_words,
}
_TREES: dict[str, Any] = {"rule": read_rule, "amount": read_amount}


# --- tried on a firm --------------------------------------------------------------------


def _take_example(
    told: Told,
    tried: dict[str, list[str]],
    prefix: str,
    facts: Mapping[str, Fact],
    edition: int | None,
) -> None:
    """The examples to choose from; where another one was chosen, its firm answers."""
    if not edition:
        return
    rows = list(Example.objects.filter(edition=edition))
    own = (tried.get(f"{prefix}.try-example") or [""])[0]
    was = (tried.get(f"{prefix}.try-example-was") or [""])[0]
    told.examples = [(str(row.pk), row.title, str(row.pk) == own) for row in rows]
    told.example = own
    chosen = next((row for row in rows if str(row.pk) == own), None)
    if chosen is None or own == was:
        return
    for name in list(tried):
        if name.startswith(f"{prefix}.try-") and "example" not in name:
            del tried[name]
    tried[f"{prefix}.try-day"] = [chosen.on.isoformat()]
    for key, raw in chosen.firm.items():
        try:
            [value] = parse_answers({key: raw}, facts, chosen.on).values()
        except AnswersError:
            continue  # its question is another one by now: the box stays empty
        typed = as_typed(facts[key], value)
        texts = typed if isinstance(typed, list) else [typed]
        tried[f"{prefix}.try-{key}"] = [str(text) for text in texts]


def _try(
    told: Told, tree: Any, facts: Mapping[str, Fact], tried: Mapping[str, list[str]], prefix: str
) -> None:
    answers: dict[str, Any] = {}
    today = timezone.localdate()
    try:
        on = read_day(told.day) if told.day.strip() else today
    except UnreadError as error:
        told.day_error, on = f"{error}。", today
    for key in reads(tree):
        fact = facts.get(key)
        if fact is None:
            continue
        name = f"{prefix}.try-{key}"
        asked = Asked(fact, name, tried.get(name, []))
        told.asked.append(asked)
        _answer(asked, answers, facts, on)
    firm = Firm(answers, on)
    if isinstance(tree, Rule):
        _judge(told, tree, firm, facts)
    else:
        _pay(told, tree, firm, facts)


def _answer(asked: Asked, answers: dict[str, Any], facts: Mapping[str, Fact], on: date) -> None:
    fact = asked.fact
    given: Any = asked.values if fact.type == "enum_set" else asked.value
    try:
        value = read_typed(fact, given).value
        if value is not None:
            answers |= parse_answers({fact.key: value}, facts, on)
    except UnreadError as error:
        asked.error = f"{error}。"
    except AnswersError as error:
        asked.error = f"{error.problems[0].expected}。"


def _judge(told: Told, rule: Rule, firm: Firm, facts: Mapping[str, Fact]) -> None:
    reading = read(rule, firm)
    told.outcome, told.mark = OUTCOMES[reading.outcome], MARKS.get(reading.outcome, "")
    told.why = _why(reading.missing, reading.reasons, facts)
    tests = list(tests_of(rule))
    told.more = max(0, len(tests) - MOST_TESTS)
    for test in tests[:MOST_TESTS]:
        own = read(test.told, firm)
        shown = "；".join(_shown(key, firm, facts) for key in shows(test.told) if key in facts)
        told.lines.append(
            Line(
                MARKS.get(own.outcome, ""), OUTCOMES[own.outcome], sentence(test.told, facts), shown
            )
        )


def _shown(key: str, firm: Firm, facts: Mapping[str, Fact]) -> str:
    return f"{facts[key].label}：{facts[key].show(known(key, firm))}"


def _pay(told: Told, amount: Any, firm: Firm, facts: Mapping[str, Fact]) -> None:
    paid = compute(amount, firm)
    told.outcome = money((paid.low, paid.high)) if paid.is_known else money(None)
    told.why = _why(paid.missing, (), facts)


def _why(missing: Any, reasons: Any, facts: Mapping[str, Fact]) -> list[str]:
    labels = "、".join(facts[key].label if key in facts else key for key in missing)
    lines = [f"还不知道：{labels}"] if labels else []
    return lines + [f"待定：{conflicts().get(reason, reason)}" for reason in reasons]


def conflicts() -> Mapping[str, str]:
    """What the codes of notes stand for."""
    return catalogue.Catalogue().vocabulary.conflicts
