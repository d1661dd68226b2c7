"""What a command that goes on running tells systemd, where systemd started it (sd_notify(3))."""

import os
import socket
from contextlib import suppress

# Its work has begun; it is no longer than a step behind.
READY, ALIVE = "READY=1", "WATCHDOG=1"


def tell(*states: str) -> None:
    """Send these to whoever listens at NOTIFY_SOCKET; nobody need."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A name that begins with @ is no file.
    address = address.replace("@", "\0", 1)
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto("\n".join(states).encode(), address)
