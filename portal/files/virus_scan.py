"""Ask ClamAV about a file, over the socket of clamd (its INSTREAM command)."""

import socket
import struct
from contextlib import suppress
from typing import BinaryIO

from django.conf import settings

CHUNK = 64 * 1024
REPLY_MAX = 4096
# Less than a web worker is given for a whole request.
TIMEOUT_SECONDS = 20
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
    try:
        with _connect(settings.CLAMAV_SOCKET) as clamd:
            clamd.sendall(b"zPING\0")
            return _reply(clamd) == "PONG"
    except (OSError, ValueError):
        return False


def scan(file: BinaryIO) -> None:
    """Return when clamd finds nothing; InfectedError or ScannerError otherwise."""
    try:
        with _connect(settings.CLAMAV_SOCKET) as clamd:
            reply = _ask(clamd, file)
    except (OSError, ValueError) as error:
        raise ScannerError(str(error)) from error
    if reply.endswith(" FOUND"):
        raise InfectedError(reply.removeprefix("stream: ").removesuffix(" FOUND"))
    if reply != "stream: OK":
        raise ScannerError(reply or "no reply")


def _connect(address: str) -> socket.socket:
    """A connection to a path, or to host:port; ValueError when it is neither."""
    if address.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        clamd.settimeout(TIMEOUT_SECONDS)
        try:
            clamd.connect(address)
        except OSError:
            clamd.close()
            raise
        return clamd
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_SECONDS)


def _ask(clamd: socket.socket, file: BinaryIO) -> str:
    # Past its limit of size clamd hangs up, after saying why.
    with suppress(BrokenPipeError, ConnectionResetError):
        clamd.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            clamd.sendall(LENGTH.pack(len(chunk)) + chunk)
        clamd.sendall(LENGTH.pack(0))
    return _reply(clamd)


def _reply(clamd: socket.socket) -> str:
    """One line that ends in a zero byte or with the connection."""
    said = b""
    while not said.endswith(b"\0") and len(said) < REPLY_MAX:
        more = clamd.recv(REPLY_MAX)
        if not more:
            break
        said += more
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()
