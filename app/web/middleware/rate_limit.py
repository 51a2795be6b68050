"""The rate limiter of Better Auth (`onRequestRateLimit`, 1.7.25)."""

import re
from functools import cache
from hashlib import sha256
from typing import Final
from zlib import crc32

from ...models.telemetry.metrics import LIMITED, RuleName
from ...settings.options import RateLimitOptions
from ..rate_rule import RateLimits, Rule
from ..urls.glob import compile_glob
from .route_table import RouteTable

# In memory a path that is no route counts in one of a few slots per client and rule, or a client
# could invent paths until everybody else's counters had to give way.
_SLOTS: Final = 16
_LONGEST: Final = 128  # characters of a path as a key
_NO_IP: Final = "no-trusted-ip"
_GUESSING: Final = ("/sign-in", "/sign-up", "/change-password", "/change-email")
_MAILING: Final = frozenset(("/request-password-reset", "/send-verification-email"))

GUESSING: Final = Rule(window=10, max=3)
MAILING: Final = Rule(window=60, max=3)


def find_rule(path: str, options: RateLimitOptions, own: Rule | None = None) -> Rule | None:
    """The rule for a path below the base path, see `paths.get_limiter_path`; None for no limit.

    The first custom rule that fits goes before all others, then `own`, that of the endpoint.
    """
    return _find_named_rule(path, options, own)[1]


def _find_named_rule(
    path: str, options: RateLimitOptions, own: Rule | None
) -> tuple[RuleName, Rule | None]:
    """Returns the same with its name, for metrics."""
    custom = next((each for each in options.custom_rules if _matches(each.path, path)), None)
    if custom is not None:
        return "custom", None if custom.window is None else Rule(custom.window, custom.max)
    if own is not None:
        return "endpoint", own
    if path.startswith(_GUESSING):
        return "guessing", GUESSING
    if path in _MAILING or path.startswith("/forget-password"):
        return "mailing", MAILING
    return "default", Rule(options.window, options.max)


class RateLimiter:
    """Counts requests per client IP and path."""

    def __init__(self, options: RateLimitOptions, routes: RouteTable, limits: RateLimits) -> None:
        self._options = options
        self._routes = routes
        self._limits = limits

    async def hit(self, ip: str, path: str) -> int | None:
        """Counts a request. If it is one too many, returns the seconds to wait.

        An empty `ip` means unknown: all unknown clients share one counter per path.
        """
        own = self._routes.find_rate_rule(path)
        name, rule = _find_named_rule(path, self._options, own)
        if rule is None:
            return None
        has_room = not self._limits.is_small or self._is_route(path)
        counted = _shorten(path) if has_room else _get_slot(path)
        wait = await self._limits.consume(f"{ip or _NO_IP}|{counted}", rule)
        if wait is not None:
            LIMITED.count(name)
        return wait

    def _is_route(self, path: str) -> bool:
        return self._routes.find_template(path) is not None


def _matches(pattern: str, path: str) -> bool:
    return pattern == path if "*" not in pattern else _compile(pattern).fullmatch(path) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Compiles the pattern of a custom rule."""
    return compile_glob(pattern)


def _shorten(path: str) -> str:
    """Shortens a key, because a parameter may be long."""
    return path if len(path) <= _LONGEST else sha256(path.encode("utf-8")).hexdigest()


def _get_slot(path: str) -> str:
    return str(crc32(path.encode("utf-8")) % _SLOTS)
