"""A run over many stored profiles against reading their rows alone, as CPU of one process."""

import time
from typing import Any

FIRMS = 20_000
ROUNDS = 3
AIM = 3


def print_impact(count: int = FIRMS) -> None:
    from django.utils import timezone

    from applications.enterprises.services.many_profiles import ProfileReader
    from applications.impact.models import Affected, CountyTally, Run
    from applications.impact.services.judging import facts_of
    from applications.impact.services.plans import Plan, compiled
    from policies.catalogue.current import facts
    from portal.jobs.work import work_off
    from tests.applications.impact.world import (
        asked,
        draft_of,
        editor,
        firms_with_profiles,
        keys_of,
    )

    firms_with_profiles(count, keys_of("jc-xsg"), unknown=0.1)
    user, draft = editor(), draft_of("jc-xsg", **{"awards/0/tranches/0/amount": 20})

    def read() -> Any:
        run = Run(on=timezone.localdate(), plans=[])
        plans = compiled([Plan("", data) for data in (content,)], facts())
        reader, after, rows = ProfileReader(facts(), facts_of(plans), run.on), 0, 0
        while ends := reader.firms(after):
            after = max(ends)
            rows += sum(1 for _ in reader.rows(min(ends) - 1, after))
        return rows

    def whole() -> Any:
        asked(draft, user)
        work_off(timezone.now)

    content = asked(draft, user).plans[1]["data"]
    work_off(timezone.now)
    rows = read()
    spent: dict[Any, list[float]] = {read: [], whole: []}
    for _ in range(ROUNDS):
        for job, own in spent.items():
            begin = time.process_time()
            job()
            own.append(time.process_time() - begin)
    alone, all_of_it = (sorted(own)[ROUNDS // 2] for own in spent.values())
    affected = Affected.objects.filter(run=Run.objects.first()).count()
    assert CountyTally.objects.exists()
    print(f"impact of a draft on {count:,} profiles, {rows:,} rows, {affected:,} firms changed:")
    print(f"rows alone                           {alone:.2f} s of CPU")
    print(f"whole run / rows alone               {all_of_it / alone:.2f}  (aim: at most {AIM})")
