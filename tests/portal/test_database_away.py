"""While the database is away, pages say so in words, keep what was typed, or are shown as they last were."""

import re
import socket
import sqlite3
from contextlib import closing, contextmanager
from copy import deepcopy

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import (
    DEFAULT_DB_ALIAS,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone

from portal import caches as own_caches
from portal import urls
from portal.outages import is_away
from portal.settings import CACHES
from tests.factories import FirmUserFactory

pytestmark = pytest.mark.django_db
WORDS = "工作人员写了很久的一段话"
PROGRAMMES, LIBRARY = reverse("pages:programmes"), reverse("firm:library")


@contextmanager
def instead(**changes):
    """Another database in place of the site's."""
    usual = connections[DEFAULT_DB_ALIAS]
    other = type(usual)(deepcopy(usual.settings_dict) | changes, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        other.close()
        connections[DEFAULT_DB_ALIAS] = usual


@contextmanager
def stopped(folder):
    """Nothing is where the database was: no server at its socket, no folder of its file."""
    place = str(folder / "nowhere")
    with instead(NAME=f"{place}/x") if connection.vendor == "sqlite" else instead(HOST=place):
        yield


@contextmanager
def locked(folder):
    """A file of SQLite that somebody else writes for longer than anybody waits."""
    file = folder / "locked.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE any (thing)")
        other.execute("BEGIN EXCLUSIVE")
        with instead(NAME=str(file), OPTIONS={"timeout": 0.05}):
            yield


ABSENCES = [
    stopped,
    pytest.param(
        locked,
        marks=pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows"),
    ),
]


@pytest.fixture(params=ABSENCES)
def away(request, tmp_path):
    return lambda: request.param(tmp_path)


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


def with_session(visitor):
    visitor.cookies["sessionid"] = "a" * 32
    return visitor


def refused(response):
    """The page, which must be one that says what happened."""
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert "暂时办不了" in text and "几分钟" in text
    assert response["X-Request-ID"] in text
    return text


def test_a_page_says_that_it_is_to_be_asked_again(visitor, away):
    with away():
        text = refused(with_session(visitor).get(LIBRARY))
        assert "再次提交" not in text
        assert "再打开一次" in text
        refused(visitor.get(PROGRAMMES))


def test_a_form_can_be_sent_again_as_it_was_typed(visitor, away):
    visitor.force_login(FirmUserFactory())
    with away():
        text = refused(visitor.post(reverse("firm:profile-edit"), {"name": WORDS}))
        assert "您填写的内容都还在" in text
        assert re.search(rf'<input type="hidden" name="name" value="{WORDS}">', text)


def test_of_a_form_with_a_file_the_words_stay_and_the_file_is_named(visitor, away):
    visitor.force_login(FirmUserFactory())
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n%%EOF")
    with away():
        text = refused(visitor.post(LIBRARY, {"title": WORDS, "file": file}))
        assert f'name="title" value="{WORDS}"' in text
        assert "选好的文件留不住，要重新选" in text
        assert 'enctype="multipart/form-data"' in text


# All that PostgreSQL does with a disk that is full is to say so.
FULL = "DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$"


def write_much(request):
    """Into a database that has no more room."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FULL)
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 10}")
        try:
            cursor.execute("CREATE TABLE much AS SELECT zeroblob(1000000) AS content")
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")


urlpatterns = [path("much", write_much), path("", include("portal.urls"))]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def test_a_full_disk_is_told_as_such_and_what_was_typed_can_be_sent_again(visitor, settings):
    settings.ROOT_URLCONF = __name__
    with transaction.atomic():
        text = refused(visitor.post("/much", {"name": WORDS}))
        transaction.set_rollback(True)
    assert "您填写的内容都还在" in text
    assert re.search(rf'<input type="hidden" name="name" value="{WORDS}">', text)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is on this machine")
def test_a_server_that_says_nothing_is_given_up(visitor):
    options = connection.settings_dict["OPTIONS"]
    assert {"tcp_user_timeout", "keepalives_idle"} <= options.keys()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = {"HOST": "127.0.0.1", "PORT": silent.getsockname()[1]}
        shorter = {name: min(value, 2) if name == "connect_timeout" else value for name, value in options.items()}  # fmt: skip
        assert shorter != options
        with instead(**address, OPTIONS=shorter):
            refused(with_session(visitor).get(LIBRARY))


def test_health_says_so_as_before(visitor, tmp_path):
    with stopped(tmp_path):
        response = visitor.get("/healthz")
        assert (response.status_code, response.json()) == (503, {"database": "unreachable"})
        response = visitor.get("/healthz/ready")
        assert response.json() == {"database": "unreachable", "problems": ["database"]}


def test_what_a_day_asks_for_says_so_and_is_tried_again(tmp_path):
    with stopped(tmp_path), pytest.raises(CommandError, match="数据库连不上") as found:
        call_command("daily")
    # Another one is for what failed for a reason of its own.
    assert found.value.returncode == 1


def test_a_public_page_is_shown_as_it_last_was(visitor, away, settings, time_machine):
    settings.CACHES = CACHES
    time_machine.move_to(timezone.now(), tick=False)
    shown = visitor.get(PROGRAMMES)
    time_machine.shift(own_caches.LAST_SECONDS - 1)
    with away():
        again = visitor.get(PROGRAMMES)
        assert (again.status_code, again.content) == (200, shown.content)
        known = visitor.get(PROGRAMMES, headers={"if-none-match": again["ETag"]})
        assert known.status_code == 304
        # Of whoever is logged in it is not known who that is.
        refused(with_session(Client(raise_request_exception=False)).get(PROGRAMMES))
        time_machine.shift(2)
        refused(visitor.get(PROGRAMMES))
    caches["pages"].clear()


def test_a_fault_of_the_program_is_none_of_the_database_being_away():
    with pytest.raises((OperationalError, ProgrammingError)) as found, transaction.atomic():
        connection.cursor().execute("SELECT nothing FROM nowhere")
    assert not is_away(found.value)
    assert not is_away(RuntimeError())
    assert not is_away(None)
