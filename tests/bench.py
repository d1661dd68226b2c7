"""Speed as ratios of one run: rules against the page, and growth with the catalogue."""

import os
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta

import django

REPEATS = 15
FIRM = {
    "enterprise.county": "140521",
    "enterprise.subject_type": "company",
    "enterprise.ownership": "private",
    "industry.section": "C",
    "industry.division": "35",
    "enterprise.employees": 85,
    "revenue.main_business.y0": 2000,
    "revenue.operating.y1": 1900,
    "stat.direct_reporting": True,
    "stat.first_time_above_scale": True,
    "stat.entry_path": "below_scale",
    "stat.first_upgrade_year": 2026,
}


def median(work: Callable[[], object]) -> float:
    """Median seconds of REPEATS runs after one to warm up."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ.setdefault("ANONYMOUS_POST_RATE", "10000/m")
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.test.utils import get_runner
    from django.utils import timezone

    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        from policies.models import SelfCheck
        from policies.packs import load_packs
        from policies.rules.answers import parse_answers
        from policies.rules.assessment import assess
        from tests.policies.packs import FIXTURES, editions, facts

        load_packs(FIXTURES)
        on = date(2026, 11, 20)
        check = SelfCheck.objects.create(
            answers=FIRM, on=on, expires_at=timezone.now() + timedelta(days=1)
        )
        answers = parse_answers(FIRM, facts(), on)
        rules = median(lambda: assess(editions(), answers, on, facts()))
        page = median(lambda: Client().get(f"/result/{check.token}/"))
        print(f"programmes                           {len(editions())}")
        print(f"assessment / whole result request    {rules / page:.2f}  (aim: at most 0.20)")
        print(f"explained assessments a second       {1 / rules:.0f}")
        for times in (2, 4):
            more = median(lambda n=times: assess(editions() * n, answers, on, facts()))
            print(f"time with {times} x the programmes          {more / rules:.2f} x")
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
