"""The few routes that are asked all the time, without what Litestar does for every request."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Request

from ...models.errors import Refusal
from ..http.asgi import App, Receive, Scope, Send
from ..http.response import Answer, AnyRequest
from .error_responses import render_refusal

Handler = Callable[[AnyRequest], Awaitable[Answer[Any]]]


class DirectRoutes:
    """Calls the `handlers`, by path, of GET requests without a query: there is nothing to parse.

    They are typed routes of `app`, which the document describes, and which answer where there is a
    query. Stands behind the front layer; see docs/decisions/0005-direct-routes.md.
    """

    def __init__(self, app: App, handlers: Mapping[str, Handler]) -> None:
        self._app = app
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request that the front layer let through."""
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
