"""Readers in processes of their own: what takes too much is ended, and counts as refused."""

import io
from decimal import Decimal
from pathlib import Path

import pytest

from portal import bounded_reading
from portal.bounded_reading import Limits, ReadersBusyError, ReadingStoppedError, read_bounded

PROCESSES = Path("/proc")
GREEDY = "tests.portal.greedy_reader"
SMALL = Limits(processor=1, clock=20, memory=300 * 2**20, result=10_000)
pytestmark = pytest.mark.one_database


def tried(want, limits=SMALL):
    return read_bounded(GREEDY, io.BytesIO(want.encode()), limits)


def test_what_a_reader_returns_comes_back_with_exact_numbers():
    assert tried("三晋") == {"text": "三晋", "number": Decimal("0.1")}


@pytest.mark.parametrize("want", ["processor", "memory", "result", "breaks"])
def test_a_reader_that_takes_too_much_or_breaks_is_ended(want):
    with pytest.raises(ReadingStoppedError):
        tried(want)
    assert tried("then") == {"text": "then", "number": Decimal("0.1")}


def test_a_reader_that_only_waits_is_ended_by_the_clock_with_all_that_it_started():
    started = []
    popen = bounded_reading.subprocess.Popen

    class Watched(popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self.pid)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bounded_reading.subprocess, "Popen", Watched)
        with pytest.raises(ReadingStoppedError):
            tried("child", Limits(processor=1, clock=2))
    [group] = started
    assert not living(group)


def living(group):
    """Processes of a group that are not dead yet."""
    found = []
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            # After the name in brackets: state, parent, group.
            state, _, own = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(own) == group and state != "Z":
            found.append(folder.name)
    return found


def test_a_reader_gets_none_of_the_secrets_of_the_environment(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    assert "SECRET_KEY" not in tried("environment")


def test_when_all_places_are_taken_a_file_is_turned_away_instead_of_holding_a_worker(monkeypatch):
    monkeypatch.setattr(bounded_reading, "SECONDS_TO_WAIT", 0.01)
    for _ in range(bounded_reading.READERS_AT_ONCE):
        bounded_reading._places.acquire()
    try:
        with pytest.raises(ReadersBusyError):
            tried("x")
    finally:
        for _ in range(bounded_reading.READERS_AT_ONCE):
            bounded_reading._places.release()
    assert tried("x")["text"] == "x"
