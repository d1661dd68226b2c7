"""An inquiry: what is asked of a firm that ticked some topics, and what is not asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.follow_ups import follow_ups_of, held_back, with_implied
from policies.rules.questions import (
    Result,
    askable,
    in_order,
    lacking,
    most,
    nearest,
    next_question,
)
from policies.rules.topics import GATES, TOPICS, Topic, denied, gates_of, ticked
from policies.rules.verdict import assess_edition


@dataclass(frozen=True)
class Inquiry:
    """`results` are the firm's programmes as judged by the `editions`, in their order.

    `topics` are those that concern it; `unclear` facts were asked and could not be answered.
    """

    editions: Sequence[Edition]
    results: Sequence[Result]
    answers: Mapping[str, Any]
    on: date
    facts: Mapping[str, Fact]
    topics: Collection[str]
    unclear: Collection[str] = ()

    @cached_property
    def asked(self) -> list[Result]:
        """The programmes that questions are asked for."""
        pairs = zip(self.editions, self.results, strict=True)
        return [result for edition, result in pairs if not self._is_put_aside(edition, result)]

    def _is_put_aside(self, edition: Edition, result: Result) -> bool:
        """Whether it waits for a tick: no ticked topic leads to it, or a “no” elsewhere closes it."""
        shut = self.shut.intersection(lacking(result))
        if not shut:
            return False
        if gates_of(self.topics).isdisjoint(edition.fact_keys):
            return True
        answers = {**self.answers, **denied(shut, self.facts)}
        return assess_edition(edition, Firm(answers, self.on))["verdict"] == "not_eligible"

    @cached_property
    def shut(self) -> set[str]:
        """The gates of the topics that were not ticked, and those that the firm cannot answer."""
        others = {topic.code for topic in TOPICS} - set(self.topics)
        return gates_of(others) | GATES.intersection(self.unclear)

    @cached_property
    def _put_aside(self) -> set[str]:
        return self.shut.union(self.unclear)

    @cached_property
    def questions(self) -> list[str]:
        """What may be asked now, best first."""
        return in_order(self.asked, self.facts, self._put_aside)

    @cached_property
    def next_question(self) -> dict[str, Any] | None:
        return next_question(self.asked, self.facts, self._put_aside, self.topics)

    def page(self, fewest: int, at_most: int) -> list[str]:
        """The next questions that can stand side by side, in the order of the facts.

        Those of the nearest programme come together; others that lack none of them add their own
        while they are fewer than `fewest`, so that no answer makes the rest of a page needless.
        Services wait until nothing with money has a question left.
        """
        found: list[str] = []
        order = nearest(self.asked, self._put_aside)
        with_money = [each for each in order if most(each["awards"])]
        for programme in [*with_money, *(() if self._can_settle(with_money) else order)]:
            if len(found) >= fewest:
                break
            if set(found).isdisjoint(lacking(programme)):
                own = set(askable(programme, self._put_aside))
                found += [key for key in self.questions if key in own][: at_most - len(found)]
        held = held_back(found)
        return [key for key in self.facts if key in found and key not in held]

    def _can_settle(self, programmes: Collection[Result]) -> bool:
        return any(askable(each, self._put_aside) for each in programmes)

    @cached_property
    def left(self) -> set[str]:
        """All that may yet be asked, follow-ups included."""
        return {key for each in self.asked for key in lacking(each)} - self._put_aside

    @cached_property
    def not_asked(self) -> list[Result]:
        """The undecided programmes that nothing is asked for until a topic is ticked."""
        asked = {each["programme"] for each in self.asked if askable(each, self._put_aside)}
        return [
            each
            for each in self.results
            if each["verdict"] == "unknown"
            and each["programme"] not in asked
            and not self.shut.isdisjoint(lacking(each))
        ]

    def waiting_for(self, topic: Topic) -> list[Result]:
        """Those of them that lack a gate of the topic, which was not ticked."""
        gates = self.shut.intersection(topic.gates)
        return [each for each in self.not_asked if not gates.isdisjoint(lacking(each))]


def inquire(
    editions: Sequence[Edition],
    answers: Mapping[str, Any],
    on: date,
    facts: Mapping[str, Fact],
    topics: Collection[str],
    unclear: Collection[str] = (),
) -> Inquiry:
    """Judge the firm and find out what to ask it; a topic that it answered to counts as ticked."""
    answers = with_implied(answers)
    firm = Firm(answers, on)
    results = [assess_edition(edition, firm) for edition in editions]
    return Inquiry(editions, results, answers, on, facts, ticked(topics, answers), unclear)


def no_longer_asked(
    changed: Collection[str],
    editions: Sequence[Edition],
    answers: Mapping[str, Any],
    on: date,
    facts: Mapping[str, Fact],
    topics: Collection[str],
    unclear: Collection[str] = (),
) -> set[str]:
    """The answers to follow-ups of what was `changed` that nobody would ask for any more.

    They are taken out and come back one after the other as the questions lead to them.
    """
    waiting = follow_ups_of(changed, answers) - set(changed)
    while waiting:
        before = {key: value for key, value in answers.items() if key not in waiting}
        inquiry = inquire(editions, before, on, facts, topics, unclear)
        wanted = waiting.intersection(inquiry.questions)
        if not wanted:
            break
        waiting -= wanted
    return waiting
