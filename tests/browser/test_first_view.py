"""What a first visit costs, with nothing kept from before: little to fetch, and nothing moves."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.factories import SelfCheckFactory
from tests.policies.packs import facts, read_data

pytestmark = pytest.mark.browser
KILOBYTES = 100
# What moved while the page was drawn, as the browser sums it up.
WATCH = """
window.moved = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
# Two frames after the last: whatever moves does so before.
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def in_service(settings, tmp_path):
    """A visitor of the site as it is served: its files compressed once and for all."""
    settings.STATIC_ROOT = tmp_path / "static"
    compressing = {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": compressing}
    unused = ["admin", "js", "ext", "*.map", "bootstrap-*", "bootstrap.css", "*.rtl.*"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=unused)
    return Client(headers={"accept-encoding": "gzip, br"})


def result():
    """Of the invented firm that has answered most."""
    firm = max(read_data("firms.yaml").values(), key=lambda firm: len(firm["answers"]))
    answers = {
        key: value / 100 if facts()[key].type == "ratio" else value
        for key, value in firm["answers"].items()
    }
    check = SelfCheckFactory(answers=answers, on=date(2026, 11, 20), topics=firm["topics"])
    return reverse("self_check:result", args=[check.token])


@pytest.mark.night
@pytest.mark.django_db(transaction=True)
def test_a_first_view_is_small_and_nothing_moves(browser, site, in_service):
    for address in ("/", "/?county=140521&section=C", "/programmes/jc-xsg/", result()):
        for width in (390, 1440):
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.add_init_script(WATCH)
            page, asked = context.new_page(), []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(site + address)
            page.evaluate(SETTLED)
            moved = page.evaluate("window.moved")
            context.close()
            sizes = {url: size_of(in_service, url) for url in asked if url.startswith(site)}
            assert moved == 0, (address, width)
            assert len(sizes) >= 4  # the page, two style sheets, a script
            assert sum(sizes.values()) <= KILOBYTES * 1024, (address, sizes)


def size_of(visitor, url):
    parts = urlsplit(url)
    response = visitor.get(f"{parts.path}?{parts.query}")
    assert response.status_code == 200, url
    return len(response.getvalue())
