"""People of a running service, and what they show to an API."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

PASSWORD = "correct horse battery"


class Reply(Struct, frozen=True):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for n, v in self.headers if n.lower() == name), None)

    def json(self) -> Any:
        return json.loads(self.body)


class Person(Struct, frozen=True):
    """Who signed up, and with what their browser and their programs go on."""

    id: str
    token: str
    cookie: str
    session_token: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def ask(url: str, headers: Mapping[str, str] | None = None, body: object = None) -> Reply:
    """GET, or POST with a body."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    sent = {"content-type": "application/json", "origin": f"http://{parts.netloc}"}
    text = None if body is None else json.dumps(body)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(
            "GET" if body is None else "POST",
            target,
            text,
            {**({} if body is None else sent), **(headers or {})},
        )
        answer = connection.getresponse()
        return Reply(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def sign_up(service_url: str, name: str, domain: str = "example.com") -> Person:
    """A new person at the service, signed in, with an access token."""
    body = {"name": name, "email": f"{name.lower()}@{domain}", "password": PASSWORD}
    signed_up = ask(f"{service_url}/api/auth/sign-up/email", body=body)
    assert signed_up.status == 200, signed_up.body
    set_ = [v.partition(";")[0] for n, v in signed_up.headers if n.lower() == "set-cookie"]
    cookie = next(pair for pair in set_ if "session_token=" in pair)
    token = ask(f"{service_url}/api/auth/token", {"cookie": cookie}).json()["token"]
    found = signed_up.json()
    return Person(found["user"]["id"], token, cookie, found["token"])


def sign_out(service_url: str, person: Person) -> None:
    done = ask(f"{service_url}/api/auth/sign-out", {"cookie": person.cookie}, {})
    assert done.status == 200, done.body
