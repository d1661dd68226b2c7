"""The public pages against an empty page of the same site."""

from functools import partial
from urllib.parse import parse_qs

from tests.bench.measure import ratio


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
        search = ratio(partial(cold, pages["search"]), partial(cold, pages["list"]))
        print(f"search / list, both cold             {search:.2f} x  (at most 2)")
