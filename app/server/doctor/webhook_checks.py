"""Checks of the receiver of webhooks: it can be reached, and may be. Nothing is sent."""

import ssl
from typing import Final
from urllib.parse import urlsplit

import httpcore

from ...settings.settings import Settings
from ..webhooks.connections import AddressRefused, CheckedNetwork
from .finding import Finding, Result
from .hosts import is_local

_CHECK: Final = "webhooks"
_PORTS: Final = {"http": 80, "https": 443}
_SECONDS: Final = 10.0


async def inspect_webhooks(settings: Settings) -> list[Finding]:
    """Looks the host up, connects, and says goodbye."""
    if settings.webhook_url is None:
        return [Finding(_CHECK, Result.OK, "WEBHOOK_URL is not set: there are none")]
    url = urlsplit(settings.webhook_url)
    host, is_https = url.hostname or "", url.scheme == "https"
    port = url.port or _PORTS[url.scheme]
    place = f"{host}:{port}"
    try:
        await _connect(host, port, is_https=is_https, allow_private=settings.webhook_allow_private)
    except AddressRefused as fault:
        remedy = "correct WEBHOOK_URL, or set WEBHOOK_ALLOW_PRIVATE=true for your own network"
        return [Finding(_CHECK, Result.WRONG, f"{place}: {fault}", remedy)]
    except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as fault:
        line = f"{place} cannot be reached: {str(fault) or type(fault).__name__}"
        remedy = "correct WEBHOOK_URL, or let this machine reach it"
        return [Finding(_CHECK, Result.WRONG, line, remedy)]
    if not is_https and not is_local(host):
        line = f"{place} can be reached without TLS: the network can read what webhooks tell"
        return [Finding(_CHECK, Result.WARNING, line, "use https, if the network is not yours")]
    return [Finding(_CHECK, Result.OK, f"{place} can be reached")]


async def _connect(host: str, port: int, *, is_https: bool, allow_private: bool) -> None:
    network = CheckedNetwork(allow_private=allow_private)
    stream = await network.connect_tcp(host, port, _SECONDS)
    try:
        if is_https:
            stream = await stream.start_tls(ssl.create_default_context(), host, _SECONDS)
    finally:
        await stream.aclose()
