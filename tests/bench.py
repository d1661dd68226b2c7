"""Speed as ratios of one run: rules against the page, and growth with the catalogue."""

import os
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from urllib.parse import parse_qs

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


def ratio(work: Callable[[], object], other: Callable[[], object]) -> float:
    """Median time of `work` over that of `other`, run by turns so that noise meets both."""
    work()
    other()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS * 4):
        for job, spent in zip((work, other), times, strict=True):
            begin = time.perf_counter()
            job()
            spent.append(time.perf_counter() - begin)
    return statistics.median(times[0]) / statistics.median(times[1])


def _print_public_pages() -> None:
    """Each public page cold, and served again, against an empty page of the same site."""
    from django.core.cache import cache
    from django.core.wsgi import get_wsgi_application
    from django.test import RequestFactory, override_settings

    def serve(address: str, etag: str = "") -> dict[str, str]:
        path, _, query = address.partition("?")
        environ = RequestFactory().get(path, query_params=parse_qs(query)).environ
        if etag:
            environ["HTTP_IF_NONE_MATCH"] = etag
        headers: dict[str, str] = {}
        response = application(environ, lambda status, rows: headers.update(rows, status=status))
        b"".join(response)
        response.close()
        return headers

    def cold(address: str) -> None:
        cache.clear()
        serve(address)

    with override_settings(ROOT_URLCONF="tests.bench_urls"):
        application = get_wsgi_application()
        pages = {
            "list": "/programmes/",
            "search": "/programmes/?q=奖励 中小",
            "programme": "/programmes/jc-xsg/",
        }
        empty = partial(serve, "/empty/")
        for name, page in pages.items():
            made = ratio(partial(cold, page), empty)
            etag = serve(page)["ETag"]
            assert serve(page, etag)["status"].startswith("304")
            print(f"{name:9} cold / empty page           {made:.1f} x  (at most 40)")
            kept = ratio(empty, partial(serve, page))
            print(f"{name:9} cached, rate / empty page   {kept:.2f}  (at least 0.8)")
            unchanged = ratio(empty, partial(serve, page, etag))
            print(f"{name:9} validated, rate / empty     {unchanged:.2f}  (at least 0.8)")
        search = ratio(partial(cold, pages["search"]), partial(cold, pages["list"]))
        print(f"search / list, both cold             {search:.2f} x  (at most 2)")


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
        _print_public_pages()
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
