"""Finds the client IP and the user agent, from trusted sources only."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from ...models.records import Client
from ...settings.options import IpAddressOptions
from .headers import Headers

_IPV6_BITS = 128
_CACHED_ADDRESSES = 4096
_LONGEST = 45  # characters of an address; longer ones are not cached

Address = IPv4Address | IPv6Address


def identify_client(peer: str | None, headers: Headers, options: IpAddressOptions) -> Client:
    """Returns the client of a request whose connection comes from `peer`.

    The client IP is the address of the peer. Only if the peer is one of `trusted_proxies`, a header
    of `ip_address_headers` is used: read from the right, the first address that is not a trusted
    proxy. After a malformed entry the peer's address is used. With `disable_ip_tracking` the
    address is empty.
    """
    user_agent = headers.get(b"user-agent") or ""
    if peer is None or options.disable_ip_tracking:
        return Client("", user_agent)
    if is_trusted_proxy(peer, options):
        forwarded = _find_forwarded(headers, options)
        if forwarded is not None:
            return Client(_format_address(forwarded, options.ipv6_subnet), user_agent)
    return Client(_format_peer(peer, options.ipv6_subnet), user_agent)


def is_trusted_proxy(peer: str | None, options: IpAddressOptions) -> bool:
    """Whether `peer` is a trusted proxy."""
    address = _parse_peer(peer) if options.trusted_proxies else None
    return address is not None and _is_trusted(address, options)


def find_ignored_header(
    peer: str | None, headers: Headers, options: IpAddressOptions
) -> str | None:
    """Returns the ignored forwarding header of a peer in a private network, or None.

    From other networks a client may have invented it.
    """
    name = None
    for each in options.ip_address_headers:
        if _encode_name(each) in headers:
            name = each
            break
    address = _parse_peer(peer) if name and not options.disable_ip_tracking else None
    if address is None or address.is_global or _is_trusted(address, options):
        return None
    return name


class ForwardingNotice:
    """Logs once that a possible proxy is not trusted, so its headers are ignored."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn: Callable[[str], None] | None = warn

    def observe(self, peer: str | None, headers: Headers, options: IpAddressOptions) -> None:
        """Checks a request. Calls `warn` at the first one with an ignored header."""
        if self._warn is None:
            return
        name = find_ignored_header(peer, headers, options)
        address = _parse_peer(peer) if name else None
        if address is None:
            return
        warn, self._warn = self._warn, None
        warn(
            f"{name} from {address} is ignored; if that is your proxy, all clients behind it count"
            " as one: set BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES to"
            f" {_suggest(address)} (docs/rate-limits.md)"
        )


def _suggest(address: Address) -> str:
    if address.is_loopback:
        return str(address)
    return f"{address}, or, if that address changes, to the network of your proxies"


def _find_forwarded(headers: Headers, options: IpAddressOptions) -> Address | None:
    for name in options.ip_address_headers:
        hops = (headers.get(_encode_name(name)) or "").split(",")
        for hop in filter(None, (hop.strip(" \t") for hop in reversed(hops))):
            address = _parse(hop)
            if address is None:
                return None
            if not _is_trusted(address, options):
                return address
    return None


@lru_cache
def _encode_name(name: str) -> bytes:
    return name.lower().encode("latin-1", "replace")


def _is_trusted(address: Address, options: IpAddressOptions) -> bool:
    return any(address in network for network in options.trusted_proxies)


def _parse_peer(peer: str | None) -> Address | None:
    """Parses the address of a socket, which may have a zone (`fe80::1%eth0`)."""
    return _parse(peer.partition("%")[0]) if peer else None


def _parse(text: str) -> Address | None:
    """Parses an address without zone, port and brackets. IPv4-mapped becomes IPv4."""
    return None if len(text) > _LONGEST or "%" in text else _parse_cached(text)


@lru_cache(maxsize=_CACHED_ADDRESSES)
def _parse_cached(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=_CACHED_ADDRESSES)
def _format_peer(peer: str, subnet: int) -> str:
    address = _parse_peer(peer)
    return "" if address is None else _format_address(address, subnet)


def _format_address(address: Address, subnet: int) -> str:
    """Formats an address. IPv6: its network of `subnet` bits, in full (`normalizeIP`)."""
    if isinstance(address, IPv4Address):
        return str(address)
    hidden = max(0, _IPV6_BITS - max(0, subnet))
    digits = f"{int(address) >> hidden << hidden:032x}"
    return ":".join([digits[start : start + 4] for start in range(0, 32, 4)])
