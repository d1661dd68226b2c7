"""What the pages of questions say beside them: topics, what is settled, what was set aside."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from policies.presentation.programme import judged_amount
from policies.presentation.words import VERDICTS
from policies.rules.awards import LevelPaid
from policies.rules.facts import Fact, plain
from policies.rules.inquiry import Inquiry
from policies.rules.judgement import ELIGIBLE, Judgement
from policies.rules.topics import TOPICS, Topic
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import understood


def count_and_money(judgements: Collection[Judgement]) -> str:
    """How many programmes there are, and the most that published levels pay for them together."""
    tops = [_tops(each) for each in judgements]
    money = sum((top for each in tops for top in each if top), Decimal(0))
    vague = sum(None in each for each in tops)
    words = [
        f"{len(judgements)} 项",
        f"最多 {plain(money)} 万元" if money else "",
        f"{'另' if money else '其中'}有 {vague} 项金额不定" if vague else "",
    ]
    return "，".join(filter(None, words))


def _tops(judgement: Judgement) -> list[Decimal | None]:
    """The most that each level pays; of levels that share a cap, all of them together."""
    tops = [_top(level) for level in judgement.levels.values()]
    if judgement.edition.shared_caps and None not in tops:
        return [judgement.payable.high]
    return tops


def _top(level: LevelPaid) -> Decimal | None:
    """The most that a level pays by what is published; None where that is open or to be computed."""
    if level.status == "unknown":
        return None
    return level.total.high if level.counts else Decimal(0)


def offered_topics(inquiry: Inquiry) -> list[tuple[str, str]]:
    """The topics that can matter to the firm by what it has said, with what hangs on each."""
    unticked = replace(inquiry, topics=(), unclear=())
    offered = []
    for topic in TOPICS:
        programmes = unticked.waiting_for(topic)
        if programmes:
            offered.append((topic.code, f"{topic.label}（{count_and_money(programmes)}）"))
        elif topic.code in inquiry.topics:
            offered.append((topic.code, topic.label))
    return offered


@dataclass(frozen=True)
class NotAsked:
    """What was put aside for want of a tick: a row for each topic that would go on with it.

    `counts_once` where a programme stands in several rows, and the whole is less than their sum.
    """

    whole: str
    rows: list[tuple[Topic, str]]
    counts_once: bool


def not_asked(inquiry: Inquiry) -> NotAsked | None:
    if not inquiry.not_asked:
        return None
    waiting = {topic: found for topic in TOPICS if (found := inquiry.waiting_for(topic))}
    return NotAsked(
        count_and_money(inquiry.not_asked),
        [(topic, count_and_money(found)) for topic, found in waiting.items()],
        counts_once=sum(map(len, waiting.values())) > len(inquiry.not_asked),
    )


def settled_in_words(judgements: Collection[Judgement]) -> list[dict[str, str]]:
    """Those with a verdict; what the firm may claim comes first, the most money above."""

    def rank(judgement: Judgement) -> tuple[bool, Decimal]:
        return judgement.verdict != ELIGIBLE, -judgement.most

    return [
        {
            "name": each.edition.name,
            "verdict": each.verdict,
            "text": "，".join(filter(None, [VERDICTS[each.verdict], judged_amount(each)])),
        }
        for each in sorted(judgements, key=rank)
    ]


def dropped_answers(check: SelfCheck, facts: Mapping[str, Fact]) -> dict[str, Any] | None:
    """What the last change set aside and nobody answered since, and what was changed for it."""
    gone = [key for key in check.dropped if key not in check.answers and key not in check.unclear]
    if not gone:
        return None
    changed = [key for key in check.dropped if key not in gone]
    known = understood({key: check.dropped[key] for key in gone}, facts, check.on)
    return {
        "changed": [facts[key].label for key in changed if key in facts],
        "gone": [(facts[key].label, facts[key].show(value)) for key, value in known.items()],
    }
