"""Speed as ratios of one run: rules beside other engines, pages, lists of 100,000 rows; memory."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import django

from tests.bench.impact import print_impact
from tests.bench.lists import print_lists
from tests.bench.pages import print_public_pages
from tests.bench.rules import print_rules

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
    # Not a line for each of the requests that are measured.
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    from django.conf import settings
    from django.db import connection
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
        from tests.policies.packs import FIXTURES

        load_packs(FIXTURES, timezone.now())
        print_rules(FIRM)
        print_public_pages()
        print_lists()
        print_impact()
    finally:
        runner.teardown_databases(databases)
        folder.cleanup()


if __name__ == "__main__":
    main()
