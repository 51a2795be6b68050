"""Checks which pages may call an API with the browser's cookies.

A browser sends the cookie with requests of any page, and names the page in `Origin`: always if the
request may change something or opens a WebSocket.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Final, NamedTuple

from .errors import ForeignOrigin
from .presented import Presented

_LONGEST: Final = 512  # characters of an origin that is held against patterns
_ANY: Final = r"[^/\\]"
# As browsers write one: no user, path or query, and nothing that can't be in a URL's host.
_HOST: Final = r"\[[0-9a-f:]+\]|[^\x00- A-Z#%/:<>?@\[\\\]^|\x7f-\U0010ffff]+"
_ADDRESSES: Final = re.compile(r"(?=.*[0-9])[0-9*?.]+")
_BROWSERS: Final = re.compile(r"(?i:https?)|.*[*?].*")
_ANY_HOST: Final = re.compile(r"[*?.\[\]]*\*[*?.\[\]]*")
_PORT: Final = re.compile(r":[0-9*?]*$")
_SERIALISED: Final = re.compile(rf"https?://(?P<host>(?:{_HOST})(?::[0-9]+)?)")


def trusts_everybody(pattern: str) -> bool:
    """Whether a pattern matches every host, for example `https://*` or `*:3000`."""
    scheme, separator, rest = pattern.partition("://")
    is_for_browsers = not separator or _BROWSERS.fullmatch(scheme) is not None
    authority = _PORT.sub("", rest if separator else pattern)
    return is_for_browsers and _ANY_HOST.fullmatch(authority) is not None


class AllowedOrigins:
    """Origins and patterns, like Better Auth's `trustedOrigins`.

    `https://app.example` is only that origin. In `https://*.example` and `*.example:*` (any scheme)
    `*` is any run and `?` one character of a host. A host of digits, dots and wildcards, such as
    `http://192.168.*.*:3000`, matches only IPv4 addresses.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        patterns = [pattern for pattern in origins if pattern not in ("", "null")]
        wild = [pattern for pattern in patterns if "*" in pattern or "?" in pattern]
        self._exact = frozenset(patterns) - frozenset(wild)
        self._whole = [_HostPattern.from_text(p, p.partition("://")[2]) for p in wild if "://" in p]
        self._hosts = [_HostPattern.from_text(p, p) for p in wild if "://" not in p]

    def check(self, presented: Presented) -> None:
        """Raises ForeignOrigin if a request comes from a page that is not trusted."""
        if not all(self._trusts(origin) for origin in presented.origins):
            raise ForeignOrigin

    def _trusts(self, origin: str) -> bool:
        if origin in self._exact:
            return True
        found = _SERIALISED.fullmatch(origin) if len(origin) <= _LONGEST else None
        if found is None:
            return False
        host = found["host"]
        whole = any(glob.matches(origin, host) for glob in self._whole)
        return whole or any(glob.matches(host, host) for glob in self._hosts)


class _HostPattern(NamedTuple):
    """A wildcard pattern, and whether its host matches only IPv4 addresses."""

    pattern: re.Pattern[str]
    is_address: bool

    @classmethod
    def from_text(cls, text: str, host: str) -> "_HostPattern":
        return cls(_compile(text), _ADDRESSES.fullmatch(host.partition(":")[0]) is not None)

    def matches(self, text: str, host: str) -> bool:
        if self.pattern.fullmatch(text) is None:
            return False
        return not self.is_address or is_ipv4(host.partition(":")[0])


def _compile(pattern: str) -> re.Pattern[str]:
    runs = re.split(r"(\*+|\?)", pattern)
    wild = {"*": f"{_ANY}*", "?": _ANY}
    return re.compile("".join(wild[run[0]] if run[:1] in wild else re.escape(run) for run in runs))


def is_ipv4(host: str) -> bool:
    """Whether a host is an IPv4 address."""
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True
