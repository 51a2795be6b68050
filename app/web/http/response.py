"""Responses whose headers, Set-Cookie above all, leave exactly as they were written."""

from collections.abc import Sequence
from typing import Final, Generic, Never, Self, TypeVar

import msgspec

from .asgi import Header, Send, encode_headers, respond
from .location import make_location

T_co = TypeVar("T_co", covariant=True)

_encode = msgspec.json.Encoder().encode
_JSON: Final = "application/json"
_FIRST: Final = "set-auth-jwt"  # of the headers for scripts


class Response(Generic[T_co]):
    """A whole response to a request; `headers` are (name, value) pairs, names may repeat.

    Headers for scripts, such as set-auth-token, are listed in Access-Control-Expose-Headers, like
    the original. Of several with one name only the last is sent, because scripts would read them as
    one text.
    """

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        *,
        content_type: str | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.content_type = content_type

    def with_headers(self, headers: Sequence[Header]) -> Self:
        """The same response, with these headers before its own."""
        if headers:
            self.headers = [*headers, *self.headers]
        return self

    async def send(self, send: Send) -> None:
        """Send it to an ASGI server."""
        await respond(send, self.status, encode_headers(self.list_sent_headers()), self.body)

    def list_sent_headers(self) -> list[Header]:
        """All headers that are sent but the length."""
        names = [name for name, _ in self.headers if _is_for_scripts(name)]
        repeated = len(names) > 1 and len(names) > len(set(names))
        sent = [*_expose(names), *(_keep_last(self.headers) if repeated else self.headers)]
        if self.content_type is not None:
            sent.append(("content-type", self.content_type))
        return sent


class JsonResponse(Response[T_co]):
    """`content` as JSON."""

    __slots__ = ()

    def __init__(self, content: T_co, headers: Sequence[Header] = (), *, status: int = 200) -> None:
        super().__init__(status, headers, _encode(content), content_type=_JSON)


class EmptyResponse(Response[Never]):
    """No body, from an endpoint that otherwise answers JSON; the original calls even that JSON."""

    __slots__ = ()

    def __init__(self, status: int, headers: Sequence[Header] = ()) -> None:
        super().__init__(status, headers, content_type=_JSON)


class Redirect(EmptyResponse):
    """302 to `url`, from an endpoint that otherwise answers JSON."""

    __slots__ = ()

    def __init__(self, url: str, headers: Sequence[Header] = ()) -> None:
        super().__init__(302, [make_location(url), *headers])


def _is_for_scripts(name: str) -> bool:
    return name.startswith("set-") and name != "set-cookie"


def _keep_last(headers: Sequence[Header]) -> Sequence[Header]:
    """Returns the headers, of those for scripts only the last of each name."""
    last = {name: index for index, (name, _) in enumerate(headers)}
    return [
        header
        for index, header in enumerate(headers)
        if not _is_for_scripts(header[0]) or last[header[0]] == index
    ]


def _expose(names: Sequence[str]) -> list[Header]:
    in_order = sorted(dict.fromkeys(names), key=lambda name: name != _FIRST) if names else []
    return [("access-control-expose-headers", ", ".join(in_order))] if in_order else []
