"""One firm and the eight hardest programmes, against CEL, zen-engine and OpenFisca.

It runs with a Python that has these engines: `catalogue.json` in, figures out. Answers are compared
before times: verdicts and money of complete firms, which is all that these engines know.
"""

import json
import statistics
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import cel
import zen

from policies.rules.answers import contradictions
from policies.rules.derived import DERIVED
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.industry import industry_of, possible_codes
from policies.rules.judgement import judge
from policies.rules.limits import answers_to_try, limits_of
from policies.rules.money import NOTHING
from policies.rules.one_firm import known
from policies.rules.read_edition import compile_edition
from policies.rules.readings import Outcome
from tests.bench.peers.expressions import Dialect, Zen, name_of

EIGHT = (
    "jc-xsg", "jc-zjtx-city", "jc-zjtx-prov", "jc-zjtx-giant-prov", "jc-zjtx-giant-nat",
    "jc-share", "jc-proj-in", "jc-base-city",
)  # fmt: skip
ON = date(2026, 11, 20)
FIRMS, ROUNDS = 20, 9
VERDICTS = {(False, False): "not_eligible", (False, True): "not_eligible",
            (True, False): "unknown", (True, True): "eligible"}  # fmt: skip


def complete_firms(editions, facts):
    """Firms of which everything is known and nothing stays open, eligible as often as can be."""
    tried = answers_to_try(
        limits_of(*(tree for each in editions for tree in each.trees)), facts, ON
    )
    keys = list(dict.fromkeys(key for each in editions for key in each.fact_keys))
    keys += [key for key in ("enterprise.city", "industry.real_estate_kind") if key not in keys]
    random, found = Random(7), []
    while len(found) < 40 * FIRMS:
        answers = {"enterprise.county": random.choice(["140521", "140522", "140524"])}
        for key in keys:
            options = [
                value
                for value in random.sample(tried[key], min(8, len(tried[key])))
                if is_coarse(value) and not contradictions({**answers, key: value}, ON)
            ]
            if key not in answers and options:
                answers[key] = options[0]
        firm = Firm(answers, ON)
        judged = [judge(edition, firm) for edition in editions]
        if all(is_settled(each) for each in judged) and known("size.is_sme", firm) is not None:
            found.append((sum(each.verdict != "not_eligible" for each in judged), answers))
    found.sort(key=lambda row: -row[0])
    return [answers for _, answers in [*found[: FIRMS // 2], *found[-FIRMS // 2 :]]]


def is_coarse(value):
    """OpenFisca keeps numbers with seven digits."""
    return not isinstance(value, Decimal) or value == round(value, 2)


def is_settled(judgement):
    if judgement.missing or judgement.missing_for_amount:
        return False
    for level in judgement.levels.values():
        if any(each.when == "undecided" for paid in level.paid for each in paid.placed):
            return False
    entries = zip(judgement.edition.entries, judgement.readings or (), strict=False)
    return all(
        reading.outcome is not Outcome.UNKNOWN or entry.criterion.kind in ("county_sheet", "open")
        for entry, reading in entries
    )


def told(judgement):
    """Verdict and what is paid now, as the other engines are asked for it."""
    now = NOTHING
    for level in judgement.levels.values():
        now = now.plus(level.now) if level.counts else now
    return judgement.verdict, float(now.low), float(now.high or 0)


def flat(answers, editions):
    """Complete facts as plain values; derived ones are given to the others for nothing."""
    firm = Firm(answers, ON)
    keys = {key for each in editions for key in each.fact_keys} | {"enterprise.city"}
    values = {key: known(key, firm) for key in (*keys, *DERIVED)}
    [values["industry.code"], *_] = possible_codes(industry_of(firm))[0]
    return {name_of(key): plain(value) for key, value in values.items()}


def plain(value):
    if isinstance(value, date):
        return float(value.toordinal())
    if isinstance(value, frozenset):
        return sorted(value)
    if value is None:
        return ""
    is_number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    return float(value) if is_number else value


def expressions(dialect, editions):
    """Verdict and money of each programme, and each criterion."""
    decisions, criteria = [], []
    for edition in editions:
        decisions += [*dialect.verdict(edition), *dialect.money(edition)]
        criteria += [dialect.criterion(each) for each in edition.criteria if each.rule]
    return decisions, criteria


def unpacked(values):
    rows = [values[start : start + 4] for start in range(0, 4 * len(EIGHT), 4)]
    return [
        (VERDICTS[bool(strict), bool(lenient)], *((float(low), float(high)) if strict else (0, 0)))
        for strict, lenient, low, high in rows
    ]


def zen_decision(expressions_):
    rows = [
        {"id": str(place), "key": f"k{place}", "value": each}
        for place, each in enumerate(expressions_)
    ]
    nodes = [
        {"id": "i", "name": "in", "type": "inputNode"},
        {"id": "x", "name": "rules", "type": "expressionNode", "content": {"expressions": rows}},
        {"id": "o", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "e1", "sourceId": "i", "targetId": "x"},
        {"id": "e2", "sourceId": "x", "targetId": "o"},
    ]
    return zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))


def main(path):
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    facts = {row["key"]: Fact.from_data(row) for row in data["facts"]}
    contents = {row["id"]: row for row in data["editions"]}
    editions = [compile_edition(contents[name], facts) for name in EIGHT]
    firms = complete_firms(editions, facts)
    inputs = [flat(answers, editions) for answers in firms]

    decisions, criteria = expressions(Dialect(ON), editions)
    whole = cel.compile(f"[{', '.join([*decisions, *criteria])}]")
    singly = [cel.compile(each) for each in (*decisions, *criteria)]
    contexts = [cel.Context(variables=each) for each in inputs]
    zen_decisions, zen_criteria = expressions(Zen(ON), editions)
    in_zen = zen_decision([*zen_decisions, *zen_criteria])
    from tests.bench.peers.fisca import System

    fisca = System(editions, inputs, ON)

    def ours(number):
        firm = Firm(firms[number], ON)
        return [judge(edition, firm) for edition in editions]

    def of_zen(number):
        result = in_zen.evaluate(inputs[number], {"trace": True})["result"]
        return [result[f"k{place}"] for place in range(4 * len(EIGHT))]

    for number in range(len(firms)):
        expected = [told(judgement) for judgement in ours(number)]
        for name, found in (
            ("CEL", whole.execute(inputs[number])),
            ("zen-engine", of_zen(number)),
            ("OpenFisca", fisca.decisions(number)),
        ):
            assert unpacked(found) == expected, (name, number, unpacked(found), expected)
    verdicts = [judgement.verdict for number in range(len(firms)) for judgement in ours(number)]
    print(f"one firm, 8 programmes, {len(criteria)} criteria: {len(firms)} complete firms, answers "
          f"alike; {verdicts.count('eligible')} of {len(verdicts)} verdicts eligible")  # fmt: skip

    jobs = {
        "ours": ours,
        "CEL, one program": lambda number: whole.execute(inputs[number]),
        "CEL, a program a criterion": lambda number: [
            program.execute(contexts[number]) for program in singly
        ],
        "zen-engine with trace": of_zen,
        "OpenFisca with trace": fisca.traced,
    }
    goals = dict(zip(list(jobs)[1:], (3, 1.5, 10, 200), strict=True))
    times = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            few = 2 if name.startswith("OpenFisca") else len(firms)
            begin = time.process_time()
            for number in range(few):
                job(number)
            times[name].append((time.process_time() - begin) / few)
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, goal in goals.items():
        faster = medians[name] / medians["ours"]
        print(f"  {name:28} / ours   {faster:8.1f} x  (at least {goal})")


if __name__ == "__main__":
    main(sys.argv[1])
