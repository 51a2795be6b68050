"""A value that is too long for one cookie, in several.

Source: Better Auth 1.7.25 `cookies/session-store`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_LONGEST: Final = 4050  # bytes of a Set-Cookie line; the shortest limit of a browser is 4093
_MOST: Final = 100
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,14}")


def chunked(name: str, value: str, attributes: str) -> dict[str, str]:
    """Cookie name to value: the value whole if it fits, or in numbered chunks.

    `attributes` is what follows a value in its Set-Cookie line. Empty for a value that is too
    long for 100 cookies.
    """
    size = _LONGEST - len(f"{name}.{_MOST - 1}={attributes}")
    if len(value) <= size:
        return {name: value}
    if size < 1 or len(value) > size * _MOST:
        return {}
    starts = range(0, len(value), size)
    return {f"{name}.{i}": value[at : at + size] for i, at in enumerate(starts)}


def assembled(name: str, cookies: Mapping[str, str]) -> str:
    """The value that a browser sends, from one cookie or from its chunks; empty if there is none.

    The order of numbers counts, not that of the header.
    """
    if whole := cookies.get(name):
        return whole
    chunks = [sent for sent in belonging(name, cookies) if sent != name]
    return "".join(cookies[sent] for sent in sorted(chunks, key=lambda one: int(_end(name, one))))


def belonging(name: str, cookies: Iterable[str]) -> tuple[str, ...]:
    """The names of this cookie and of its chunks; others that begin alike are somebody else's."""
    return tuple(
        sent
        for sent in cookies
        if sent.startswith(name) and (sent == name or _INDEX.fullmatch(_end(name, sent)))
    )


def _end(name: str, sent: str) -> str:
    rest = sent[len(name) :]
    return rest[1:] if rest.startswith(".") else ""
