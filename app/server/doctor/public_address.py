"""Asks the running service, through its proxy, which address it sees of this machine."""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from msgspec import DecodeError, Struct, json

from ...auth.crypto.doctor_tokens import (
    SEEN_HEADER,
    TOKEN_HEADER,
    SeenClient,
    make_doctor_token,
)
from ...models.clock import now
from ...settings.settings import Settings
from .database_checks import judge_clock
from .finding import Finding, Result

_CHECK: Final = "public address"
_SECONDS: Final = 8.0
# An address for documentation (RFC 5737), which no client has.
INVENTED: Final = "198.51.100.77"
_EXAMPLE: Final = "the address that users see, such as https://auth.example.com"
_OK: Final = 200
_OLD: Final = timedelta(seconds=2)  # a Date has whole seconds, and servers keep it for one
_PROXIES: Final = "BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES"


class _Reply(Struct, frozen=True):
    status: int
    headers: Mapping[str, str]


async def inspect_public_address(url: str, settings: Settings) -> list[Finding]:
    """Sends two requests to `/ok`, the second one with an invented address in its headers."""
    before = now()
    try:
        reply = await asyncio.to_thread(_ask, url, settings, {})
        pretended = dict.fromkeys(settings.advanced.ip_address.ip_address_headers, INVENTED)
        forged = await asyncio.to_thread(_ask, url, settings, pretended)
    except ssl.SSLError as fault:
        line = f"{url}: {fault.reason or fault}: browsers refuse this certificate"
        return [Finding(_CHECK, Result.WRONG, line, "renew the certificate of the proxy")]
    except ValueError as fault:
        return [Finding(_CHECK, Result.WRONG, f"--url {url}: {fault}", f"give --url {_EXAMPLE}")]
    except (OSError, HTTPException) as fault:
        line = f"{url} cannot be reached: {str(fault) or type(fault).__name__}"
        return [Finding(_CHECK, Result.WRONG, line, "start the service, or correct the proxy")]
    if reply.status != _OK:
        line = f"{url} answers {reply.status} to {settings.auth_path}/ok"
        remedy = "let the proxy pass that path to the service, unchanged"
        return [Finding(_CHECK, Result.WRONG, line, remedy)]
    found = [*_judge(url, reply, forged, settings)]
    if date := reply.headers.get("date"):
        there = parsedate_to_datetime(date)
        found.append(judge_clock("the running service", there, (before, now()), _OLD))
    return found


def _judge(url: str, reply: _Reply, forged: _Reply, settings: Settings) -> Iterator[Finding]:
    seen = _read(reply)
    # Some proxies refuse a request that pretends.
    pretended = seen if forged.status != _OK else _read(forged)
    if seen is None or pretended is None:
        line = f"{url} answers, but does not say which address it sees"
        remedy = "run this with the settings of that service; a proxy may drop the header, too"
        yield Finding(_CHECK, Result.WARNING, line, remedy)
    elif settings.advanced.ip_address.disable_ip_tracking:
        yield Finding(_CHECK, Result.OK, f"{url} answers; addresses of clients are not read")
    elif seen.ignored is not None:
        line = f"{seen.ignored} of the proxy {seen.peer} is ignored: all users count as one client"
        yield Finding(_CHECK, Result.WRONG, line, f"set {_PROXIES}={seen.peer}, or its network")
    elif pretended.forwarded == pretended.client == INVENTED:
        line = "a client can choose its address: the proxy passes the header on as it came"
        remedy = "let the proxy add the address of its client (nginx: $proxy_add_x_forwarded_for)"
        yield Finding(_CHECK, Result.WRONG, line, remedy)
    elif seen.forwarded is None:
        yield _judge_without_proxy(url, seen)
    elif seen.client == seen.peer:
        line = f"{url} takes this machine for a proxy: ask from a machine that is none"
        yield Finding(_CHECK, Result.UNCHECKED, line)
    else:
        yield Finding(_CHECK, Result.OK, f"{url} sees this machine as {seen.client}")


def _judge_without_proxy(url: str, seen: SeenClient) -> Finding:
    """Judges a connection on which no proxy names its client. Over https there is a proxy."""
    if url.lower().startswith("https:"):
        line = f"the proxy {seen.peer} names no client: all users count as one"
        return Finding(_CHECK, Result.WRONG, line, "let the proxy send X-Forwarded-For")
    line = f"{url} answers without a proxy in between, and sees {seen.client}"
    return Finding(_CHECK, Result.OK, line)


def _read(reply: _Reply) -> SeenClient | None:
    try:
        return json.decode(reply.headers.get(SEEN_HEADER, ""), type=SeenClient)
    except DecodeError:
        return None


def _ask(url: str, settings: Settings, headers: Mapping[str, str]) -> _Reply:
    """Sends one request. Redirects are not followed: the token is for this address alone."""
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ValueError("this is not the URL of a service")
    connect = HTTPSConnection if split.scheme == "https" else HTTPConnection
    with closing(connect(split.hostname, split.port, timeout=_SECONDS)) as connection:
        token = {TOKEN_HEADER: make_doctor_token(settings.secret, now()), "connection": "close"}
        connection.request("GET", f"{settings.auth_path}/ok", headers={**token, **headers})
        response = connection.getresponse()
        response.read(1024)
        return _Reply(response.status, {k.lower(): v for k, v in response.getheaders()})
