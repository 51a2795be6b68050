"""One HTTP request as it is written: no redirects, no headers of its own but those of framing."""

import json
from collections.abc import Iterable
from functools import cached_property
from http.client import HTTPConnection
from typing import Any

SECONDS = 60
Header = tuple[str, str]


class Answer:
    """What came back; `json` is the decoded body."""

    def __init__(self, status: int, reason: str, headers: list[Header], body: bytes) -> None:
        self.status = status
        self.reason = reason
        self.headers = [(name.lower(), value) for name, value in headers]
        self.body = body

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """The first of this name. Raises StopIteration."""
        return next(value for key, value in self.headers if key == name)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


def send(
    port: int, method: str, target: str, headers: Iterable[Header], body: bytes | None
) -> Answer:
    """Blocks until the answer is whole."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode("latin-1"))
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
        return Answer(response.status, response.reason, response.getheaders(), content)
    finally:
        connection.close()
