"""The fast path: a few hot endpoints without the overhead of Litestar."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Request

from ...models.errors import Refusal
from ..http.asgi import App, Receive, Scope, Send
from ..http.response import Answer, AnyRequest
from .error_responses import render_refusal

Handler = Callable[[AnyRequest], Awaitable[Answer[Any]]]


class DirectRoutes:
    """Calls the `handlers` by path, for GET requests without a query.

    They are also endpoints of `app`, which documents them and answers requests with a query. It
    runs behind the front controller; see docs/decisions/0005-direct-routes.md.
    """

    def __init__(self, app: App, handlers: Mapping[str, Handler]) -> None:
        self._app = app
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request after the front controller."""
        plain = scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]
        handler = self._handlers.get(scope["path"]) if plain else None
        if handler is None:
            await self._app(scope, receive, send)
            return
        request: AnyRequest = Request(scope)  # type: ignore[arg-type]  # ASGI's own type of it
        try:
            answer = await handler(request)
        except Refusal as refusal:
            answer = render_refusal(request, refusal)
        await answer.to(send)
