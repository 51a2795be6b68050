"""Tells this machine from others."""

from ipaddress import ip_address
from typing import Final

_NAMES: Final = ("localhost", "localhost.localdomain")


def is_local(host: str) -> bool:
    """Whether a host, a name or an address, is this machine."""
    if host in _NAMES or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
