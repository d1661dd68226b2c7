"""ClamAV's INSTREAM protocol, over both kinds of socket, and all that can go wrong."""

import io

import pytest
from django.core.cache import cache

from portal.files import virus_scan
from portal.files.virus_scan import InfectedError, ScannerError, scan
from tests.portal.scanner import EICAR, clamd, dripping, saying


@pytest.fixture(params=["path", "port"])
def scanner(request, settings, tmp_path):
    with clamd(tmp_path / "clamd" if request.param == "path" else None) as (address, received):
        settings.CLAMAV_SOCKET = address
        yield received


def test_every_byte_is_sent(scanner):
    body = bytes(range(256)) * 1000
    scan(io.BytesIO(body))
    assert scanner == [body]


def test_an_infected_file_is_named(scanner):
    with pytest.raises(InfectedError, match="Eicar-Signature"):
        scan(io.BytesIO(b"%PDF" + bytes(70_000) + EICAR))


@pytest.mark.parametrize(
    "address", ["/nowhere/clamd", "127.0.0.1:1", "localhost", "127.0.0.1:x", ":99999"]
)
def test_a_scanner_that_cannot_be_reached_gives_no_verdict(settings, address):
    settings.CLAMAV_SOCKET = address
    with pytest.raises(ScannerError):
        scan(io.BytesIO(b"x"))


@pytest.mark.parametrize(
    "reply", [b"", b"OK\0", b"stream: ", b"OK FOUND?\0", b"x" * 9000, b"\xff\0"]
)
def test_an_answer_that_is_none_gives_no_verdict(settings, reply):
    with saying(reply) as settings.CLAMAV_SOCKET, pytest.raises(ScannerError):
        scan(io.BytesIO(b"x"))


def test_a_scanner_that_keeps_silent_gives_no_verdict(settings, monkeypatch):
    monkeypatch.setattr(virus_scan, "TIMEOUT_SECONDS", 0.2)
    with (
        saying(b"stream: OK\0", after_seconds=1) as settings.CLAMAV_SOCKET,
        pytest.raises(ScannerError),
    ):
        scan(io.BytesIO(b"x"))


def test_a_scanner_that_drips_is_given_up_as_one_that_is_silent(settings, monkeypatch):
    monkeypatch.setattr(virus_scan, "TIMEOUT_SECONDS", 0.3)
    with (
        dripping(b"x" * 100, every_seconds=0.1) as settings.CLAMAV_SOCKET,
        pytest.raises(ScannerError, match="no answer"),
    ):
        scan(io.BytesIO(b"x"))


def test_a_silent_scanner_is_not_waited_for_by_the_next_file_too(settings, monkeypatch):
    monkeypatch.setattr(virus_scan, "TIMEOUT_SECONDS", 0.2)
    with (
        saying(b"stream: OK\0", after_seconds=1) as settings.CLAMAV_SOCKET,
        pytest.raises(ScannerError),
    ):
        scan(io.BytesIO(b"x"))
    with clamd() as (settings.CLAMAV_SOCKET, received):
        with pytest.raises(ScannerError, match="silent a moment ago"):
            scan(io.BytesIO(b"x"))
        assert not received
        cache.delete(virus_scan.SILENT)
        scan(io.BytesIO(b"x"))


def test_a_page_waits_for_the_scanner_a_few_seconds_only():
    assert virus_scan.TIMEOUT_SECONDS <= 5


def test_a_file_beyond_the_scanners_limit_gives_no_verdict(settings):
    with clamd(limit=1000) as (settings.CLAMAV_SOCKET, _), pytest.raises(ScannerError):
        scan(io.BytesIO(bytes(5_000_000)))
