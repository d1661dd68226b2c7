"""A stand-in for clamd: a server that speaks its INSTREAM command."""

import socket
import struct
import threading
import time
from contextlib import contextmanager

# In two halves, lest a scanner take this file for the real thing.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _exactly(stream, length):
    said = stream.read(length)
    if len(said) < length:
        raise EOFError
    return said


def _answer(connection, received, limit):
    with connection, connection.makefile("rb") as stream:
        if _exactly(stream, 10) != b"zINSTREAM\0":
            connection.sendall(b"UNKNOWN COMMAND\0")
            return
        body = b""
        while length := struct.unpack("!L", _exactly(stream, 4))[0]:
            body += _exactly(stream, length)
            if len(body) > limit:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        received.append(body)
        found = EICAR in body
        connection.sendall(b"stream: Eicar-Signature FOUND\0" if found else b"stream: OK\0")


def _serve(server, answer):
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        try:
            answer(connection)
        except (EOFError, OSError):
            continue


@contextmanager
def _running(server, answer):
    thread = threading.Thread(target=_serve, args=(server, answer), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@contextmanager
def clamd(path=None, *, limit=30_000_000):
    """The address of a running stand-in, and the list of bodies it was sent."""
    received = []
    if path:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.listen()
        address = str(path)
    else:
        server = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{server.getsockname()[1]}"
    with _running(server, lambda connection: _answer(connection, received, limit)):
        yield address, received


@contextmanager
def saying(reply, *, after_seconds=0):
    """The address of a server that takes anything and says only this."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer(connection):
        with connection:
            connection.recv(4096)
            time.sleep(after_seconds)
            connection.sendall(reply)

    with _running(server, answer):
        yield f"127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def dripping(reply, *, every_seconds):
    """The address of a server that says this a byte at a time."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer(connection):
        with connection:
            connection.recv(4096)
            for byte in reply:
                connection.sendall(bytes([byte]))
                time.sleep(every_seconds)

    with _running(server, answer):
        yield f"127.0.0.1:{server.getsockname()[1]}"
