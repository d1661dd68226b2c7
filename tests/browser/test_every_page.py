"""Every page there is, in Chromium: whatever the table of who may open what names is opened, and looked at."""

import pytest
from django.db import transaction
from django.urls import reverse

from tests.access.table import ROWS, Row
from tests.access.world import FILE, OWN, World, build_world
from tests.browser.walk import AXE, CONTRAST, axe_findings, enter

pytestmark = [pytest.mark.browser, pytest.mark.night]
# Who opens a page: the first of these who may.
READERS = ("superuser", "owner", "claimant", "reviewer", "expert", "nobody")
# A desk, and one zoomed to 200 %.
WIDTHS = (1440, 720)


@pytest.fixture
def world(site, files_root) -> World:
    with transaction.atomic():
        built = build_world()
    for name in ("file", "library file"):
        for stored in built.rows[name].values():
            stored.path.parent.mkdir(parents=True, exist_ok=True)
            stored.path.write_bytes(FILE)
    return built


def reader_of(row: Row) -> str | None:
    return next((persona for persona in READERS if persona in row.get), None)


def address_of(row: Row, world: World) -> str:
    reach = row.reach or row.changes or {}
    tag = next(iter(sorted(reach.get(reader_of(row), [OWN]))))
    path = row.path or reverse(row.key, args=row.args(world, tag))
    query = row.query(world, tag)
    return f"{path}?{query}" if query else path


def is_page(response) -> bool:
    """No file, nor a part that goes into a page."""
    return response.ok and response.body()[:200].lstrip().lower().startswith(b"<!doctype html")


def problems_of(page) -> list[str]:
    found = axe_findings(page, AXE)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate("document.getAnimations().forEach(each => each.finish())")
    found += [f"dark: {each}" for each in axe_findings(page, CONTRAST)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{wide} px wide at {width}")
    return found


@pytest.mark.parametrize("wide", [1440], indirect=True)
def test_no_page_has_what_axe_finds(wide, site, world):
    opened, wrong = 0, {}
    for persona in READERS:
        wide.context.clear_cookies()
        if persona in world.users:
            enter(wide, site, world.users[persona])
        for row in ROWS:
            if reader_of(row) != persona:
                continue
            address = address_of(row, world)
            if not is_page(wide.request.get(site + address)):
                continue
            wide.goto(site + address)
            opened += 1
            if found := problems_of(wide):
                wrong[f"{persona} {address}"] = found
    assert not wrong, "\n".join(f"{address}: {found}" for address, found in wrong.items())
    assert opened > 150
