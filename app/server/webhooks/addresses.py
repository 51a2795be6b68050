"""Which addresses webhooks may go to: those of the internet that belong to one host each."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

# IANA's registries of special-purpose addresses, and multicast. Listed here, because what Python's
# `is_global` says differs from release to release.
_NOT_IPV4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# Everything else is loopback, link-local, unique-local, multicast, or has an IPv4 address in it
# (v4-mapped, NAT64).
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")
# Teredo and other protocols, documentation, 6to4 (which has an IPv4 address in it).
_NOT_IPV6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet. False for other text."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    match parsed:
        case IPv4Address():
            return not any(parsed in network for network in _NOT_IPV4)
        case IPv6Address():
            return parsed in _GLOBAL_IPV6 and not any(parsed in net for net in _NOT_IPV6)
