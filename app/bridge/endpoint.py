"""An HTTP address of the auth server, with limits. Needs httpx."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import Final

import httpx

from .per_loop import PerLoop

SECONDS: Final = 5.0
CONNECTIONS: Final = 20

Header = tuple[bytes, bytes]

_IDLE_SECONDS: Final = 2.0  # less than servers keep a connection, so that none closes under us
_OURS: Final[Sequence[Header]] = (
    (b"Accept", b"application/json"),
    (b"Accept-Encoding", b"identity"),  # what is unpacked could be of any size
    (b"User-Agent", b"better-auth-bridge"),
)


class Unreachable(Exception):
    """There is no usable response. The message says why, without sent headers."""


class HttpEndpoint:
    """GETs one URL: no redirects, no cookie jar, at most `largest` bytes and a few seconds.

    `proxied`: whether the environment's proxies are used, unless a `client` is given. Certificate
    authorities come from SSL_CERT_FILE, otherwise from certifi. Raises ValueError for an invalid
    URL.
    """

    def __init__(
        self,
        url: str,
        *,
        largest: int,
        proxied: bool,
        client: httpx.AsyncClient | None,
        seconds: float,
    ) -> None:
        self._url = _check_url(url)
        self._largest = largest
        self._proxied = proxied
        self._client = client
        self._seconds = seconds
        # Reading the certificates takes time, which the event loop should not spend.
        self._tls = None if client else _create_tls()
        self._clients = PerLoop(self._create_client)

    def __str__(self) -> str:
        return str(self._url.copy_with(query=None))

    async def get(self, headers: Sequence[Header] = ()) -> bytes:
        """Returns the body of a response 200. Raises Unreachable."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._get(headers)
        except TimeoutError:
            raise Unreachable(f"no answer within {self._seconds:g} seconds") from None
        except httpx.ConnectError as error:
            raise Unreachable(f"no connection: {error}") from None
        except httpx.HTTPError as error:  # its text may quote a header
            raise Unreachable(f"the request failed ({type(error).__name__})") from None

    async def close(self) -> None:
        """Closes the connections. A given client stays open."""
        client = self._clients.release()
        if client is not None:
            await client.aclose()

    async def _get(self, headers: Sequence[Header]) -> bytes:
        # Not `client.get`: that would add the cookies of earlier answers, which were for others.
        request = httpx.Request("GET", self._url, headers=[*_OURS, *headers])
        client = self._client or self._clients.get()
        response = await client.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            return await self._read_body(response)
        finally:
            await response.aclose()

    async def _read_body(self, response: httpx.Response) -> bytes:
        if response.status_code != httpx.codes.OK:
            raise Unreachable(
                f"it answers {response.status_code}{_suggest_fix(response.status_code)}"
            )
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Unreachable("its response is compressed, but compression was not requested")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._largest:
                raise Unreachable(f"its response is longer than {self._largest} bytes")
        return bytes(body)

    def _create_client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
        )
        return httpx.AsyncClient(
            verify=self._tls or True,
            trust_env=self._proxied,
            limits=limits,
            timeout=self._seconds,
        )


def _check_url(url: str) -> httpx.URL:
    try:
        found = httpx.URL(url.strip())
    except httpx.InvalidURL:
        raise ValueError("the URL can't be read; write http://host:port/path") from None
    if found.scheme not in ("http", "https") or not found.host:
        raise ValueError("the URL must be complete: http://host:port/path or https://…")
    if found.userinfo:
        raise ValueError("the URL must not contain a user or a password")
    return found


def _create_tls() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError:
        raise ValueError("SSL_CERT_FILE or SSL_CERT_DIR holds no certificates") from None


def _suggest_fix(status: int) -> str:
    if httpx.codes.is_redirect(status):
        return ", a redirect, which is not followed: set the URL to which it redirects"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return ": its rate limit counts all users of this API as one client, raise it"
    return ""
