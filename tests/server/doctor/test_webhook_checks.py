"""A real receiver that can be reached, may not be, is not there, or has a certificate of nobody."""

from pathlib import Path
from typing import Any

import pytest

from app.server.doctor.finding import Result
from app.server.doctor.webhook_checks import inspect_webhooks
from app.server.webhooks import connections
from app.settings.settings import Settings
from tests.server.doctor.findings import only
from tests.support.secret import STRONG_SECRET
from tests.support.smtp import self_made_certificate
from tests.support.webhooks import SECRET, receiving

pytestmark = pytest.mark.anyio


def settings(url: str | None, **more: Any) -> Settings:
    return Settings(secret=STRONG_SECRET, webhook_url=url, webhook_secret=(SECRET,), **more)


async def test_none_are_fine() -> None:
    assert only(await inspect_webhooks(settings(None))).result == Result.OK


async def test_receiver_that_can_be_reached_is_fine_and_gets_nothing() -> None:
    with receiving() as receiver:
        found = only(await inspect_webhooks(settings(receiver.url, webhook_allow_private=True)))
    assert found.result == Result.OK
    assert found.line.endswith("can be reached")
    assert receiver.received == []


async def test_own_machine_needs_the_setting() -> None:
    found = only(await inspect_webhooks(settings("https://127.0.0.1/hooks")))
    assert found.result == Result.WRONG
    assert "not an address of the internet" in found.line
    assert "WEBHOOK_ALLOW_PRIVATE=true" in (found.remedy or "")


async def test_nobody_listens() -> None:
    with receiving() as receiver:
        url = receiver.url
    found = only(await inspect_webhooks(settings(url, webhook_allow_private=True)))
    assert found.result == Result.WRONG
    assert "cannot be reached" in found.line


async def test_certificate_must_be_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_made_certificate(tmp_path / "localhost.pem")
    with receiving(certificate=certificate) as receiver:
        of_nobody = only(await inspect_webhooks(settings(receiver.url, webhook_allow_private=True)))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        known = only(await inspect_webhooks(settings(receiver.url, webhook_allow_private=True)))
    assert of_nobody.result == Result.WRONG
    assert "certificate verify failed" in of_nobody.line
    assert known.result == Result.OK


async def test_other_machine_without_tls_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(connections, "resolve_host", resolve)
    with receiving() as receiver:
        url = receiver.url.replace("localhost", "hooks.example")
        found = only(await inspect_webhooks(settings(url, webhook_allow_private=True)))
    assert found.result == Result.WARNING
    assert "without TLS" in found.line
