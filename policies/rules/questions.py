"""Questions: which unanswered facts still matter, and which to ask first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.follow_ups import held_back
from policies.rules.judgement import Judgement, judge
from policies.rules.topics import GATES, gates_of


def open_facts(
    editions: Iterable[Edition], answers: Mapping[str, Any], on: date, facts: Mapping[str, Fact]
) -> list[str]:
    """Asked facts that can still change a verdict or an amount, in the order of `facts`."""
    firm = Firm(answers, on)
    wanted: set[str] = set()
    for edition in editions:
        wanted.update(judge(edition, firm).lacking)
    return [key for key in facts if key in wanted]


def next_question(
    judgements: Iterable[Judgement],
    facts: Mapping[str, Fact],
    put_aside: Collection[str] = (),
    topics: Collection[str] = (),
) -> dict[str, Any] | None:
    """The question that is likeliest to settle money next: {fact, reason, settles: [0, 万元]}.

    What turns on a topic that is not among `topics` waits until nothing else is left.
    """
    lacking_any = [each for each in judgements if each.lacking]
    strange = GATES - gates_of(topics)
    known = [each for each in lacking_any if strange.isdisjoint(each.lacking)]
    keys = in_order(known, facts, put_aside) or in_order(lacking_any, facts, put_aside)
    if not keys:
        return None
    concerned = [each for each in lacking_any if keys[0] in each.lacking]
    others = f"等 {len(concerned)} 项" if len(concerned) > 1 else ""
    return {
        "fact": keys[0],
        "reason": f"回答后可进一步判断“{nearest(concerned, put_aside)[0].edition.name}”{others}",
        "settles": [Decimal(0), sum((each.most for each in concerned), Decimal(0))],
    }


def in_order(
    judgements: Collection[Judgement], facts: Mapping[str, Fact], put_aside: Collection[str] = ()
) -> list[str]:
    """What may be asked now, best first: that of the nearest programme, then of the next.

    Of a programme's facts, those come first that decide about most money elsewhere too.
    """
    weight: defaultdict[str, Decimal] = defaultdict(Decimal)
    for judgement in judgements:
        lacks = judgement.lacking
        share = (judgement.most + Decimal("0.01")) / max(len(lacks), 1)
        for key in lacks:
            weight[key] += share
    place = {key: position for position, key in enumerate(facts)}
    order: dict[str, None] = {}
    for judgement in nearest(judgements, put_aside):
        keys = askable(judgement, put_aside)
        order |= dict.fromkeys(
            sorted(keys, key=lambda key: (-weight[key], place.get(key, len(place))))
        )
    return list(order)


def nearest(judgements: Iterable[Judgement], put_aside: Collection[str]) -> list[Judgement]:
    """Those with money first; of them what nothing unanswerable holds up, then what lacks least,
    then what pays most."""
    cannot = set(put_aside)

    def distance(judgement: Judgement) -> tuple[bool, bool, int, Decimal]:
        lacks, money = set(judgement.lacking), judgement.most
        return not money, not lacks.isdisjoint(cannot), len(lacks - cannot), -money

    return sorted((each for each in judgements if each.lacking), key=distance)


def askable(judgement: Judgement, put_aside: Collection[str] = ()) -> list[str]:
    """What the programme asks at once: neither follow-ups before their gate nor what is put aside.

    Where it turns on a topic, whether that concerns the firm comes before all else.
    """
    lacks = judgement.lacking
    held = held_back(lacks)
    keys = [key for key in lacks if key not in held and key not in put_aside]
    return [key for key in keys if key in GATES] or keys
