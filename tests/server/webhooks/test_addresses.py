"""Only addresses of the internet are public, however they are written."""

import pytest

from app.server.webhooks.addresses import is_public

PUBLIC = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
REFUSED = {
    "this network": "0.0.0.0",  # noqa: S104 - an address to refuse
    "loopback": "127.0.0.1",
    "end of loopback": "127.255.255.254",
    "private A": "10.0.0.1",
    "private B": "172.16.0.1",
    "end of private B": "172.31.255.255",
    "private C": "192.168.1.1",
    "shared": "100.64.0.1",
    "link-local, of cloud metadata": "169.254.169.254",
    "protocols": "192.0.0.8",
    "documentation": "203.0.113.7",
    "benchmarks": "198.18.0.1",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified v6": "::",
    "loopback v6": "::1",
    "link-local v6": "fe80::1",
    "link-local v6 with a zone": "fe80::1%eth0",
    "site-local v6": "fec0::1",
    "unique-local v6": "fd00::1",
    "multicast v6": "ff02::1",
    "v4-mapped": "::ffff:127.0.0.1",
    "v4-mapped, public": "::ffff:1.1.1.1",
    "v4-compatible": "::7f00:1",
    "NAT64": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::1",
    "6to4 of loopback": "2002:7f00:1::1",
    "Teredo": "2001::1",
    "documentation v6": "2001:db8::1",
    "newer documentation v6": "3fff::1",
    "a name": "localhost",
    "nothing": "",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("kind", REFUSED)
def test_other_address_is_not(kind: str) -> None:
    assert not is_public(REFUSED[kind])
