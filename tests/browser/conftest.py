"""The real catalogue behind a live server, and pages that remember what the console said."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from portal.jobs.work import do_one, worker_name
from portal.pulses import WORKER, beat
from tests.policies.packs import load_catalogue


@pytest.fixture
def site(transactional_db, live_server):
    load_catalogue()
    return live_server.url


@pytest.fixture
def wide(page, request):
    """A page as wide as the parameter says: of several widths the first, and looked at in all."""
    widths = request.param if isinstance(request.param, list) else [request.param]
    page.set_viewport_size({"width": widths[0], "height": 900})
    page.other_widths = widths[1:]
    page.problems = []
    page.on(
        "console",
        lambda m: page.problems.append(f"{m.text} {m.location}") if m.type == "error" else None,
    )
    return page


@pytest.fixture
def worker(site, files_root):
    """What `manage.py worker` does, beside the test; stopped before the database is emptied."""
    stopped, name = threading.Event(), worker_name()

    def work():
        while not stopped.wait(0.1):
            beat(WORKER, timezone.now())
            do_one(name, timezone.now)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()
