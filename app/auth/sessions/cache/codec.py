"""What the cookie cache asks of its strategies."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct


class Opened(Struct, frozen=True):
    """The JSON that a cookie held, unchanged since this server wrote it; `expires_at` is in ms."""

    payload: bytes
    expires_at: int


class Codec(Protocol):
    """Between a JSON object and a cookie's value that nobody else can make."""

    def seal(self, payload: bytes, max_age: int | None, now: datetime) -> str:
        """The value; `max_age` is seconds, None for a cookie that ends with the browser."""
        ...

    def open(self, value: str, now: datetime) -> Opened | None:
        """What was sealed; None for anything that is not ours."""
        ...


def milliseconds(moment: datetime) -> int:
    """JavaScript's `getTime`."""
    return round(moment.timestamp() * 1000)
