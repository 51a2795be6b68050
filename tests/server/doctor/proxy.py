"""A proxy in front of a running service, as good or bad as a test wants it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

_FORWARDED = b"x-forwarded-for"
Rewrite = Callable[[bytes | None], bytes | None]


def append(address: bytes) -> Rewrite:
    """Adds this address as that of the client, as a proxy should."""
    return lambda came: address if came is None else came + b", " + address


def pass_on(came: bytes | None) -> bytes | None:
    """Passes the header on as it came."""
    return came


def drop(_came: bytes | None) -> None:
    """Sends no such header."""


@asynccontextmanager
async def proxy(
    port: int,
    rewrite: Rewrite,
    *,
    certificate: Path | None = None,
    drops: bytes = b"-",
    refuses: bytes | None = None,
) -> AsyncIterator[str]:
    """The address of a proxy of the service at this port.

    It drops headers of the answer that begin with `drops`, and refuses what contains `refuses`.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if refuses is not None and refuses in head:
            writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            writer.close()
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        inner_writer.write(_rewrite_head(head, rewrite))
        answer = await inner_reader.read()
        lines = [line for line in answer.split(b"\r\n") if not line.startswith(drops)]
        writer.write(b"\r\n".join(lines))
        await writer.drain()
        inner_writer.close()
        writer.close()

    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    scheme = "http" if certificate is None else "https"
    try:
        yield f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def _rewrite_head(head: bytes, rewrite: Rewrite) -> bytes:
    first, *lines = head.rstrip().split(b"\r\n")
    came = next((each for each in lines if each.lower().startswith(_FORWARDED)), None)
    value = rewrite(None if came is None else came.partition(b":")[2].strip())
    kept = [each for each in lines if each is not came]
    named = [] if value is None else [_FORWARDED + b": " + value]
    return b"\r\n".join([first, *kept, *named]) + b"\r\n\r\n"
