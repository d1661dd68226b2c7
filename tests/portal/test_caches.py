"""The shared caches: exact counts for several processes, and a site that goes on without them."""

import logging
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection, transaction
from django.urls import reverse

from portal import caches as own_caches
from portal.models import CachedPage, Count
from portal.settings import CACHES
from tests.factories import UserFactory
from tests.processes import IN_SERVICE, site_in

PROCESSES, EACH = 8, 25
LIMIT = 7
COUNTING = """
import sys, django
django.setup()
from django.core.cache import cache
sys.stdin.readline()
counts = []
for number in range({each}):
    if cache.add("count", 1, 600):
        counts.append(1)
    else:
        counts.append(cache.incr("count"))
print(sum(cache.add(f"lock{{number}}", True, 600) for number in range({each})), *counts)
"""
GUESSING = """
import sys, django
django.setup()
from allauth.core.internal import ratelimit
from django.test import RequestFactory
request = RequestFactory().post("/")
sys.stdin.readline()
config = {{"guess": "{limit}/10m/key"}}
print(sum(
    bool(ratelimit.consume(request, app="allauth.account", action="guess", config=config, key="x"))
    for number in range({limit})
))
"""

PASSWORD = "chang-mi-ma-2026"
# One that holds SQLite's only pen until it is told to go.
WRITING = """
import sys, django
django.setup()
from django.db import transaction
from portal.models import Jurisdiction
with transaction.atomic():
    Jurisdiction.objects.create(code="100000", name="国家", level="nation")
    print("writing", flush=True)
    sys.stdin.readline()
"""
READING = """
import django
django.setup()
from django.test import Client
from django.urls import reverse
from portal import caches
caches.PATIENCE_SECONDS = 0
for address in (reverse("pages:programmes"), reverse("pages:home")):
    print(Client(headers={"host": "localhost"}).get(address, secure=True).status_code)
"""


@pytest.fixture
def shared(settings):
    settings.CACHES = CACHES
    for complaint in (own_caches._counts_fail, own_caches._pages_fail):
        complaint.next = 0.0


@pytest.fixture
def database(tmp_path):
    """A database that processes of their own can reach, as DATABASE_URL."""
    return site_in(tmp_path).environment["DATABASE_URL"]


def python(*arguments, database):
    environment = {
        **os.environ,
        **IN_SERVICE,
        "ALLOWED_HOSTS": "localhost",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": database,
    }
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=django_settings.BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def outputs(script, database):
    """What as many processes print that all begin at once."""
    running = [python("-c", script, database=database) for _ in range(PROCESSES)]
    for process in running:
        process.stdin.write("\n")
    return [process.communicate()[0].split() for process in running]


@pytest.mark.django_db(transaction=True)
def test_several_processes_count_each_step_once_and_share_each_lock_once(database):
    printed = outputs(COUNTING.format(each=EACH), database)
    counts = sorted(int(count) for _, *own in printed for count in own)
    assert counts == list(range(1, PROCESSES * EACH + 1))
    assert sum(int(locks) for locks, *_ in printed) == EACH


@pytest.mark.django_db(transaction=True)
def test_several_processes_let_no_more_guesses_through_than_one(database):
    printed = outputs(GUESSING.format(limit=LIMIT), database)
    assert sum(int(allowed) for [allowed] in printed) == LIMIT


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_what_is_rolled_back_was_counted_all_the_same(shared):
    cache = caches["default"]
    with transaction.atomic():
        assert cache.add("guess", 1, 60)
        assert cache.incr("guess") == 2
        transaction.set_rollback(True)
    assert cache.get("guess") == 2


@pytest.mark.django_db(transaction=True)
def test_the_cache_of_counts_does_what_a_cache_does(shared):
    cache = caches["default"]
    assert cache.add("key", [1.5, 2]) is True
    assert cache.add("key", 3) is False
    assert cache.get("key") == [1.5, 2]
    cache.set("key", 4, 60)
    assert cache.incr("key", 3) == 7
    assert cache.decr("key") == 6
    assert cache.touch("key", 0) is True
    assert cache.get("key", "none") == "none"
    assert cache.touch("key") is False
    with pytest.raises(ValueError, match="not found"):
        cache.incr("key")
    assert cache.add("key", 1) is True
    assert cache.delete("key") is True
    assert cache.delete("key") is False


@pytest.mark.django_db(transaction=True)
def test_counts_that_are_over_are_removed_and_others_stay(shared):
    now = time.time()
    Count.objects.create(key="past", value="1", expires=now - 1)
    Count.objects.create(key="lasting", value="1", expires=now + 600)
    own_caches.CountingCache("", {}).add("new", 1, 60)
    assert set(Count.objects.values_list("key", flat=True)) == {"lasting", ":1:new"}


@pytest.mark.django_db(transaction=True)
def test_pages_are_kept_for_all_processes_in_the_table_that_the_migration_makes(client, shared):
    first = client.get(reverse("pages:programmes"))
    assert CachedPage.objects.count() == 1
    again = client.get(reverse("pages:programmes"))
    assert again.content == first.content


@pytest.mark.django_db(transaction=True)
def test_a_busy_page_asks_the_table_no_more_than_every_few_seconds(
    shared, django_assert_num_queries
):
    pages, other_process = caches["pages"], own_caches.PageCache("portal_cachedpage", {})
    pages.set("page", "made", 60)
    with django_assert_num_queries(0):
        assert pages.get("page") == "made"
    pages._near.clear()
    other_process.get("page")
    with django_assert_num_queries(0):
        assert other_process.get("page") == "made"


@pytest.mark.django_db(transaction=True)
def test_a_page_at_hand_is_over_when_it_is_over_in_the_table(shared, time_machine):
    begun = datetime.now(UTC)
    time_machine.move_to(begun, tick=False)
    pages = caches["pages"]
    pages.set("page", "made", 60)
    time_machine.move_to(begun + timedelta(seconds=own_caches.NEAR_SECONDS + 53), tick=False)
    assert pages.get("page") == "made"
    time_machine.move_to(begun + timedelta(seconds=60), tick=False)
    assert pages.get("page") is None


@pytest.fixture
def _lost_tables(transactional_db, shared):
    """Both tables are gone, as when nobody has migrated or the database lost them."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE portal_cachedpage RENAME TO lost_page")
        cursor.execute("ALTER TABLE portal_count RENAME TO lost_count")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE lost_page RENAME TO portal_cachedpage")
        cursor.execute("ALTER TABLE lost_count RENAME TO portal_count")


@pytest.mark.usefixtures("_lost_tables")
def test_pages_are_shown_without_their_cache_and_the_log_says_so_once(client, caplog):
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert client.get(reverse("pages:programmes")).status_code == 200
    assert len([each for each in caplog.records if each.name == "portal.caches"]) == 1


@pytest.mark.usefixtures("_lost_tables")
def test_passwords_are_guessed_no_more_often_while_counts_cannot_be_reached(client):
    user = UserFactory(username="shenhe")
    user.set_password(PASSWORD)
    user.save()

    def log_in(password):
        client.post(reverse("account_login"), {"login": "shenhe", "password": password})
        return "_auth_user_id" in client.session

    for _ in range(5):
        assert not log_in("wrong")
    assert not log_in(PASSWORD)
    caches["default"].clear()
    assert log_in(PASSWORD)


@pytest.mark.usefixtures("_lost_tables")
def test_codes_are_guessed_no_more_often_while_counts_cannot_be_reached(client, settings):
    settings.ANONYMOUS_POST_RATE = "2/m"
    address = reverse("self_check:result-by-code", args=["AAAA-AAAA"])
    codes = [client.get(address).status_code for _ in range(3)]
    assert codes[-1] == 429
    assert 429 not in codes[:2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has many writers")
def test_pages_are_shown_while_the_one_writer_of_sqlite_is_busy(database):
    writer = python("-c", WRITING, database=database)
    assert writer.stdout.readline() == "writing\n"
    reader = python("-c", READING, database=database)
    assert reader.communicate()[0].split() == ["200", "200"]
    writer.communicate("\n")
