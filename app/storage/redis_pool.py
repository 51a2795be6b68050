"""Connections to Redis or Valkey: to one server, or to the one that Sentinel chooses."""

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from ..models.sentinel_url import SentinelUrl, parse_sentinel_url

CONNECT_SECONDS: Final = 2.0
COMMAND_SECONDS: Final = 2.0
CONNECTIONS: Final = 50
SENTINEL_SECONDS: Final = 0.5  # the next one is asked then
_PLACE: Final = ("host", "port", "connection_class")


class SentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """Asks Sentinel for the server at each new connection. Callers wait for a free one."""

    async def aclose(self) -> None:
        """Closes all connections, also those to the Sentinels."""
        await super().aclose()
        for sentinel in self.sentinel_manager.sentinels:  # all at once since redis-py 8.1
            await sentinel.aclose()


def open_pool(url: str) -> BlockingConnectionPool:
    """Returns the pool without connecting. `find_redis_url_fault` has checked `url`."""
    sentinel = parse_sentinel_url(url)
    options: dict[str, Any] = {
        "max_connections": CONNECTIONS,
        "timeout": COMMAND_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": COMMAND_SECONDS,
        "decode_responses": True,
        "protocol": 2,  # no questions about a newer one at every connection
        # Replaces a connection that died in the pool; a slow server is not asked twice.
        "retry": Retry(NoBackoff(), 1, (RedisConnectionError,)),
    }
    if sentinel is None:
        return BlockingConnectionPool.from_url(url, **options)
    return _open_sentinel_pool(sentinel, options)


def _open_sentinel_pool(url: SentinelUrl, options: dict[str, Any]) -> SentinelPool:
    parsed = dict(parse_url(url.server_url))
    tls = {name: value for name, value in parsed.items() if name.startswith("ssl_")}
    if parsed.get("connection_class") is SSLConnection:
        tls["ssl"] = True
    of_server = {name: value for name, value in parsed.items() if name not in _PLACE} | tls
    manager = Sentinel(  # type: ignore[no-untyped-call]  # redis-py has no types there
        url.sentinels,
        sentinel_kwargs={
            **tls,
            "username": url.username,
            "password": url.password,
            "socket_connect_timeout": SENTINEL_SECONDS,
            "socket_timeout": SENTINEL_SECONDS,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
        },
    )
    options = of_server | options
    return SentinelPool(url.service, manager, **options)  # type: ignore[no-untyped-call]  # the same
