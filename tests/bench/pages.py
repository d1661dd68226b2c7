"""The public pages against an empty page of the same site, and searches against the plain list."""

import time
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs

from tests.bench.measure import ratio

SEARCHES = {
    "word": "上市",
    "question": "贷款难怎么办",
    "common word": "企业",
    "synonym": "孵化器",
    "pinyin": "zhuanjingtexin",
    "initials": "xsg",
    "slip": "专精新特",
    "county and sum": "沁水 30万",
    "nothing": "火星移民",
    "long": "市级小微企业创业创新基地奖励补贴怎么申请" * 4,
}
COPIES = 19
ROUNDS = 15


def print_public_pages() -> None:
    """Each public page cold, and served again, against an empty page of the same site."""
    from django.core.cache import caches
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
        caches["pages"].clear()
        serve(address)

    from portal.settings import CACHES

    with override_settings(ROOT_URLCONF="tests.bench.urls", CACHES=CACHES):
        application = get_wsgi_application()
        pages = {
            "home": "/?county=140521&section=C",
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
        _print_searches(cold)
        from tests.many import many_programmes

        many_programmes(COPIES)
        _print_searches(cold)


def _print_searches(cold: Callable[[str], None]) -> None:
    """Each kind of search against the list without one, both made anew; the index is there."""
    from django.db import connection

    from policies.catalogue.models import Programme

    # SQLite works within the process: its own time tells all, whatever else the machine does.
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    plain = partial(cold, "/programmes/")
    print(f"search / list of {Programme.objects.count()} programmes, both cold (at most 2):")
    for name, words in SEARCHES.items():
        taken = ratio(partial(cold, f"/programmes/?q={words}"), plain, ROUNDS, clock)
        print(f"  {name:15} {taken:.2f} x")
