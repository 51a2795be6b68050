"""Request headers, as any framework has them."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from ...web.http.headers import Headers

Text = str | bytes


@runtime_checkable
class HeaderMapping(Protocol):
    """A mapping of names, or the headers of a framework, which may have one name several times."""

    def items(self) -> Iterable[tuple[str, str]]: ...


AnyHeaders = HeaderMapping | Iterable[tuple[Text, Text]]


def read_headers(headers: AnyHeaders) -> Headers:
    """Returns the headers of a mapping, or of (name, value) pairs in text or bytes.

    Names in any case.
    """
    pairs: Iterable[tuple[Text, Text]] = (
        headers.items() if isinstance(headers, HeaderMapping) else headers
    )
    return Headers((_encode(name).lower(), _encode(value)) for name, value in pairs)


def _encode(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
