"""What the limiter shields in the whole application, and whom it takes for one client."""

import asyncio
from collections.abc import AsyncIterator
from ipaddress import IPv4Network

import pytest

from app.auth.passwords import hashing as passwords
from app.auth.passwords.hashes import Scheme, make, verify_hash
from app.settings.options import AdvancedOptions, IpAddressOptions, RateLimitOptions
from tests.support.asgi import Answer, Header, call
from tests.support.service import EMAIL, JSON, PASSWORD, Service, serving
from tests.web.middleware.test_front_controller import COOKIE, LIMIT, assert_bare_404

pytestmark = pytest.mark.anyio


@pytest.fixture
async def limited(sqlite_url: str) -> AsyncIterator[Service]:
    async with serving(sqlite_url, rate_limit=RateLimitOptions()) as service:
        yield service


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Passwords that reached the check or the hash."""
    seen: list[str] = []

    def checked(password: str, stored: str) -> bool:
        seen.append(password)
        return verify_hash(password, stored)

    def made(password: str, scheme: Scheme) -> str:
        seen.append(password)
        return make(password, scheme)

    monkeypatch.setattr(passwords, "verify_hash", checked)
    monkeypatch.setattr(passwords, "make", made)
    return seen


async def sign_in(service: Service, peer: str, *forwarded: Header) -> Answer:
    body = {"email": EMAIL, "password": PASSWORD}
    return await service.post("/sign-in/email", body, forwarded, peer=peer)


async def test_of_fifty_parallel_sign_ins_at_most_three_reach_the_password_check(
    limited: Service, checks: list[str]
) -> None:
    checks.clear()
    answers = await asyncio.gather(*(sign_in(limited, "192.0.2.1") for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [401] * 3 + [429] * 47
    assert len(checks) == 3


async def test_refused_sign_up_makes_no_hash(limited: Service, checks: list[str]) -> None:
    for _ in range(3):
        await limited.sign_up("bad")
    checks.clear()
    answer = await limited.sign_up()
    assert answer.status == 429
    assert answer.json() == LIMIT
    assert checks == []


async def test_addresses_of_one_network_share_a_counter(limited: Service) -> None:
    """GHSA-p6v2-xcpg-h6xw."""
    statuses = [(await sign_in(limited, f"2001:db8:0:1::{n:x}")).status for n in range(4)]
    assert statuses == [401, 401, 401, 429]


async def test_spellings_of_one_address_share_a_counter(limited: Service) -> None:
    spellings = ["::ffff:192.0.2.1", "::FFFF:C000:201", "192.0.2.1", "192.0.2.1"]
    statuses = [(await sign_in(limited, address)).status for address in spellings]
    assert statuses == [401, 401, 401, 429]


async def test_other_addresses_have_counters_of_their_own(limited: Service) -> None:
    statuses = [(await sign_in(limited, f"192.0.2.{n}")).status for n in range(6)]
    assert statuses == [401] * 6


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "x_forwarded_for"])
async def test_forwarded_address_of_an_untrusted_peer_is_no_new_counter(
    limited: Service, header: str
) -> None:
    statuses = [
        (await sign_in(limited, "192.0.2.1", (header, f"198.51.100.{n}"))).status for n in range(4)
    ]
    assert statuses == [401, 401, 401, 429]


async def test_unknown_peers_share_a_counter(limited: Service) -> None:
    statuses = [(await sign_in(limited, "")).status for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


@pytest.fixture
async def proxied(sqlite_url: str) -> AsyncIterator[Service]:
    from_proxies = IpAddressOptions(trusted_proxies=(IPv4Network("10.0.0.0/8"),))
    advanced = AdvancedOptions(ip_address=from_proxies)
    async with serving(sqlite_url, rate_limit=RateLimitOptions(), advanced=advanced) as service:
        yield service


async def test_rightmost_untrusted_hop_behind_a_trusted_proxy_is_the_counter(
    proxied: Service,
) -> None:
    hops = [f"198.51.100.{n}, 203.0.113.9, 10.0.0.2" for n in range(4)]
    statuses = [
        (await sign_in(proxied, "10.0.0.1", ("x-forwarded-for", hop))).status for hop in hops
    ]
    assert statuses == [401, 401, 401, 429]
    other = ("x-forwarded-for", "203.0.113.10")
    assert (await sign_in(proxied, "10.0.0.1", other)).status == 401


async def test_forwarded_address_is_the_session_s_only_behind_a_trusted_proxy(
    proxied: Service,
) -> None:
    body = {"name": "x", "password": PASSWORD}
    forwarded = [("x-forwarded-for", "203.0.113.9")]
    addresses = []
    for peer in ("10.0.0.1", "192.0.2.1"):
        new = {**body, "email": f"{peer.partition('.')[0]}@b.co"}
        answer = await proxied.post("/sign-up/email", new, forwarded, peer=peer)
        headers = [("authorization", f"Bearer {answer.json()['token']}")]
        session = (await proxied.get("/get-session", headers)).json()["session"]
        addresses.append(session["ipAddress"])
    assert addresses == ["203.0.113.9", "192.0.2.1"]


async def test_without_tracking_there_is_no_address_and_no_limit(sqlite_url: str) -> None:
    advanced = AdvancedOptions(ip_address=IpAddressOptions(disable_ip_tracking=True))
    async with serving(sqlite_url, rate_limit=RateLimitOptions(), advanced=advanced) as service:
        token = (await service.sign_up()).json()["token"]
        headers = [("authorization", f"Bearer {token}")]
        session = (await service.get("/get-session", headers)).json()["session"]
        assert session["ipAddress"] == ""
        statuses = [(await sign_in(service, "192.0.2.1")).status for _ in range(5)]
        assert statuses == [200] * 5


async def test_hostile_host_of_the_first_request_changes_nothing(limited: Service) -> None:
    """GHSA-569q-mpph-wgww."""
    hostile = [("host", "evil.example"), ("x-forwarded-host", "evil.example")]
    hostile += [("x-forwarded-proto", "https"), ("forwarded", "host=evil.example;proto=https")]
    assert (await limited.get("/ok", hostile)).status == 200
    signed_up = await limited.sign_up()
    assert signed_up.header_list("set-cookie")[0].startswith("better-auth.session_token=")
    headers = [JSON, ("origin", "https://evil.example"), ("host", "evil.example")]
    assert (await limited.post("/sign-in/email", b"{}", [*headers, COOKIE])).status == 403


@pytest.mark.parametrize(
    "target",
    ["//api/auth/ok", "/%61pi/auth/ok", "/api/auth/ok/", "/api/auth//ok", "/api/auth/OK"],
)
async def test_disguises_are_bare_404s_of_the_whole_application(
    limited: Service, target: str
) -> None:
    assert_bare_404(await call(limited.app, "GET", target))
