"""Who is calling: the client's address and user agent, from sources that can be trusted."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from ...settings.options import IpAddress
from .headers import Headers

_IPV6_BITS = 128
_CACHED_ADDRESSES = 4096
_LONGEST = 45  # characters of an address: whoever sends more shall not be remembered

Address = IPv4Address | IPv6Address


class Client(NamedTuple):
    """What sessions and rate limits know of a caller; an empty text means unknown."""

    ip: str
    user_agent: str


def client_of(peer: str | None, headers: Headers, options: IpAddress) -> Client:
    """The caller of a request whose connection comes from `peer`.

    The address is the peer's. Only when the peer is one of `trusted_proxies` does a header of
    `ip_address_headers` count: read from the right, the first address that is no trusted proxy.
    A malformed entry on the way makes the whole chain worthless: then it is the peer's again.
    `disable_ip_tracking` leaves the address empty.
    """
    user_agent = headers.get(b"user-agent") or ""
    if peer is None or options.disable_ip_tracking:
        return Client("", user_agent)
    if is_trusted_proxy(peer, options):
        forwarded = _forwarded(headers, options)
        if forwarded is not None:
            return Client(_written(forwarded, options.ipv6_subnet), user_agent)
    return Client(_written_peer(peer, options.ipv6_subnet), user_agent)


def is_trusted_proxy(peer: str | None, options: IpAddress) -> bool:
    """Whether what the connection from `peer` says of others is believed."""
    address = _parse_peer(peer) if options.trusted_proxies else None
    return address is not None and _is_trusted(address, options)


def ignored_header(peer: str | None, headers: Headers, options: IpAddress) -> str | None:
    """The forwarding header that was sent in vain from where proxies are: a network of one's own.

    From elsewhere it is somebody who makes an address up.
    """
    name = next((n for n in options.ip_address_headers if _header(n) in headers), None)
    address = _parse_peer(peer) if name and not options.disable_ip_tracking else None
    if address is None or address.is_global or _is_trusted(address, options):
        return None
    return name


class ForwardingNotice:
    """Tells the operator, once, that what may be a proxy is not trusted and so not heard."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell: Callable[[str], None] | None = tell

    def observe(self, peer: str | None, headers: Headers, options: IpAddress) -> None:
        """Look at one request; calls `tell` at the first one with an `ignored_header`."""
        if self._tell is None:
            return
        name = ignored_header(peer, headers, options)
        address = _parse_peer(peer) if name else None
        if address is None:
            return
        tell, self._tell = self._tell, None
        tell(
            f"{name} from {address} is ignored; if that is your proxy, all clients behind it count"
            " as one: set BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES to"
            f" {_suggested(address)} (docs/rate-limits.md)"
        )


def _suggested(address: Address) -> str:
    if address.is_loopback:
        return str(address)
    return f"{address}, or where that changes to the network that your proxies are in"


def _forwarded(headers: Headers, options: IpAddress) -> Address | None:
    for name in options.ip_address_headers:
        hops = (headers.get(_header(name)) or "").split(",")
        for hop in filter(None, (hop.strip(" \t") for hop in reversed(hops))):
            address = _parse(hop)
            if address is None:
                return None
            if not _is_trusted(address, options):
                return address
    return None


@lru_cache
def _header(name: str) -> bytes:
    return name.lower().encode("latin-1", "replace")


def _is_trusted(address: Address, options: IpAddress) -> bool:
    return any(address in network for network in options.trusted_proxies)


def _parse_peer(peer: str | None) -> Address | None:
    """The socket's own address may carry a zone (`fe80::1%eth0`); a header's may not."""
    return _parse(peer.partition("%")[0]) if peer else None


def _parse(text: str) -> Address | None:
    """An address without zone, port or brackets; an IPv4-mapped one is the IPv4 address."""
    return None if len(text) > _LONGEST or "%" in text else _parsed(text)


@lru_cache(maxsize=_CACHED_ADDRESSES)
def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=_CACHED_ADDRESSES)
def _written_peer(peer: str, subnet: int) -> str:
    address = _parse_peer(peer)
    return "" if address is None else _written(address, subnet)


def _written(address: Address, subnet: int) -> str:
    """IPv4 as usual; IPv6 as its network of `subnet` bits, eight full groups (`normalizeIP`)."""
    if isinstance(address, IPv4Address):
        return str(address)
    hidden = max(0, _IPV6_BITS - max(0, subnet))
    digits = f"{int(address) >> hidden << hidden:032x}"
    return ":".join([digits[start : start + 4] for start in range(0, 32, 4)])
