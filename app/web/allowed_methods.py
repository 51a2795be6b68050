"""OPTIONS for paths with several methods: `allow` lists all (RFC 9110, 10.2.1)."""

from collections import defaultdict
from collections.abc import Iterable

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler


def list_options_handlers(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Returns a handler for each path of `handlers`. Register these before those.

    Litestar creates one itself for a path without one, but only with the first method.
    """
    methods: defaultdict[str, set[str]] = defaultdict(lambda: {"OPTIONS"})
    for handler in handlers:
        for path in handler.paths:
            methods[path] |= handler.http_methods
    return [_make_handler(path, ", ".join(sorted(allowed))) for path, allowed in methods.items()]


def _make_handler(path: str, allowed: str) -> HTTPRouteHandler:
    async def respond() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allowed})

    return route(path, http_method="OPTIONS", status_code=204, include_in_schema=False)(respond)
