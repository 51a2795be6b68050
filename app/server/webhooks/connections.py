"""Connects to a host by an address that was checked, so that no second lookup decides."""

import asyncio
import socket
from collections.abc import Iterable
from typing import Final

import httpcore

from .addresses import is_public

_AT_ONCE: Final = 2  # at once: each keeps a thread, for as long as the name server is silent


class AddressRefused(httpcore.ConnectError):
    """The host has an address to which no webhook may go."""


async def resolve_host(host: str, port: int) -> list[str]:
    """Returns the IP addresses of a host. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Looks a host up, refuses it if any address is not public, and connects to one of them."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._inner = httpcore.AnyIOBackend()
        self._resolving = asyncio.Semaphore(_AT_ONCE)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises AddressRefused, or what httpcore raises."""
        fault: Exception = httpcore.ConnectError("the host has no address")
        for address in await self._find_addresses(host, port):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault

    async def sleep(self, seconds: float) -> None:
        """Waits, as httpcore asks for."""
        await asyncio.sleep(seconds)

    async def _find_addresses(self, host: str, port: int) -> list[str]:
        try:
            async with self._resolving:
                found = await resolve_host(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name of the host is not known") from error
        refused = [] if self._allow_private else [each for each in found if not is_public(each)]
        if refused:
            raise AddressRefused(
                f"{refused[0]} is not an address of the internet; WEBHOOK_ALLOW_PRIVATE=true"
                " allows it"
            )
        return found
