"""What `doctor --url` learns of a running service, through good proxies and bad ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.server.doctor.finding import Finding, Result
from app.server.doctor.public_address import INVENTED, inspect_public_address
from app.settings.options import AdvancedOptions, IpAddressOptions
from app.settings.settings import Settings
from tests.server.doctor.proxy import append, drop, pass_on, proxy
from tests.support.smtp import self_made_certificate
from tests.system.js_client.service import SECRET, running

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("doctor")]

CLIENT = b"203.0.113.9"
LOCAL = "127.0.0.1"
SETTINGS = Settings(secret=SECRET)
_PROXIES = "BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES"


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a service that trusts the proxies of this machine."""
    folder = tmp_path_factory.mktemp("trusting")
    own = {_PROXIES: LOCAL, "BETTER_AUTH_RATE_LIMIT_ENABLED": "true"}
    with running(f"sqlite:///{folder}/auth.db", folder, **own) as service:
        yield int(service.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def trusting_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("nobody")
    with running(f"sqlite:///{folder}/auth.db", folder) as service:
        yield int(service.url.rpartition(":")[2])


async def ask(url: str, settings: Settings = SETTINGS) -> Finding:
    found = await inspect_public_address(url, settings)
    assert [each.line for each in found[1:]] in ([], ["the clock of the running service agrees"])
    return found[0]


async def test_address_is_told_through_a_good_proxy(trusting: int) -> None:
    async with proxy(trusting, append(CLIENT)) as url:
        found = await ask(url)
    assert found == Finding("public address", Result.OK, f"{url} sees this machine as 203.0.113.9")


async def test_proxy_that_is_not_trusted_is_told_with_its_address(trusting_nobody: int) -> None:
    async with proxy(trusting_nobody, append(CLIENT)) as url:
        found = await ask(url)
    assert found.result == Result.WRONG
    assert "all users count as one client" in found.line
    assert str(found.remedy).startswith(f"set {_PROXIES}={LOCAL}")


async def test_proxy_that_passes_the_header_on_is_told(trusting: int) -> None:
    async with proxy(trusting, pass_on) as url:
        found = await ask(url)
    assert (found.result, found.line[:32]) == (Result.WRONG, "a client can choose its address:")


async def test_proxy_that_refuses_what_pretends_is_a_good_one(trusting: int) -> None:
    async with proxy(trusting, append(CLIENT), refuses=INVENTED.encode()) as url:
        assert (await ask(url)).result == Result.OK


async def test_proxy_that_names_nobody_is_told(
    trusting: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_made_certificate(tmp_path / "localhost.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with proxy(trusting, drop, certificate=certificate) as url:
        found = await ask(url)
    assert (found.result, found.line) == (
        Result.WRONG,
        f"the proxy {LOCAL} names no client: all users count as one",
    )


async def test_certificate_that_browsers_refuse_is_told(trusting: int, tmp_path: Path) -> None:
    certificate = self_made_certificate(tmp_path / "localhost.pem")
    async with proxy(trusting, append(CLIENT), certificate=certificate) as url:
        found = await ask(url)
    assert found.result == Result.WRONG
    assert "certificate" in found.line


async def test_machine_that_is_a_trusted_proxy_itself_cannot_tell(trusting: int) -> None:
    async with proxy(trusting, append(LOCAL.encode())) as url:
        found = await ask(url)
    assert found.result == Result.UNCHECKED


async def test_service_without_a_proxy_is_fine(trusting_nobody: int) -> None:
    found = await ask(f"http://{LOCAL}:{trusting_nobody}")
    assert found.result == Result.OK
    assert found.line.endswith("answers without a proxy in between, and sees 127.0.0.1")


async def test_service_that_reads_no_addresses_is_fine(trusting: int) -> None:
    options = AdvancedOptions(ip_address=IpAddressOptions(disable_ip_tracking=True))
    async with proxy(trusting, append(CLIENT)) as url:
        found = await ask(url, Settings(secret=SECRET, advanced=options))
    assert found.result == Result.OK


async def test_other_secret_learns_nothing(trusting: int) -> None:
    async with proxy(trusting, append(CLIENT)) as url:
        found = await ask(url, Settings(secret=SECRET[::-1]))
    assert found.result == Result.WARNING
    assert "203.0.113.9" not in found.line


async def test_answer_that_a_proxy_drops_is_told(trusting: int) -> None:
    async with proxy(trusting, append(CLIENT), drops=b"x-doctor") as url:
        assert (await ask(url)).result == Result.WARNING


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://127.0.0.1:2"])
async def test_address_that_does_not_answer_is_told(url: str) -> None:
    found = await ask(url)
    assert (found.result, url in found.line) == (Result.WRONG, True)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "auth.example.com"])
async def test_what_is_no_address_is_told(url: str) -> None:
    found = await ask(url)
    assert found.line == f"--url {url}: this is not the URL of a service"
    assert str(found.remedy).startswith("give ")


async def test_other_path_is_told(trusting: int) -> None:
    other = Settings(secret=SECRET, base_path="/other")
    found = await ask(f"http://{LOCAL}:{trusting}", other)
    assert found.result == Result.WRONG
    assert found.line.endswith(" answers 404 to /other/ok")
