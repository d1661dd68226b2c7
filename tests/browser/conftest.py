"""The real catalogue behind a live server, and pages that remember what the console said."""

import pytest

from tests.policies.packs import load_catalogue


@pytest.fixture
def site(transactional_db, live_server):
    load_catalogue()
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
