"""The whole answer document of one firm as JSON, as CPU seconds: `catalogue.json` in, a number out.

A process of its own, so that an earlier state of the rules can be measured beside today's: it names
only what both have.
"""

import json
import statistics
import sys
import time
from datetime import date
from pathlib import Path

ON = date(2026, 11, 20)
ROUNDS = 40


def main(root: str, path: str) -> None:
    sys.path.insert(0, root)
    from policies.rules.answers import parse_answers
    from policies.rules.assessment import assess, to_json
    from policies.rules.facts import Fact

    try:
        from policies.rules.read_edition import compile_edition
    except ImportError:  # where it stood before
        from policies.rules.edition import compile_edition

    data = json.loads(Path(path).read_text(encoding="utf-8"))
    facts = {row["key"]: Fact.from_data(row) for row in data["facts"]}
    editions = [compile_edition(row, facts) for row in data["editions"] if row["screened"]]
    answers = parse_answers(data["firm"], facts, ON)
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        to_json(assess(editions, answers, ON, facts))
        times.append(time.process_time() - begin)
    print(statistics.median(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
