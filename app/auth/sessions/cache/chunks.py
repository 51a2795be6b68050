"""Splits a value that is too long for one cookie.

Source: Better Auth 1.7.25 `cookies/session-store`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_LONGEST: Final = 4050  # bytes of a Set-Cookie line; the shortest limit of a browser is 4093
_MOST: Final = 100
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,14}")


def split_value(name: str, value: str, attributes: str) -> dict[str, str]:
    """Returns values by cookie name: one value, or numbered chunks.

    `attributes`: the part of Set-Cookie after the value. Empty for a value that needs more than 100
    cookies.
    """
    size = _LONGEST - len(f"{name}.{_MOST - 1}={attributes}")
    if len(value) <= size:
        return {name: value}
    if size < 1 or len(value) > size * _MOST:
        return {}
    starts = range(0, len(value), size)
    return {f"{name}.{i}": value[at : at + size] for i, at in enumerate(starts)}


def join_chunks(name: str, cookies: Mapping[str, str]) -> str:
    """Returns the value of one cookie or of its chunks. Empty without one.

    The numbers decide the order, not the header.
    """
    if whole := cookies.get(name):
        return whole
    chunks = [sent for sent in list_cookies(name, cookies) if sent != name]
    return "".join(cookies[sent] for sent in sorted(chunks, key=lambda one: int(_end(name, one))))


def list_cookies(name: str, cookies: Iterable[str]) -> tuple[str, ...]:
    """Returns the names of this cookie and of its chunks, not of others with this prefix."""
    return tuple(
        sent
        for sent in cookies
        if sent.startswith(name) and (sent == name or _INDEX.fullmatch(_end(name, sent)))
    )


def _end(name: str, sent: str) -> str:
    rest = sent[len(name) :]
    return rest[1:] if rest.startswith(".") else ""
