"""One request at a time: what prepares a measurement and checks answers before it."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any

from msgspec import Struct

BASE = "/api/auth"


class Answer(Struct, frozen=True):
    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Request(Struct, frozen=True, kw_only=True):
    """What one client sends to a server on this machine."""

    path: str
    method: str = "GET"
    cookie: str = ""
    bearer: str = ""
    body: Mapping[str, object] | None = None

    def headers(self, port: int) -> dict[str, str]:
        sent = {"Host": f"127.0.0.1:{port}"}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if self.bearer:
            sent["Authorization"] = f"Bearer {self.bearer}"
        if self.method != "GET":
            sent["Origin"] = f"http://127.0.0.1:{port}"
            sent["Content-Type"] = "application/json"
            sent["Content-Length"] = str(len(self.content()))
        return sent

    def content(self) -> bytes:
        if self.method == "GET":
            return b""
        return json.dumps(self.body or {}).encode()

    def wire(self, port: int) -> bytes:
        """The bytes of it, made once, sent often."""
        lines = [f"{self.method} {self.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers(port).items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.content()


def ask(port: int, request: Request) -> Answer:
    """One answer. Raises OSError where nobody listens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        own = request.headers(port)
        connection.request(request.method, request.path, request.content() or None, own)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, answer.read())
    finally:
        connection.close()
