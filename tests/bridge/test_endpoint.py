"""Whom the bridge believes to be the auth server, where it asks by https."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.bridge import Presented, Unavailable
from app.bridge.jwks import RemoteKeys
from app.bridge.remote import RemoteSession
from tests.support.smtp import self_made_certificate

from .key_pairs import key_set, published
from .web_server import WebServer, document, web_server

pytestmark = pytest.mark.anyio

COOKIE = Presented([], ["better-auth.session_token=abc.sig"])
SESSION = {
    "session": {"expiresAt": "2999-01-01T00:00:00.000Z", "userId": "user-1", "id": "session-1"},
    "user": {"id": "user-1"},
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_made_certificate(tmp_path_factory.mktemp("tls") / "localhost.pem")


@pytest.fixture
async def server(certificate: Path) -> AsyncIterator[WebServer]:
    async with web_server(certificate) as served:
        yield served


async def test_server_that_nobody_vouches_for_is_told_nothing(server: WebServer) -> None:
    keys, remote = RemoteKeys(server.url), RemoteSession(server.url)
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await remote.authenticate(COOKIE)
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await keys("a")
    assert server.requests == 0
    await remote.close()
    await keys.close()


@pytest.mark.parametrize("url", ["http://localhost:port/jwks", "http://[::1/jwks"])
def test_url_that_cannot_be_read_is_told_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="the URL can't be read"):
        RemoteKeys(url)


async def test_authority_of_ones_own_vouches_for_it(
    server: WebServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    keys, remote = RemoteKeys(server.url), RemoteSession(server.url)
    server.answer = document(key_set(published("a")))
    assert await keys("a") is not None
    server.answer = document(SESSION)
    assert (await remote.authenticate(COOKIE)).id == "user-1"
    await remote.close()
    await keys.close()


@pytest.mark.parametrize("content", [None, "once upon a time"])
def test_authority_that_is_none_is_told_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(ValueError, match="SSL_CERT_FILE"):
        RemoteKeys("https://auth.example/jwks")
