"""The seal of a manifest: its checksum, which everybody can compute, and its HMAC by SECRET_KEY.

Where the key was changed since, the earlier one has to stand in SECRET_KEY_FALLBACKS.
"""

import hmac
from enum import StrEnum
from hashlib import sha256

from django.conf import settings
from django.utils.crypto import salted_hmac

FORMAT = 1
SALT = "portal.sealed"


class Standing(StrEnum):
    """What is found of a seal."""

    GOOD = "good"
    # The manifest is not what the seal was made of.
    BROKEN = "broken"
    # The checksum fits, but none of the site's keys made the seal.
    FOREIGN = "foreign"


def seal_of(manifest: bytes) -> str:
    """Two lines: the checksum, then the signature."""
    return f"sha256 {sha256(manifest).hexdigest()}\nhmac-sha256 {_signature(manifest, settings.SECRET_KEY)}\n"


def standing_of(manifest: bytes, seal: str) -> Standing:
    lines = dict(line.split(" ", 1) for line in seal.splitlines() if " " in line)
    if lines.get("sha256", "") != sha256(manifest).hexdigest():
        return Standing.BROKEN
    stated = lines.get("hmac-sha256", "")
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(stated.encode(), _signature(manifest, key).encode()):
            return Standing.GOOD
    return Standing.FOREIGN


def _signature(manifest: bytes, key: str) -> str:
    return salted_hmac(SALT, manifest, secret=key, algorithm="sha256").hexdigest()
