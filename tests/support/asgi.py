"""Calls an ASGI application with a request exactly as written: no client tidies path or headers."""

import json
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from litestar.types import ASGIApp
from msgspec import Struct

from app.web.http.asgi import App, Message, Receive, Scope

Json = Any  # a decoded JSON document: nothing narrower is true of it

Header = tuple[str, str]


class Answer(Struct, frozen=True):
    """What came back: header names lower-case, in the order sent, duplicates kept."""

    status: int
    headers: list[Header]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key == name), None)

    def header_list(self, name: str) -> list[str]:
        """All values of a header, in the order sent."""
        return [value for key, value in self.headers if key == name]

    def json(self) -> Json:
        """The decoded body."""
        return json.loads(self.body)


async def call(
    app: App | ASGIApp,
    method: str,
    target: str,
    headers: Iterable[Header] = (),
    body: bytes = b"",
    *,
    peer: str = "127.0.0.1",
) -> Answer:
    """Send one request; `target` is the raw request target, sent byte for byte (UTF-8)."""
    scope = _scope(method, target, headers, peer)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await cast("App", app)(scope, _receiver(body), send)
    start = next(m for m in sent if m["type"] == "http.response.start")
    return Answer(
        status=start["status"],
        headers=[(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in start["headers"]],
        body=b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body"),
    )


def json_body(value: object) -> bytes:
    """JSON as a browser sends it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _scope(method: str, target: str, headers: Iterable[Header], peer: str) -> Scope:
    raw_path, _, query = target.encode().partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(raw_path).decode("utf-8", "replace"),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers],
        "client": (peer, 50000),
        "server": ("localhost", 8000),
        "extensions": {},
        "state": {},
    }


def _receiver(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return receive
