"""The recorded exchanges of Better Auth 1.7.7: what was asked of it and what it answered."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

FOLDER = Path(__file__).parent / "recorded"

Lines = list[tuple[str, str]]


class Request(Struct, frozen=True):
    method: str
    path: str
    headers: Lines
    body: str | None

    @property
    def bytes(self) -> bytes:
        return (self.body or "").encode("utf-8", "surrogatepass")


class Response(Struct, frozen=True):
    """`headers` sorted by name, except that Set-Cookie lines keep their order."""

    status: int
    headers: Lines
    body: str


class Exchange(Struct, frozen=True):
    name: str
    request: Request
    response: Response


class Server(Struct, frozen=True, rename={"base_url": "baseURL"}):
    """What the real server was started with; `options` is JavaScript, for the reader."""

    base_url: str
    options: str
    db: Literal["sqlite", "postgres"]

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def origin(self) -> str:
        return f"{urlsplit(self.base_url).scheme}://{self.host}"


class Recording(Struct, frozen=True):
    server: Server
    exchanges: list[Exchange]


def names() -> list[str]:
    """Every recorded server."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> Recording:
    """One recorded server."""
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=Recording)
