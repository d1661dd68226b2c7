"""From which address a visitor comes: what limits on use count by."""

import logging
from functools import cache
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# A visitor whose address nobody tells: all of these share one limit.
UNKNOWN = "0.0.0.0"  # noqa: S104 (no address to listen on)

logger = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str:
    """The address in its usual form; behind a proxy the one it names in X-Real-IP.

    Where the proxy names none, or something that is no address, its own stands for all its
    visitors, and the log says so once.
    """
    if settings.BEHIND_PROXY:
        named = request.META.get("HTTP_X_REAL_IP", "")
        if address := _address(named):
            return address
        _warn_once()
    return _address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def _address(text: str) -> str:
    """Empty for what is no address; an IPv4 address in the clothes of IPv6 is one of IPv4."""
    try:
        found = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(found)


@cache
def _warn_once() -> None:
    logger.warning(
        "BEHIND_PROXY=1，但代理没有在 X-Real-IP 里写明来访者的地址：所有来访者算作同一个地址，"
        "共用一份次数限制。请在代理里设置 X-Real-IP。"
    )
