"""A JSON response whose headers (also Set-Cookie) are sent exactly as given."""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar, cast

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.response.base import ASGIResponse

from .asgi import Line, Send, encoded, respond
from .location import location

T = TypeVar("T")
AnyRequest = Request[object, object, State]

_encode = msgspec.json.Encoder().encode
_JSON: Final = "application/json"
_TOKEN = "set-auth-token"  # noqa: S105 - a header's name
_EXPOSED = ("set-auth-jwt", _TOKEN)


class Answer(Response[T], Generic[T]):
    """`content` as JSON. `headers`: (name, value) pairs; names may repeat.

    Headers for scripts are listed in Access-Control-Expose-Headers, like the original. Of several
    set-auth-token only the last is sent, because scripts would read them as one text.
    """

    def __init__(self, content: T, headers: Sequence[Line] = (), *, status_code: int = 200) -> None:
        super().__init__(content, status_code=status_code)
        self.lines = _with_one_token(headers)

    def to_asgi_response(
        self,
        app: object,
        request: AnyRequest,
        **_defaults: object,
    ) -> ASGIResponse:
        """Skips Litestar's merging of headers and cookies, which reorders cookie attributes."""
        return ASGIResponse(
            body=self._body(),
            headers=self._sent(),
            media_type=_JSON,
            status_code=self.status_code,
        )

    async def to(self, send: Send) -> None:
        """Sends the response without Litestar."""
        headers = [*encoded(self._sent()), (b"content-type", _JSON.encode())]
        assert self.status_code is not None  # Litestar's type of it says that it may be
        await respond(send, self.status_code, headers, self._body())

    def _sent(self) -> list[Line]:
        return [*_exposing(self.lines), *self.lines]

    def _body(self) -> bytes:
        return _encode(self.content)


class Silence(Answer[T], Generic[T]):
    """A response without a body. The original also gives it the JSON media type."""

    def __init__(self, status_code: int, headers: Sequence[Line] = ()) -> None:
        super().__init__(cast("T", None), headers, status_code=status_code)

    def _body(self) -> bytes:
        return b""


class Redirect(Silence[T], Generic[T]):
    """A redirect (302) to `url`."""

    def __init__(self, url: str, headers: Sequence[Line] = ()) -> None:
        super().__init__(302, [location(url), *headers])


def _with_one_token(lines: Sequence[Line]) -> Sequence[Line]:
    tokens = [line for line in lines if line[0] == _TOKEN]
    return [*(n for n in lines if n[0] != _TOKEN), tokens[-1]] if len(tokens) > 1 else lines


def _exposing(lines: Sequence[Line]) -> list[Line]:
    sent = {name for name, _ in lines}
    names = [name for name in _EXPOSED if name in sent]
    return [("access-control-expose-headers", ", ".join(names))] if names else []
