"""Encrypt a stream in chunks whose order, number and end are authenticated.

The STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár 2015), as the program age lays it
out: a file has a key of its own, derived with a random salt; chunk n has the nonce n and a byte that
says whether it is the last. So no chunk can be changed, moved, left out or added, nor a file be
taken for another.
"""

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from portal.backups.keys import Key

MAGIC = b"portal-sealed-1\n"
SALT, CHUNK, TAG = 32, 64 * 1024, 16


class SealError(Exception):
    """The content is not what was sealed under this key and name."""


def seal(chunks: Iterable[bytes], key: Key, name: str) -> Iterator[bytes]:
    """The chunks, however cut, as one encrypted stream of the file `name`."""
    salt = os.urandom(SALT)
    cipher = ChaCha20Poly1305(key.derived(name, salt))
    yield MAGIC + salt
    for number, (block, is_last) in enumerate(_blocks(chunks, CHUNK)):
        yield cipher.encrypt(_nonce(number, is_last), block, None)


def unseal(file: BinaryIO, key: Key, name: str) -> Iterator[bytes]:
    """What was sealed; SealError at the first chunk that is not as it was."""
    head = file.read(len(MAGIC) + SALT)
    if len(head) != len(MAGIC) + SALT or not head.startswith(MAGIC):
        raise SealError(name)
    cipher = ChaCha20Poly1305(key.derived(name, head[len(MAGIC) :]))
    chunks = iter(lambda: file.read(CHUNK + TAG), b"")
    for number, (block, is_last) in enumerate(_blocks(chunks, CHUNK + TAG)):
        try:
            yield cipher.decrypt(_nonce(number, is_last), block, None)
        except InvalidTag:
            raise SealError(name) from None


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _blocks(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Blocks of that size, and whether each is the last, which is empty only when all is."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True
