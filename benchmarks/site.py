"""A running server with its people: what the rows send their requests to."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from benchmarks import seed
from benchmarks.http import BASE, Answer, Request, ask
from benchmarks.load import LoadError
from tests.system.parity.database import Place

PASSWORD = "correct horse battery staple"
CLIENTS = 8  # who sign in at the same time
USERS = 1000
_CHUNK: Final = 1 << 20  # bytes

_serial = itertools.count(1)


class Site(Struct, frozen=True):
    """One server on one database of so many users."""

    port: int
    pid: int
    place: Place
    users: int
    token_header: bool

    def warm(self) -> None:
        """Reads a SQLite file once, into the system's cache, where one in use all day stays.

        A system that takes idle pages back meanwhile would make it a measurement of the disk.
        """
        if self.place.file:
            with Path(self.place.file).open("rb") as file:
                while file.read(_CHUNK):
                    pass

    def asked(self, request: Request, status: int = 200) -> Answer:
        """Raises `LoadError` for another status."""
        answer = ask(self.port, request)
        if answer.status != status:
            said = answer.body[:200].decode(errors="replace")
            raise LoadError(f"{request.method} {request.path}: {answer.status} {said}")
        return answer

    def wires(self, requests: Iterator[Request]) -> list[bytes]:
        return [request.wire(self.port) for request in requests]

    def access_token(self, cookie: str) -> str:
        return str(self.asked(Request(path=f"{BASE}/token", cookie=cookie)).json()["token"])

    def sign_up(self, address: str) -> None:
        self.asked(sign_up_of(address))

    def some_cookies(self, most: int) -> list[str]:
        """Of randomly chosen users, others each time."""
        return seed.some_cookies(self.users, most)

    def fresh_cookies(self, count: int) -> list[str]:
        """Of sessions that nobody has seen, all of one user."""
        first = next(_serial) * 1_000_000 + 10_000_000  # beyond what growth counts to
        numbers = range(first, first + count)
        seed.add_sessions(self.place, numbers, user=0)
        return [seed.cookie(number) for number in numbers]


def sign_up_of(address: str) -> Request:
    body = {"name": "Ada Lovelace", "email": address, "password": PASSWORD}
    return Request(path=f"{BASE}/sign-up/email", method="POST", body=body)


def sign_in_of(address: str) -> Request:
    body = {"email": address, "password": PASSWORD}
    return Request(path=f"{BASE}/sign-in/email", method="POST", body=body)


def client(number: int) -> str:
    return f"client{number}@example.com"


def new_addresses(count: int) -> list[str]:
    serial = next(_serial)
    return [f"new{serial}.{number}@example.com" for number in range(count)]
