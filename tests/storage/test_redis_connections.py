"""The ways to a Redis: by TLS, as a user with few rights, through Sentinel; and never a cluster."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from redis.asyncio import Redis

from app.models.errors import StoreUnavailable
from app.storage.redis import RedisStorage
from tests.support.pages import block
from tests.support.programs import free_port
from tests.support.redis import MISSING, RedisServer
from tests.support.sentinel import PASSWORD, SERVICE, Certificate, Watched, running_sentinel

pytestmark = pytest.mark.anyio
RECOVERY = 10.0  # seconds
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])


@pytest.fixture
def watched() -> Iterator[Watched]:
    with running_sentinel() as found:
        assert found is not None, MISSING
        yield found


def listen(server: RedisServer, *options: str) -> int:
    """Starts it again with these options, on a port where its clients are."""
    port = free_port()
    server.stop()
    server.options = tuple(each.format(port=port) for each in options)
    server.start()
    return port


def certify(folder: Path) -> Certificate:
    """It signs itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(_NAME, _NAME, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.path.write_bytes(certificate.public_bytes(Encoding.PEM))
    plain = NoEncryption()
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, plain))
    return made


async def use(url: str) -> None:
    """Every command that the service has."""
    storage = RedisStorage.open(url, "better-auth:")
    try:
        await storage.ping()
        assert await storage.find_fault() is None
        await storage.set("a", "one", 60)
        assert [await storage.get("a"), await storage.get_many("a", "b")] == ["one", ["one", None]]
        assert await storage.swap("a", "one", "two", 60)
        assert await storage.get_and_delete("a") == "two"
        assert await storage.increment("n", 60) == 1
        await storage.decrement("n")
        await storage.delete("n")
    finally:
        await storage.close()


async def refuse(url: str) -> None:
    storage = RedisStorage.open(url, "better-auth:")
    with pytest.raises(StoreUnavailable):
        await storage.get("a")
    await storage.close()


async def succeed(call: Callable[[], Awaitable[object]]) -> None:
    """Calls until it is not refused any more."""
    deadline = time.monotonic() + RECOVERY
    while True:
        try:
            await call()
        except StoreUnavailable:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        else:
            return


async def test_server_with_tls_is_used_if_its_certificate_is_trusted(
    stoppable_redis: RedisServer, tmp_path: Path
) -> None:
    certificate = certify(tmp_path)
    port = listen(stoppable_redis, "--tls-port", "{port}", *certificate.options)
    await use(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate.path}")
    await refuse(f"rediss://127.0.0.1:{port}/0")
    await refuse(f"redis://127.0.0.1:{port}/0")


async def test_rights_on_the_page_are_enough(stoppable_redis: RedisServer, tmp_path: Path) -> None:
    rights = block("docs/redis.md", "A user of its own", "text")
    users = tmp_path / "users.acl"
    users.write_text(rights.replace("a-long-password", "s3cret/word") + "user default off\n")
    port = listen(stoppable_redis, "--port", "{port}", "--aclfile", str(users))
    await use(f"redis://auth:{quote('s3cret/word', safe='')}@127.0.0.1:{port}/0")
    await refuse(f"redis://auth:wrong@127.0.0.1:{port}/0")
    await refuse(f"redis://127.0.0.1:{port}/0")


async def test_server_that_sentinel_promotes_is_used(watched: Watched) -> None:
    password = quote(PASSWORD, safe="")
    hosts = f"127.0.0.1:{free_port()},127.0.0.1:{watched.port}"  # the first one is down
    url = f"redis+sentinel://{hosts}/{SERVICE}/3?sentinel_password={password}"
    await use(url)
    storage = RedisStorage.open(url)
    await storage.set("a", "one")
    async with Redis.from_url(watched.replica.url.replace("db=0", "db=3")) as replica:
        while not await replica.exists("a"):  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.01)
    watched.master.stop()
    with pytest.raises(StoreUnavailable):
        await storage.get("a")
    await succeed(lambda: storage.set("b", "two"))
    assert await storage.get_many("a", "b") == ["one", "two"]
    await storage.close()


async def test_sentinel_and_its_servers_are_asked_by_tls(tmp_path: Path) -> None:
    certificate, password = certify(tmp_path), quote(PASSWORD, safe="")
    with running_sentinel(certificate) as watched:
        assert watched is not None, MISSING
        rest = f"127.0.0.1:{watched.port}/{SERVICE}?sentinel_password={password}"
        await use(f"rediss+sentinel://{rest}&ssl_ca_certs={certificate.path}")
        await refuse(f"rediss+sentinel://{rest}")
        await refuse(f"redis+sentinel://{rest}")


async def test_unknown_service_of_sentinel_is_one_line(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    password = quote(PASSWORD, safe="")
    await refuse(f"redis+sentinel://127.0.0.1:{watched.port}/other?sentinel_password={password}")
    await refuse(f"redis+sentinel://127.0.0.1:{watched.port}/{SERVICE}?sentinel_password=wrong")
    await refuse(f"redis+sentinel://127.0.0.1:{free_port()}/{SERVICE}")
    reasons = [record.__dict__["facts"]["reason"] for record in caplog.records]
    assert [reason.partition(" in ")[0] for reason in reasons] == ["no Sentinel"] * 3


async def test_cluster_is_refused_in_one_line(
    stoppable_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    port = listen(stoppable_redis, "--port", "{port}", "--cluster-enabled", "yes")
    storage = RedisStorage.open(f"redis://127.0.0.1:{port}/0")
    fault = await storage.find_fault()
    assert fault is not None
    assert fault.startswith("REDIS_URL: it is in cluster mode, which this service does not use: ")
    with pytest.raises(StoreUnavailable):
        await storage.get("a")
    assert "cluster mode" in caplog.records[0].__dict__["facts"]["reason"]
    await storage.close()
