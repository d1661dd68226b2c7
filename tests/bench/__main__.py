"""Speed as ratios of one run: rules, pages, and lists of 100,000 rows; memory of lists."""

import os
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import django

from tests.bench.lists import print_lists
from tests.bench.measure import median
from tests.bench.pages import print_public_pages

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


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ.setdefault("ANONYMOUS_POST_RATE", "10000/m")
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import get_runner
    from django.utils import timezone

    runner = get_runner(settings)(verbosity=0, interactive=False)
    folder = TemporaryDirectory()
    # On the disk, where the process that measures memory finds it too.
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(folder.name) / "bench.sqlite3")
    databases = runner.setup_databases()
    try:
        from policies.catalogue.packs.loader import load_packs
        from policies.rules.answers import parse_answers
        from policies.rules.assessment import assess
        from policies.self_check.models import SelfCheck
        from tests.policies.packs import FIXTURES, editions, facts

        load_packs(FIXTURES, timezone.now())
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
        print_public_pages()
        print_lists()
    finally:
        runner.teardown_databases(databases)
        folder.cleanup()


if __name__ == "__main__":
    main()
