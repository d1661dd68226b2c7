"""Questions: which unanswered facts still matter, and which to ask first."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.follow_ups import held_back
from policies.rules.topics import GATES, gates_of
from policies.rules.verdict import assess_edition

# One programme's entry of the answer document.
Result = Mapping[str, Any]


def open_facts(
    editions: Iterable[Edition], answers: Mapping[str, Any], on: date, facts: Mapping[str, Fact]
) -> list[str]:
    """Asked facts that can still change a verdict or an amount, in the order of `facts`."""
    firm = Firm(answers, on)
    wanted: set[str] = set()
    for edition in editions:
        wanted.update(lacking(assess_edition(edition, firm)))
    return [key for key in facts if key in wanted]


def lacking(programme: Result) -> list[str]:
    """What a programme lacks for its verdict, then what for its money."""
    return [*programme["missing"], *programme["missing_for_amount"]]


def next_question(
    programmes: Iterable[Result],
    facts: Mapping[str, Fact],
    put_aside: Collection[str] = (),
    topics: Collection[str] = (),
) -> dict[str, Any] | None:
    """The question that is likeliest to settle money next: {fact, reason, settles: [0, 万元]}.

    What turns on a topic that is not among `topics` waits until nothing else is left.
    """
    lacking_any = [each for each in programmes if lacking(each)]
    strange = GATES - gates_of(topics)
    known = [each for each in lacking_any if strange.isdisjoint(lacking(each))]
    keys = in_order(known, facts, put_aside) or in_order(lacking_any, facts, put_aside)
    if not keys:
        return None
    concerned = [each for each in lacking_any if keys[0] in lacking(each)]
    others = f"等 {len(concerned)} 项" if len(concerned) > 1 else ""
    return {
        "fact": keys[0],
        "reason": f"回答后可进一步判断“{nearest(concerned, put_aside)[0]['name']}”{others}",
        "settles": [Decimal(0), sum((most(each["awards"]) for each in concerned), Decimal(0))],
    }


def in_order(
    programmes: Collection[Result], facts: Mapping[str, Fact], put_aside: Collection[str] = ()
) -> list[str]:
    """What may be asked now, best first: that of the nearest programme, then of the next.

    Of a programme's facts, those come first that decide about most money elsewhere too.
    """
    weight: dict[str, Decimal] = {}
    for programme in programmes:
        lacks = lacking(programme)
        for key in lacks:
            share = (most(programme["awards"]) + Decimal("0.01")) / len(lacks)
            weight[key] = weight.get(key, Decimal(0)) + share
    place = {key: position for position, key in enumerate(facts)}
    order: dict[str, None] = {}
    for programme in nearest(programmes, put_aside):
        keys = askable(programme, put_aside)
        order |= dict.fromkeys(
            sorted(keys, key=lambda key: (-weight[key], place.get(key, len(place))))
        )
    return list(order)


def nearest(programmes: Iterable[Result], put_aside: Collection[str]) -> list[Result]:
    """Those with money first; of them what nothing unanswerable holds up, then what lacks least,
    then what pays most."""
    cannot = set(put_aside)

    def distance(programme: Result) -> tuple[bool, bool, int, Decimal]:
        lacks, money = set(lacking(programme)), most(programme["awards"])
        return not money, not lacks.isdisjoint(cannot), len(lacks - cannot), -money

    return sorted((each for each in programmes if lacking(each)), key=distance)


def askable(programme: Result, put_aside: Collection[str] = ()) -> list[str]:
    """What the programme asks at once: neither follow-ups before their gate nor what is put aside.

    Where it turns on a topic, whether that concerns the firm comes before all else.
    """
    lacks = lacking(programme)
    held = held_back(lacks)
    keys = [key for key in lacks if key not in held and key not in put_aside]
    return [key for key in keys if key in GATES] or keys


def most(awards: Mapping[str, Mapping[str, Any]]) -> Decimal:
    """The most that published levels pay; an open maximum counts with its minimum."""
    total = Decimal(0)
    for fields in awards.values():
        if fields["status"] == "published":
            low, high = fields["total"]
            total += low if high is None else high
    return total
