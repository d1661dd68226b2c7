"""The health addresses answer for the site, its database, and what runs beside it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from portal.health import DELIVERY_LATE, JOB_LATE
from portal.models import Delivery, Job, Pulse
from portal.pulses import DAILY, EXPECTED, MAIL, WORKER, beat


@pytest.mark.django_db
def test_health_is_ok_with_a_database(client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok"}


@pytest.mark.parametrize("address", ["/healthz", "/healthz/ready"])
def test_health_says_that_the_database_is_unreachable(client, monkeypatch, address):
    def refuse(*args):
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get(address)
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"


def test_robots_are_given_a_plain_text_file(client):
    response = client.get("/robots.txt")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")


@pytest.fixture
def at_work(db):
    for name in EXPECTED:
        beat(name, timezone.now())


def ready(client, *problems):
    response = client.get("/healthz/ready")
    assert response.json()["problems"] == list(problems)
    assert response.status_code == (503 if problems else 200)
    assert "no-store" in response["Cache-Control"]
    return response.json()


def deliver(key, waited, **fields):
    posted = timezone.now() - waited
    return Delivery.objects.create(
        key=key, channel="email", address="firm@example.com", subject="标题", text="正文",
        **{"posted_at": posted, "due_at": posted, **fields},
    )  # fmt: skip


def test_a_monitor_sees_that_all_is_well(client, at_work):
    told = ready(client)
    assert told["migrations_missing"] == 0
    assert told["deliveries"] == {"waiting": 0, "failing": 0, "oldest_seconds": None}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_monitor_sees_a_command_that_fell_silent_or_never_ran(client, at_work, name):
    Pulse.objects.filter(pk=name).update(at=timezone.now() - timedelta(days=2))
    assert ready(client, name)["silent_seconds"][name] >= 2 * 86400
    Pulse.objects.filter(pk=name).delete()
    assert ready(client, name)["silent_seconds"][name] is None


def test_a_monitor_sees_letters_that_nobody_sends(client, at_work):
    deliver("new", timedelta(minutes=1))
    assert ready(client)["deliveries"]["waiting"] == 1
    deliver("old", DELIVERY_LATE + timedelta(minutes=1))
    told = ready(client, "deliveries")["deliveries"]
    assert told["waiting"] == 2
    assert told["oldest_seconds"] >= DELIVERY_LATE.total_seconds()


def test_a_monitor_sees_that_the_mail_server_takes_nothing(client, at_work):
    later = timezone.now() + timedelta(hours=1)
    deliver("failing", timedelta(hours=2), attempts=3, due_at=later)
    assert ready(client, "deliveries")["deliveries"]["failing"] == 1


def test_one_address_that_nobody_reads_alarms_nobody(client, at_work):
    later = timezone.now() + timedelta(hours=1)
    deliver("failing", timedelta(hours=2), attempts=3, due_at=later)
    deliver("sent", timedelta(hours=1), state="sent", sent_at=timezone.now())
    assert ready(client)["deliveries"]["failing"] == 1


def test_a_monitor_sees_long_work_that_nobody_does(client, at_work):
    asked = timezone.now() - JOB_LATE - timedelta(minutes=1)
    Job.objects.create(kind="x", title="名单", digest="x", asked_at=asked)
    assert ready(client, "jobs")["jobs"]["open"] == 1


def test_a_monitor_sees_a_migration_that_is_missing(client, at_work):
    MigrationRecorder.Migration.objects.filter(app="portal").order_by("pk").last().delete()
    assert ready(client, "migrations")["migrations_missing"] == 1


def test_a_monitor_reads_no_name_and_no_address(client, at_work):
    deliver("failing", timedelta(hours=2), attempts=3)
    page = client.get("/healthz/ready").content.decode()
    assert "example.com" not in page
    assert "标题" not in page


@pytest.mark.django_db
def test_a_monitor_asks_little_of_the_database(client, at_work, django_assert_max_num_queries):
    ready(client)
    deliver("failing", timedelta(hours=2), attempts=3)
    # The migrations that were applied are read in two.
    with django_assert_max_num_queries(6):
        ready(client, "deliveries")


def test_the_names_are_those_of_the_commands():
    assert tuple(EXPECTED) == (WORKER, MAIL, DAILY) == ("worker", "send_waiting", "daily")


def test_what_a_day_asks_for_may_be_a_day_ago(client, at_work):
    Pulse.objects.filter(pk=DAILY).update(at=timezone.now() - timedelta(hours=25))
    ready(client)
