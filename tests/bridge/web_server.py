"""An HTTP server of a test's own, which answers as no sound server would."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

HEAD_END = b"\r\n\r\n"


class WebServer:
    """Answers every request with `answer`, octet for octet, once `may_answer` is set."""

    def __init__(self) -> None:
        self.answer = document({})
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.hangs_up = False  # after each answer
        self.asked = asyncio.Event()
        self.heads: list[str] = []
        self.scheme = "http"
        self.port = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/asked"

    @property
    def requests(self) -> int:
        return len(self.heads)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(HEAD_END)
                self.heads.append(head.decode("latin-1"))
                self.asked.set()
                await self.may_answer.wait()
                writer.write(self.answer)
                await writer.drain()
                if self.hangs_up or "\r\nconnection: close\r\n" in self.heads[-1].lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def document(value: object) -> bytes:
    """A sound answer."""
    return answer(200, json.dumps(value).encode())


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + HEAD_END + body


@asynccontextmanager
async def web_server(certificate: Path | None = None) -> AsyncIterator[WebServer]:
    """On a port of its own; with a `certificate` by https."""
    served, tls = WebServer(), None
    if certificate is not None:
        served.scheme = "https"
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    listening = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=tls)
    served.port = listening.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        served.may_answer.set()
        listening.close()
