"""Commands that run for ever: they outlive what goes wrong, and end when asked to."""

import logging
import os
import signal
import socket

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from portal import loops
from portal.loops import Loop
from portal.models import Pulse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Pauses that a test can wait for; and the handlers of signals as they were."""
    monkeypatch.setattr(loops, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(loops, "LONGEST_PAUSE", 0.04)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(*rounds):
    """A loop whose rounds do this, one after the other; then it is told to end."""
    left = list(rounds)

    def act(loop):
        if not left:
            os.kill(os.getpid(), signal.SIGTERM)
            return False
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    Loop("worker", act, every=0).run()
    assert not left


def test_a_loop_waits_for_a_database_that_is_away_and_longer_each_time(caplog):
    locked = OperationalError("database is locked")
    closed = InterfaceError("connection already closed")
    with caplog.at_level(logging.WARNING, "portal.loops"):
        run(locked, closed, locked, True, locked)
    assert [record.args[1] for record in caplog.records] == [0.01, 0.02, 0.04, 0.01]
    assert all(record.exc_info is None for record in caplog.records)
    assert "database is locked" in caplog.text


def test_a_loop_outlives_a_fault_whose_trace_is_in_the_log(caplog):
    with caplog.at_level(logging.WARNING, "portal.loops"):
        run(ValueError("a fault"), True)
    assert caplog.records[0].exc_info


def test_a_loop_says_that_it_is_at_work():
    begun = timezone.now()
    run(True)
    assert Pulse.objects.get().at >= begun


@pytest.fixture
def supervisor(tmp_path, monkeypatch):
    """As systemd listens to what it started."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listener


def heard(listener):
    said = []
    while True:
        try:
            said.append(listener.recv(100).decode())
        except BlockingIOError:
            return said


def test_a_loop_is_ready_once_the_database_knows_it(supervisor):
    times_away = [1, 2]

    def away_at_first(execute, *args):
        if times_away:
            raise OperationalError(times_away.pop())
        return execute(*args)

    with connection.execute_wrapper(away_at_first):
        run(True)
    at_work = "READY=1\nWATCHDOG=1"
    assert heard(supervisor) == ["WATCHDOG=1", "WATCHDOG=1", at_work, at_work]


def test_a_supervisor_that_went_away_ends_nothing(supervisor):
    supervisor.close()
    run(True, True)
