"""The real catalogue behind a live server, and pages that remember what the console said."""

import pytest

from policies.packs import load_packs
from tests.policies.packs import FIXTURES


@pytest.fixture
def site(transactional_db, live_server):
    load_packs(FIXTURES)
    return live_server.url


@pytest.fixture
def wide(page, request):
    page.set_viewport_size({"width": request.param, "height": 900})
    page.problems = []
    page.on(
        "console",
        lambda m: page.problems.append(f"{m.text} {m.location}") if m.type == "error" else None,
    )
    return page
