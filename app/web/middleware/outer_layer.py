"""What is around each request: its id and log line, and the headers of all responses."""

import logging

import msgspec

from ..http.asgi import App, Message, Receive, Scope, Send, respond
from ..origins.cors import SharedHeaders
from ..origins.expo import EXPO_ORIGIN, set_origin
from .request_log import CLIENT_LEFT, LoggedRequest, RequestLog

_log = logging.getLogger("better_auth.request")
_SERVER_ERROR = 500


class ServerError(msgspec.Struct, frozen=True, rename="camel"):
    """The response to an unexpected error. Its log line has the same id."""

    message: str
    code: str
    request_id: str


class OuterLayer:
    """Answers 500 for unexpected errors. One layer, because each costs every request a call.

    With `reads_expo_origin` the header `expo-origin` is the Origin of a request without one.
    """

    def __init__(
        self, app: App, log: RequestLog, shared: SharedHeaders, *, reads_expo_origin: bool = True
    ) -> None:
        self._app = app
        self._requests = log
        self._shared = shared
        self._reads_expo_origin = reads_expo_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = self._requests.begin(scope)
        origin = self._find_origin(scope)
        is_shared = self._shared.is_shared_with(origin)
        response = _Response(scope, send, request, origin if is_shared else b"", self._shared)
        try:
            await self._app(scope, receive, response.send)
        except Exception:
            _log.exception("unhandled error", extra={"request_id": request.id})
            response.status = _SERVER_ERROR
            if response.has_begun:
                raise  # the server answers 500, or cuts off what has left in part
            await response.fail()
        finally:
            self._requests.end(scope, request, response.status)
        if not is_shared:
            self._shared.observe(origin, request.context.refusal)

    def _find_origin(self, scope: Scope) -> bytes:
        """Returns the Origin, or an empty one."""
        origin = expo = b""
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = origin or value
            elif name == EXPO_ORIGIN:
                expo = value
        if expo and not origin and self._reads_expo_origin:
            scope["headers"], origin = set_origin(scope["headers"])
        return origin


class _Response:
    """Sends the response with the headers that all have."""

    __slots__ = ("_reader", "_request", "_scope", "_send", "_shared", "has_begun", "status")

    def __init__(
        self,
        scope: Scope,
        send: Send,
        request: LoggedRequest,
        reader: bytes,
        shared: SharedHeaders,
    ) -> None:
        self._scope = scope
        self._send = send
        self._request = request
        self._reader = reader
        self._shared = shared
        self.status = CLIENT_LEFT
        self.has_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            self.status = message["status"]
            own = [*message.get("headers", ()), (b"x-request-id", self._request.id.encode())]
            headers = self._shared.complete(own, self._reader, self._scope["raw_path"])
            message = {**message, "headers": headers}  # the application may send its own again
        await self._send(message)

    async def fail(self) -> None:
        body = ServerError("Internal Server Error", "INTERNAL_SERVER_ERROR", self._request.id)
        json = [(b"content-type", b"application/json")]
        await respond(self.send, _SERVER_ERROR, json, msgspec.json.encode(body))
