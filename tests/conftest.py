"""Fixtures for every test: empty caches, the browser that the machine has, a folder for uploads."""

import shutil

import pytest
from django.conf import settings as site_settings
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase

from portal import pulses
from tests.management.commands.flush import keep_new_rows

LONGEST = {"access", "browser", "test_demo.py"}


def pytest_collection_modifyitems(items):
    """What asks nothing of any database runs once, by day and at night.

    Workers take file by file: the longest come first, lest one worker goes on alone at the end.
    """
    items.sort(key=lambda item: LONGEST.isdisjoint(item.path.parts))
    for item in items:
        is_case = item.cls is not None and issubclass(item.cls, TransactionTestCase)
        asks = is_case or item.get_closest_marker("django_db") or "db" in item.fixturenames
        if not asks and "browser" not in item.path.parts:
            item.add_marker("no_database")


@pytest.fixture(scope="session", autouse=True)
def _mail_goes_to_the_outbox(django_test_environment):
    """As in service; Django's test environment would let it past."""
    site_settings.EMAIL_BACKEND = "portal.outbox.mail_backend.OutboxBackend"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        keep_new_rows(connection)


@pytest.fixture(autouse=True)
def _empty_caches():
    for cache in caches.all():
        cache.clear()
    pulses._last.clear()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, browser_name):
    if browser_name == "firefox":
        path = shutil.which("firefox-esr") or shutil.which("firefox")
        assert path, "firefox-esr is not installed; `make night` as root installs it"
        # As it is distributed, not the build that Playwright patches.
        return {**browser_type_launch_args, "executable_path": path, "channel": "moz-firefox"}
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "chromium is not installed; `make test` as root installs it"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": path, "args": flags}


@pytest.fixture(autouse=True)
def _locks_name_their_table():
    """Rows of tables that are joined, be it for the order, are locked unseen, and in another order than
    elsewhere: two who do that wait for each other."""

    def checked(execute, sql, *rest):
        locks = " UPDATE" in sql and " FOR " in sql and sql.startswith("SELECT")
        assert not (locks and " JOIN " in sql and " OF " not in sql), sql
        return execute(sql, *rest)

    with connection.execute_wrapper(checked):
        yield


@pytest.fixture
def files_root(settings, tmp_path):
    """An empty folder for uploads."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT
