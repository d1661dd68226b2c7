"""Ask ClamAV about a file, over the socket of clamd (its INSTREAM command)."""

import socket
import struct
import time
from contextlib import suppress
from typing import BinaryIO

from django.conf import settings
from django.core.cache import cache

CHUNK = 64 * 1024
REPLY_MAX = 4096
# For the whole of it: a page waits, and with one web worker so does everybody. clamd reads what is
# uploaded here in a second or two.
TIMEOUT_SECONDS = 5.0
# Who was silent is not waited for again at once, not for each file of a form either.
SILENT_SECONDS = 20
SILENT = "virus-scan.silent"
LENGTH = struct.Struct("!L")


class InfectedError(Exception):
    """The scanner knows this content; `signature` is its name for it."""

    def __init__(self, signature: str) -> None:
        self.signature = signature
        super().__init__(signature)


class ScannerError(Exception):
    """The scanner cannot be reached or gives no verdict."""


def is_configured() -> bool:
    return bool(settings.CLAMAV_SOCKET)


def answers() -> bool:
    """Whether clamd is there and says so."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        with _connect(settings.CLAMAV_SOCKET, deadline) as clamd:
            clamd.sendall(b"zPING\0")
            return _reply(clamd, deadline) == "PONG"
    except (OSError, ValueError):
        return False


def scan(file: BinaryIO) -> None:
    """Return when clamd finds nothing; InfectedError or ScannerError otherwise."""
    if cache.get(SILENT):
        raise ScannerError("silent a moment ago")
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        with _connect(settings.CLAMAV_SOCKET, deadline) as clamd:
            reply = _ask(clamd, file, deadline)
    except TimeoutError as error:
        cache.set(SILENT, True, SILENT_SECONDS)
        raise ScannerError(f"no answer within {TIMEOUT_SECONDS:.0f} s") from error
    except (OSError, ValueError) as error:
        raise ScannerError(str(error)) from error
    if reply.endswith(" FOUND"):
        raise InfectedError(reply.removeprefix("stream: ").removesuffix(" FOUND"))
    if reply != "stream: OK":
        raise ScannerError(reply or "no reply")


def _left(deadline: float) -> float:
    """Seconds; TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connect(address: str, deadline: float) -> socket.socket:
    """A connection to a path, or to host:port; ValueError when it is neither."""
    if address.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        clamd.settimeout(_left(deadline))
        try:
            clamd.connect(address)
        except OSError:
            clamd.close()
            raise
        return clamd
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_left(deadline))


def _ask(clamd: socket.socket, file: BinaryIO, deadline: float) -> str:
    # Past its limit of size clamd hangs up, after saying why.
    with suppress(BrokenPipeError, ConnectionResetError):
        clamd.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            clamd.settimeout(_left(deadline))
            clamd.sendall(LENGTH.pack(len(chunk)) + chunk)
        clamd.sendall(LENGTH.pack(0))
    return _reply(clamd, deadline)


def _reply(clamd: socket.socket, deadline: float) -> str:
    """One line that ends in a zero byte or with the connection."""
    said = b""
    while not said.endswith(b"\0") and len(said) < REPLY_MAX:
        clamd.settimeout(_left(deadline))
        more = clamd.recv(REPLY_MAX)
        if not more:
            break
        said += more
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()
