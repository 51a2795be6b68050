from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest

from app.models.records import Client
from app.settings.options import IpAddressOptions
from app.web.http.client import ForwardingNotice, identify_client
from app.web.http.headers import Headers

PROXIES = IpAddressOptions(trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")))
PROXY = "10.0.0.1"


def forwarded(chain: str, options: IpAddressOptions = PROXIES, peer: str | None = PROXY) -> str:
    return identify_client(
        peer, Headers([(b"x-forwarded-for", chain.encode("latin-1"))]), options
    ).ip


def test_client_is_the_peer_and_the_agent_as_sent() -> None:
    headers = Headers([(b"user-agent", b"curl/8 (x)")])
    assert identify_client("203.0.113.7", headers, IpAddressOptions()) == Client(
        "203.0.113.7", "curl/8 (x)"
    )


@pytest.mark.parametrize("peer", [None, "", "unix:", "testclient"])
def test_unknown_peer_is_empty(peer: str | None) -> None:
    assert identify_client(peer, Headers([]), PROXIES) == Client("", "")


@pytest.mark.parametrize("chain", ["1.2.3.4", "1.2.3.4, 203.0.113.7", "10.0.0.9", "x"])
@pytest.mark.parametrize("options", [IpAddressOptions(), PROXIES])
def test_untrusted_peer_cannot_choose_its_address(chain: str, options: IpAddressOptions) -> None:
    """PR #10203: a made-up X-Forwarded-For never yields a new bucket."""
    assert forwarded(chain, options, peer="203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize(
    ("chain", "ip"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("6.6.6.6,203.0.113.7 ,10.9.9.9, 10.0.0.2", "203.0.113.7"),
        ("nonsense, 203.0.113.7", "203.0.113.7"),
        (" , 203.0.113.7, ", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, ::ffff:10.0.0.2, fd00::5", "203.0.113.7"),
    ],
)
def test_right_most_untrusted_hop_is_the_client(chain: str, ip: str) -> None:
    """PR #10203."""
    assert forwarded(chain) == ip


@pytest.mark.parametrize(
    "hop",
    [
        "x",
        "unknown",
        "1.2.3.4:80",
        "[2001:db8::1]",
        "fe80::1%eth0",
        "01.2.3.4",
        "1.2.3",
        "1.2.3.256",
    ],
)
def test_malformed_hop_falls_back_to_the_peer(hop: str) -> None:
    """PR #10203: what stands left of a hop that nobody can read was not vouched for."""
    assert forwarded(f"6.6.6.6, {hop}") == PROXY
    assert forwarded(f"6.6.6.6, {hop}, 10.0.0.3") == PROXY


@pytest.mark.parametrize("chain", ["", " , ", "10.0.0.9", "10.0.0.9, 10.0.0.2"])
def test_chain_without_a_client_is_the_peer(chain: str) -> None:
    assert forwarded(chain) == PROXY


def test_duplicate_headers_are_one_chain() -> None:
    headers = Headers([(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.7")])
    assert identify_client(PROXY, headers, PROXIES).ip == "203.0.113.7"


def test_underscore_variant_of_the_header_is_ignored() -> None:
    headers = Headers([(b"x_forwarded_for", b"6.6.6.6")])
    assert identify_client(PROXY, headers, PROXIES).ip == PROXY


def test_headers_are_asked_in_order_and_only_those_configured() -> None:
    options = IpAddressOptions(
        ip_address_headers=("CF-Connecting-IP", "x-real-ip"),
        trusted_proxies=PROXIES.trusted_proxies,
    )
    both = [(b"x-real-ip", b"2.2.2.2"), (b"cf-connecting-ip", b"1.1.1.1")]
    assert identify_client(PROXY, Headers(both), options).ip == "1.1.1.1"
    assert identify_client(PROXY, Headers(both[:1]), options).ip == "2.2.2.2"
    assert forwarded("3.3.3.3", options) == PROXY
    broken = [(b"x-real-ip", b"2.2.2.2"), (b"cf-connecting-ip", b"nonsense")]
    assert identify_client(PROXY, Headers(broken), options).ip == PROXY


@pytest.mark.parametrize(
    "spelling",
    ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:201", "0:0:0:0:0:ffff:192.0.2.1"],
)
def test_every_spelling_of_an_ipv4_address_is_one_client(spelling: str) -> None:
    """GHSA-p6v2-xcpg-h6xw."""
    assert forwarded(spelling) == "192.0.2.1"
    assert identify_client(spelling, Headers([]), PROXIES).ip == "192.0.2.1"


@pytest.mark.parametrize(
    "address", ["2001:db8::1", "2001:DB8::ffff", "2001:0db8:0:0:dead:beef:0:1", "2001:db8::1.2.3.4"]
)
def test_addresses_of_one_network_are_one_client(address: str) -> None:
    """GHSA-p6v2-xcpg-h6xw: nobody gets a new bucket for each address of their /64."""
    assert forwarded(address) == "2001:0db8:0000:0000:0000:0000:0000:0000"


@pytest.mark.parametrize(
    ("subnet", "ip"),
    [
        (128, "2001:0db8:0001:0203:0405:0607:0809:0a0b"),
        (60, "2001:0db8:0001:0200:0000:0000:0000:0000"),
        (48, "2001:0db8:0001:0000:0000:0000:0000:0000"),
        (0, "0000:0000:0000:0000:0000:0000:0000:0000"),
    ],
)
def test_ipv6_is_masked_to_the_subnet(subnet: int, ip: str) -> None:
    address = "2001:db8:1:203:405:607:809:a0b"
    assert identify_client(address, Headers([]), IpAddressOptions(ipv6_subnet=subnet)).ip == ip


def test_zone_of_a_link_local_peer_is_dropped() -> None:
    peer = identify_client("fe80::1%eth0", Headers([]), IpAddressOptions()).ip
    assert peer == "fe80:0000:0000:0000:0000:0000:0000:0000"


def test_tracking_switched_off_leaves_no_address() -> None:
    headers = Headers([(b"user-agent", b"curl"), (b"x-forwarded-for", b"1.2.3.4")])
    options = IpAddressOptions(trusted_proxies=PROXIES.trusted_proxies, disable_ip_tracking=True)
    assert identify_client(PROXY, headers, options) == Client("", "curl")


def heard(peer: str | None, options: IpAddressOptions, *headers: tuple[bytes, bytes]) -> list[str]:
    lines: list[str] = []
    notice = ForwardingNotice(lines.append)
    for _ in range(3):
        notice.observe(peer, Headers(headers), options)
    return lines


@pytest.mark.parametrize(
    "peer",
    [
        *("127.0.0.1", "::1", "::ffff:127.0.0.1"),
        *("10.1.2.3", "172.17.0.1", "192.168.65.1", "::ffff:10.0.0.1"),
        *("100.64.0.1", "100.127.255.254"),  # shared address space: Fly, Railway, Tailscale
        *("169.254.1.1", "fe80::1%eth0", "fd12:3456::1"),
    ],
)
@pytest.mark.parametrize("elsewhere", [(), (ip_network("198.51.100.0/24"),)])
def test_ignored_proxy_is_told_once(
    peer: str, elsewhere: tuple[IPv4Network | IPv6Network, ...]
) -> None:
    options = IpAddressOptions(trusted_proxies=elsewhere)
    [line] = heard(peer, options, (b"x-forwarded-for", b"1.2.3.4"))
    assert line.isprintable()
    address = peer.removeprefix("::ffff:").partition("%")[0]
    assert f"BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES to {address}" in line


@pytest.mark.parametrize(
    ("peer", "options", "headers"),
    [
        ("127.0.0.1", IpAddressOptions(), []),
        ("9.9.9.9", IpAddressOptions(), [(b"x-forwarded-for", b"1.2.3.4")]),
        ("100.128.0.1", IpAddressOptions(), [(b"x-forwarded-for", b"1.2.3.4")]),
        ("2606:4700::1", IpAddressOptions(), [(b"x-forwarded-for", b"1.2.3.4")]),
        ("10.1.2.3", IpAddressOptions(), [(b"x-real-ip", b"1.2.3.4")]),
        (
            "10.1.2.3",
            IpAddressOptions(trusted_proxies=(ip_network("10.0.0.0/8"),)),
            [(b"x-forwarded-for", b"1.2.3.4")],
        ),
        (None, IpAddressOptions(), [(b"x-forwarded-for", b"1.2.3.4")]),
        (
            "127.0.0.1",
            IpAddressOptions(trusted_proxies=(ip_network("127.0.0.0/8"),)),
            [(b"x-forwarded-for", b"1.2.3.4")],
        ),
        (
            "127.0.0.1",
            IpAddressOptions(disable_ip_tracking=True),
            [(b"x-forwarded-for", b"1.2.3.4")],
        ),
    ],
)
def test_nothing_is_told_where_nothing_is_wrong(
    peer: str | None, options: IpAddressOptions, headers: list[tuple[bytes, bytes]]
) -> None:
    assert heard(peer, options, *headers) == []
