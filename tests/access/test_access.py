"""Every page, post and list action against the table of who may: see table.py."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver, reverse

from tests.access.table import (
    ACTIONS,
    HELD,
    MAY_READ,
    OF_EXPERT,
    OF_FIRM,
    OF_PLACE,
    PERSONAS,
    ROWS,
    STAFF,
    ActionRow,
    Row,
    concerns,
)
from tests.access.world import FILE, KINDS, OWN, PLACES, TAGS, World, build_world, marker

SESSION = "sessionid"
LOGINS = ("/account/login/", "/admin/login/")
REFUSED = (403, 404, 405)
# 503: nothing runs beside the tests, and the page for monitors says so.
ANSWERED = (200, 302, 400, 503)
MARKERS = {marker(tag, kind): (tag, kind) for tag in TAGS for kind in KINDS}
REACHED = {**OF_EXPERT, **OF_FIRM, **OF_PLACE, "claimant": {OWN}}
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Built once: each test takes back what it does, and this what was built."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture
def visit(world, files_root, caplog):
    """Clients by persona, and the files on the disk."""
    # A refusal is expected here, and a log of thousands takes its time.
    caplog.set_level(logging.CRITICAL, "django.request")
    for name in ("file", "library file", "original"):
        for stored in world.rows[name].values():
            stored.path.parent.mkdir(parents=True, exist_ok=True)
            stored.path.write_bytes(FILE + str(stored).encode())
    for job in world.rows["job"].values():
        job.path.parent.mkdir(parents=True, exist_ok=True)
        job.path.write_text(job.title)
    return lambda persona, **options: log_in(world, persona, **options)


def log_in(world: World, persona: str, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if persona in world.users:
        client.force_login(world.users[persona])
    return client


def addresses() -> dict[str, str]:
    """Every address of the site: its name, or its route where it has none."""
    found: dict[str, str] = {}

    def walk(resolver: URLResolver, route: str, space: str) -> None:
        for part in resolver.url_patterns:
            own = route + str(part.pattern)
            if isinstance(part, URLResolver):
                walk(part, own, f"{space}{part.namespace}:" if part.namespace else space)
            else:
                found[f"{space}{part.name}" if part.name else f"/{own}"] = own

    walk(get_resolver(), "", "")
    return found


def address_of(row: Row, args: list[Any], query: str) -> str:
    path = row.path or reverse(row.key, args=args)
    return f"{path}?{query}" if query else path


def tags_for(row: Row, persona: str) -> list[str]:
    """One firm that the persona reaches and the first one that they do not."""
    reach = row.reach or row.changes
    if reach is None:
        return [OWN]
    reached = reach.get(persona, ())
    inside = [tag for tag in TAGS if tag in reached][:1]
    return inside + [tag for tag in TAGS if tag not in reached][:1]


def is_refused(response: HttpResponse) -> bool:
    if response.status_code == 302:
        return response["Location"].startswith(LOGINS)
    return response.status_code in REFUSED


def text_of(response: HttpResponse) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "".join(f"{name}: {value}\n" for name, value in response.items())
    return headers + body.decode(errors="replace")


def secrets_in(response: HttpResponse) -> set[tuple[str, str]]:
    """What a response tells: whose, and what kind of secret."""
    text = text_of(response)
    text += text.replace(" ", "")  # numbers of accounts are shown in fours
    return {secret for text_marker, secret in MARKERS.items() if text_marker in text}


def may_read(persona: str) -> set[tuple[str, str]]:
    return {(tag, kind) for tag in REACHED.get(persona, ()) for kind in MAY_READ[persona]}


def leaks(response: HttpResponse, persona: str, row: Row | None = None) -> str:
    """What a response tells that the persona may not read, in words."""
    held = {(OWN, kind) for kind in HELD} if row and row.held else set()
    named = {(tag, "case") for tag in row.names.get(persona, ())} if row else set()
    told = secrets_in(response) - may_read(persona) - held - named
    return ", ".join(sorted(f"{tag}'s {kind}" for tag, kind in told))


@contextmanager
def writes() -> Iterator[set[str]]:
    """The tables of which rows are written; sessions do not count."""
    tables: set[str] = set()

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        words = sql.replace('"', "").split()
        # SQLite counts an INSERT that returns its row only after the row is read.
        if words[0] == "INSERT" or (
            words[0] in ("UPDATE", "DELETE") and context["cursor"].rowcount
        ):
            tables.add(words[1] if words[0] == "UPDATE" else words[2])
        return result

    with connection.execute_wrapper(look):
        yield tables
    tables.discard("django_session")


def send(client: Client, method: str, address: str, data: Any = None) -> tuple[HttpResponse, set]:
    """Ask, and take back what it changed; also the end of the session."""
    session = client.cookies[SESSION].value if SESSION in client.cookies else None
    with transaction.atomic(), writes() as tables:
        response = getattr(client, method)(address, data)
        if response.streaming:
            response.streaming_content = list(response.streaming_content)
        transaction.set_rollback(True)
    if session:
        client.cookies[SESSION] = session
    return response, tables


def check_answer(row: Row, persona: str, method: str, may: bool, answer: tuple) -> list[str]:
    """What is wrong with an answer, in words."""
    response, tables = answer
    status, problems = response.status_code, []
    if may and (is_refused(response) or status not in ANSWERED):
        problems.append(f"may, but got {status} {response.get('Location', '')}")
    if not may and not is_refused(response):
        problems.append(f"may not, but got {status} {response.get('Location', '')}")
    if (method == "get" or not may) and tables:
        problems.append(f"wrote to {', '.join(sorted(tables))}")
    is_for_posts = method == "get" and not row.get and persona in row.post
    if is_for_posts and not may and status not in (404, 405):
        problems.append(f"takes a post only, but a get got {status} instead of 405")
    if told := leaks(response, persona, row):
        problems.append(f"tells {told}")
    return problems


def test_every_address_is_in_exactly_one_row():
    claimed = Counter(row.key for row in ROWS)
    known = addresses()
    missing = {key: route for key, route in known.items() if key not in claimed}
    assert not missing, f"add a row to tests/access/table.py that says who may open: {missing}"
    gone = sorted(claimed.keys() - known.keys())
    assert not gone, f"no such address any more, take these rows out of table.py: {gone}"
    twice = [key for key, count in claimed.items() if count > 1]
    assert not twice, f"claimed by more than one row of table.py: {twice}"


def offered(world: World, persona: str) -> set[tuple[str, str]]:
    """The actions of all lists that are offered to a persona: model and name."""
    request = RequestFactory().get("/")
    request.user = type(world.users[persona]).objects.get(pk=world.users[persona].pk)
    return {
        (model._meta.label_lower, name)
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_view_or_change_permission(request)
        for name in model_admin.get_actions(request)
    }


def test_every_list_action_is_in_exactly_one_row_and_offered_to_whom_it_names(world):
    claimed = Counter((row.model, row.name) for row in ACTIONS)
    twice = [key for key, count in claimed.items() if count > 1]
    assert not twice, f"claimed by more than one row of ACTIONS in table.py: {twice}"
    problems = []
    for persona in STAFF:
        expected = {(row.model, row.name) for row in ACTIONS if persona in row.who}
        problems += [
            f"{persona} may {key}, which is not offered"
            for key in expected - offered(world, persona)
        ]
        problems += [
            f"{persona} is offered {key}: add it to ACTIONS in table.py, or take it away"
            for key in offered(world, persona) - expected
        ]
    assert not problems, "\n".join(sorted(problems))


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_persona_opens_posts_and_reads_what_the_table_says(world, visit, persona):
    client, problems, seen = visit(persona), [], set()
    for row in (row for row in ROWS if concerns(row, persona)):
        for tag in tags_for(row, persona):
            address = address_of(row, row.args(world, tag), row.query(world, tag))
            for method, who in (("get", row.get), ("post", row.post)):
                data = row.data(world, tag) if method == "post" else None
                reach = row.changes if method == "post" and row.changes else row.reach
                reaches = reach is None or tag in reach.get(persona, ())
                answer = send(client, method, address, data)
                may = reaches and persona in who
                found = check_answer(row, persona, method, may, answer)
                seen |= set() if row.held else secrets_in(answer[0])
                problems += [f"{method} {row.key} ({tag}): {text}" for text in found]
        if row.absent:
            address = address_of(row, row.absent(world, OWN), row.query(world, OWN))
            response, _ = send(client, "get", address)
            if not is_refused(response):
                problems.append(f"get {row.key}: {address} should not be found")
    # Otherwise the table would claim more than the pages show, and a leak could hide behind it.
    untold = {kind for _, kind in may_read(persona)} - {kind for _, kind in seen}
    problems += [f"no page tells any {kind}" for kind in sorted(untold)]
    assert not problems, f"{persona}:\n" + "\n".join(problems)


def rows_selected(row: ActionRow, tag: str, world: World) -> dict[str, Any]:
    selected = world.get(row.model, tag).pk
    return {"action": row.name, "_selected_action": selected, "index": 0, "post": "yes"}


def list_of(row: ActionRow) -> str:
    address = reverse(f"admin:{row.model.replace('.', '_')}_changelist")
    return f"{address}?queue=all" if row.model == "cases.application" else address


@pytest.mark.parametrize("persona", sorted(STAFF))
def test_a_list_action_leaves_alone_what_the_persona_may_not_touch(world, visit, persona):
    client, problems = visit(persona), []
    for row in ACTIONS:
        reached = (row.reach or {persona: TAGS}).get(persona, ()) if persona in row.who else ()
        for tag in [tag for tag in TAGS if tag not in reached]:
            data = rows_selected(row, tag, world)
            answer, tables = send(client, "post", list_of(row), data)
            if tables:
                problems.append(f"{row.name} of {row.model} ({tag}) wrote to {sorted(tables)}")
            if told := leaks(answer, persona):
                problems.append(f"{row.name} of {row.model} ({tag}) tells {told}")
    assert not problems, f"{persona}:\n" + "\n".join(problems)


@pytest.mark.parametrize("name", ["mark_read", "add_to_notice"])
def test_a_list_action_does_touch_what_is_within_reach(world, visit, name):
    """So that the test above can fail."""
    row = next(row for row in ACTIONS if row.name == name)
    data = rows_selected(row, OWN, world)
    if name == "add_to_notice":
        data["_selected_action"] = world.get("granted", OWN).pk
    _, tables = send(visit("reviewer"), "post", list_of(row), data)
    assert tables


@pytest.mark.parametrize("persona", ["nobody", "owner", "superuser"])
def test_no_post_is_taken_without_a_token(world, visit, persona):
    client, taken = visit(persona, enforce_csrf_checks=True), []
    for row in ROWS:
        tag = tags_for(row, persona)[0]
        address = address_of(row, row.args(world, tag), row.query(world, tag))
        response, tables = send(client, "post", address, row.data(world, tag))
        if response.status_code != 403 or tables:
            taken.append(f"{row.key}: {response.status_code} {sorted(tables)}")
    assert not taken, "\n".join(taken)


@pytest.mark.parametrize("persona", ["reviewer", "reviewer_elsewhere", "reviewer_city", "finance"])
def test_a_list_holds_the_firms_of_ones_own_place_only(world, visit, persona):
    client = visit(persona)
    address = reverse("admin:cases_application_list", args=["applications"])

    def told(query):
        response, _ = send(client, "post", f"{address}?queue=all&{query}", {"format": "csv"})
        return secrets_in(response)

    whole = told("")
    assert {tag for tag, _ in whole} == set(OF_PLACE[persona])
    for query in ("q=zz", *(f"county__code__exact={code}" for code in PLACES.values())):
        assert told(query) <= whole


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_file_that_was_not_handed_in_is_for_its_firm_alone(world, visit, persona):
    reference = world.get("library file", OWN).reference
    client = visit(persona)
    pages = [reverse(f"cases:{name}", args=[reference]) for name in ("file", "file-preview")]
    opened = [page for page in pages if not is_refused(client.get(page))]
    if persona == "superuser":
        assert opened == pages
    else:
        assert opened == (pages[:1] if persona in ("owner", "member") else [])
