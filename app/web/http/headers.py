"""Request headers as the original sees them: one string per name, joined like Node."""

from collections.abc import Iterable

# Node keeps the first of these and drops the rest (`http.IncomingMessage.headers`).
_FIRST_ONLY = frozenset(
    (
        b"age authorization content-length content-type etag expires from host if-modified-since "
        b"if-unmodified-since last-modified location max-forwards proxy-authorization referer "
        b"retry-after server user-agent"
    ).split()
)


class Headers:
    """Headers of the raw ASGI list, whose names are lower-case bytes."""

    __slots__ = ("_values",)

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        values: dict[bytes, bytes] = {}
        for name, value in raw:
            seen = values.get(name)
            values[name] = value if seen is None else _join(name, seen, value)
        self._values = values

    def __contains__(self, name: bytes) -> bool:
        return name in self._values

    def get(self, name: bytes) -> str | None:
        """Returns the value of the lower-case `name`, decoded as Latin-1, or None."""
        value = self._values.get(name)
        return None if value is None else value.decode("latin-1")


def _join(name: bytes, seen: bytes, value: bytes) -> bytes:
    if name in _FIRST_ONLY:
        return seen
    return seen + (b"; " if name == b"cookie" else b", ") + value
