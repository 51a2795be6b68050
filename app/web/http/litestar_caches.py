"""Limits Litestar's caches: the last 1,024 paths and queries, of any length."""

from typing import Final, cast

from litestar import Litestar
from litestar._asgi.routing_trie.traversal import parse_path_params
from litestar._kwargs.extractors import create_query_default_dict
from litestar._parsers import parse_query_string

from .asgi import App, Receive, Scope, Send

LONG: Final = 512  # bytes of path and query; a link of our own mails may be longer, and is rare


def clear_caches(litestar: Litestar) -> App:
    """Returns the application without caching of long requests (up to 64 KiB each)."""
    app = cast("App", litestar)
    caches = (
        parse_path_params,
        create_query_default_dict,
        parse_query_string,
        litestar.asgi_router.handle_routing,
    )

    async def forget(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            if scope["type"] == "http" and len(scope["raw_path"] + scope["query_string"]) > LONG:
                for cache in caches:
                    cache.cache_clear()

    return forget
