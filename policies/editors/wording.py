"""Rules and amounts in plain words, for pages of the admin."""

from collections.abc import Callable, Mapping
from typing import Any

from policies.catalogue.models import Criterion
from policies.rules.facts import Fact
from policies.rules.read_edition import UNREADABLE, read_criterion
from policies.rules.wording import rule_in_words

Facts = Mapping[str, Fact]


def in_words(value: Any, facts: Facts, word: Callable[..., str] = rule_in_words) -> str:
    """The rule or amount in a sentence, or what is wrong with it."""
    if value is None:
        return "—"
    try:
        return word(value, facts)
    except UNREADABLE as error:
        return f"写法有误：{error}"


def sentence_in_words(criterion: Criterion, facts: Facts) -> str:
    """What people wrote of a condition with its limits filled in, or what is wrong with it."""
    row = {name: getattr(criterion, name) for name in ("code", "kind", "sentence", "rule", "when")}
    try:
        return read_criterion(row, facts, criterion.code).in_a_sentence
    except UNREADABLE as error:
        return f"写法有误：{error}"
