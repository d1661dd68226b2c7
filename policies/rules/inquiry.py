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
from policies.rules.judgement import NOT_ELIGIBLE, UNDECIDED, Judgement, judge
from policies.rules.questions import askable, in_order, nearest, next_question
from policies.rules.topics import GATES, TOPICS, Topic, denied, gates_of, ticked


@dataclass(frozen=True)
class Inquiry:
    """`judgements` are those of the firm's programmes.

    `topics` are those that concern it; `unclear` facts were asked and could not be answered.
    """

    judgements: Sequence[Judgement]
    answers: Mapping[str, Any]
    on: date
    facts: Mapping[str, Fact]
    topics: Collection[str]
    unclear: Collection[str] = ()

    @cached_property
    def asked(self) -> list[Judgement]:
        """The programmes that questions are asked for."""
        return [each for each in self.judgements if not self._is_put_aside(each)]

    def _is_put_aside(self, judgement: Judgement) -> bool:
        """Whether it waits for a tick: no ticked topic leads to it, or a “no” elsewhere closes it."""
        shut = self.shut.intersection(judgement.lacking)
        if not shut:
            return False
        if gates_of(self.topics).isdisjoint(judgement.edition.fact_keys):
            return True
        answers = {**self.answers, **denied(shut, self.facts)}
        return judge(judgement.edition, Firm(answers, self.on)).verdict == NOT_ELIGIBLE

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
        with_money = [each for each in order if each.most]
        for programme in [*with_money, *(() if self._can_settle(with_money) else order)]:
            if len(found) >= fewest:
                break
            if set(found).isdisjoint(programme.lacking):
                own = set(askable(programme, self._put_aside))
                found += [key for key in self.questions if key in own][: at_most - len(found)]
        held = held_back(found)
        return [key for key in self.facts if key in found and key not in held]

    def _can_settle(self, programmes: Collection[Judgement]) -> bool:
        return any(askable(each, self._put_aside) for each in programmes)

    @cached_property
    def left(self) -> set[str]:
        """All that may yet be asked, follow-ups included; not those of a gate that is put aside."""
        found: set[str] = set()
        for each in self.asked:
            aside = self._put_aside.intersection(each.lacking)
            found.update(set(each.lacking) - aside - follow_ups_of(aside, each.lacking))
        return found

    @cached_property
    def not_asked(self) -> list[Judgement]:
        """The undecided programmes that nothing is asked for until a topic is ticked."""
        asked = [each for each in self.asked if askable(each, self._put_aside)]
        names = {each.edition.programme for each in asked}
        return [
            each
            for each in self.judgements
            if each.verdict == UNDECIDED
            and each.edition.programme not in names
            and not self.shut.isdisjoint(each.lacking)
        ]

    def waiting_for(self, topic: Topic) -> list[Judgement]:
        """Those of them that lack a gate of the topic, which was not ticked."""
        gates = self.shut.intersection(topic.gates)
        return [each for each in self.not_asked if not gates.isdisjoint(each.lacking)]


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
    judgements = [judge(edition, firm) for edition in editions]
    return Inquiry(judgements, answers, on, facts, ticked(topics, answers), unclear)


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
