"""The interface of the cookie cache's strategies."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct


class CachedPayload(Struct, frozen=True):
    """The JSON of a cookie with a valid signature. `expires_at` is in to_milliseconds."""

    payload: bytes
    expires_at: int


class Codec(Protocol):
    """Converts between a JSON object and a protected cookie value."""

    def seal(self, payload: bytes, max_age: int | None, now: datetime) -> str:
        """Returns the value. `max_age` is in seconds; None: until the browser closes."""
        ...

    def open(self, value: str, now: datetime) -> CachedPayload | None:
        """Returns the JSON of a value, or None if it is invalid."""
        ...
