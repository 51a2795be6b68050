"""Which origins and URLs are trusted: the base URL's own and the patterns of `trustedOrigins`."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from app.web.glob import compile_glob
from app.web.url_parser import Url, parse_origin, parse_url

_WEB_SCHEMES = ("http", "https")
_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f]")
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_APP_URL = re.compile(r"([^:]+):(?://([^/?#]*))?([^?#]*)", re.DOTALL)
# Several stars match in polynomial time; no origin that means anything is longer.
_LONGEST_MATCHED = 2048
# Browsers cut a longer Referer down to its origin (Referrer Policy, 8.3).
_LONGEST_HEADER = 4096


class TrustedOrigins:
    """`trustedOrigins`, compiled once (`matchesOriginPattern`, 1.7.7).

    `https://app.example` trusts that origin and nothing else (no path, no trailing slash);
    `https://*.example` and `*.example:*` match the origin, or host and port under any scheme;
    `myapp://` trusts the scheme, `myapp://host/path` what is at or below it.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        patterns = [pattern for pattern in origins if pattern]
        wild = [pattern for pattern in patterns if "*" in pattern or "?" in pattern]
        plain = [pattern for pattern in patterns if pattern not in wild]
        self._exact = frozenset(p for p in plain if parse_origin(p) == p and _is_web(p))
        self._apps = [app for app in map(_AppUrl.parse, plain) if app]
        self._origin_globs = [compile_glob(p) for p in wild if "://" in p]
        self._host_globs = [compile_glob(p) for p in wild if "://" not in p]

    def trusts_origin(self, header_value: str) -> bool:
        """Whether an `Origin` or `Referer` header names a trusted origin."""
        if header_value in self._exact:
            return True
        return len(header_value) <= _LONGEST_HEADER and self.trusts_url(header_value)

    def trusts_url(self, value: str) -> bool:
        """Whether an absolute URL leads to a trusted place; a relative one never does."""
        if value.startswith("/"):
            return False
        url = parse_url(value)
        return url is not None and (self._names(url, value) or self._matches(url, value))

    def trusts_cors(self, origin: str) -> bool:
        """Whether a script of `origin` may read answers: a trusted http(s) origin as serialised."""
        if origin in self._exact:
            return True
        if len(origin) > _LONGEST_HEADER:
            return False
        return _is_web(origin) and parse_origin(origin) == origin and self.trusts_url(origin)

    def _names(self, url: Url, value: str) -> bool:
        if url.scheme in _WEB_SCHEMES:
            return url.origin in self._exact
        given = _AppUrl.parse(value) if self._apps else None
        return given is not None and any(given.is_within(app) for app in self._apps)

    def _matches(self, url: Url, value: str) -> bool:
        whole = url.origin or value
        if any(_matches(glob, whole) for glob in self._origin_globs):
            return True
        return bool(url.host) and any(_matches(glob, url.host) for glob in self._host_globs)


class _AppUrl(NamedTuple):
    """A custom-scheme URL, split without a URL parser (`parseCustomSchemeOrigin`, 1.7.7)."""

    scheme: str
    authority: str
    path: str

    @classmethod
    def parse(cls, value: str) -> "_AppUrl | None":
        found = _APP_URL.match(value)
        if found is None or _CONTROL_CHARACTER.search(value):
            return None
        return cls(found[1].lower(), (found[2] or "").lower(), _resolve(found[3]))

    def is_within(self, pattern: "_AppUrl") -> bool:
        if self.scheme != pattern.scheme:
            return False
        if pattern.authority and self.authority != pattern.authority:
            return False
        return not pattern.path or f"{self.path}/".startswith(f"{pattern.path}/")


def _is_web(value: str) -> bool:
    return value.startswith(("http://", "https://"))


def _matches(glob: re.Pattern[str], text: str) -> bool:
    return len(text) <= _LONGEST_MATCHED and glob.fullmatch(text) is not None


def _resolve(path: str) -> str:
    """Decode, then resolve dot segments, so that `/cb/%2e%2e/evil` is not below `/cb`."""
    segments: list[str] = []
    for segment in _decode(path).split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join(segments) if segments else ""


def _decode(path: str) -> str:
    """`decodeURIComponent`: all or, where an escape is broken, nothing."""
    if _BROKEN_ESCAPE.search(path):
        return path
    try:
        return unquote_to_bytes(path).decode("utf-8")
    except UnicodeError:
        return path
