"""Decides which origins and URLs are trusted: the base URL and `trustedOrigins`."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...bridge.encodings import decode_uri_component
from ...bridge.origins import is_ipv4
from ...settings.origin_validation import ADDRESSES
from ..urls.glob import compile_glob
from ..urls.url_parser import Url, parse_origin, parse_url

_WEB_SCHEMES = ("http", "https")
# A browser that is sent there runs their text on its current page.
_SCRIPT_SCHEMES = ("javascript", "data", "vbscript")
_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f]")
_APP_URL = re.compile(r"([^:]+):(?://([^/?#]*))?([^?#]*)", re.DOTALL)
# In a pattern a question mark is any one character, and begins no query.
_WILD_APP_URL = re.compile(r"([^:]+):(?://([^/#]*))?([^#]*)", re.DOTALL)
# Several stars match in polynomial time; no origin that means anything is longer.
_LONGEST_MATCHED = 2048
# Browsers cut a longer Referer down to its origin (Referrer Policy, 8.3).
_LONGEST_HEADER = 4096


class TrustedOrigins:
    """`trustedOrigins`, compiled once (`matchesOriginPattern`, 1.7.25).

    `https://app.example` matches only that origin (no path, no trailing slash). `https://*.example`
    and `*.example:*` match the origin, or host and port with any scheme. `myapp://` matches the
    scheme, `myapp://host/path` what is at or below it. `exp://192.168.*` and `myapp://*/cb` are
    compared with host and path separately. A host of digits, dots and wildcards matches only IPv4
    addresses. URLs that are scripts, such as `javascript://a.example/%0a…`, never match.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        patterns = [pattern for pattern in origins if pattern]
        wild = [pattern for pattern in patterns if "*" in pattern or "?" in pattern]
        plain = [pattern for pattern in patterns if pattern not in wild]
        whole = [pattern for pattern in wild if "://" in pattern]
        self._exact = frozenset(p for p in plain if parse_origin(p) == p and _is_web(p))
        self._apps = [app for app in map(_AppUrl.parse, plain) if app]
        self._wild_apps = [app for app in map(_WildApp.from_pattern, whole) if app]
        self._origin_globs = [_Glob.from_text(p, p.partition("://")[2]) for p in whole]
        self._host_globs = [_Glob.from_text(p, p) for p in wild if "://" not in p]

    def trusts_origin(self, header_value: str) -> bool:
        """Whether an `Origin` or `Referer` header names a trusted origin."""
        if header_value in self._exact:
            return True
        return len(header_value) <= _LONGEST_HEADER and self.trusts_url(header_value)

    def trusts_url(self, value: str) -> bool:
        """Whether an absolute URL is trusted. A relative URL never is."""
        if value.startswith("/"):
            return False
        url = parse_url(value)
        if url is None or url.scheme in _SCRIPT_SCHEMES:
            return False
        if url.host and any(glob.matches(url.host, url.host) for glob in self._host_globs):
            return True
        return self._trusts_web(url) if url.scheme in _WEB_SCHEMES else self._trusts_app(value)

    def trusts_cors(self, origin: str) -> bool:
        """Whether scripts of `origin` may read responses: a trusted, serialized http(s) origin."""
        if origin in self._exact:
            return True
        if len(origin) > _LONGEST_HEADER:
            return False
        return _is_web(origin) and parse_origin(origin) == origin and self.trusts_url(origin)

    def _trusts_web(self, url: Url) -> bool:
        if url.origin is None:
            return False
        origin, host = url.origin, url.host
        return origin in self._exact or any(g.matches(origin, host) for g in self._origin_globs)

    def _trusts_app(self, value: str) -> bool:
        url = _AppUrl.parse(value) if self._apps or self._wild_apps else None
        if url is None:
            return False
        return any(map(url.is_within, self._apps)) or any(w.matches(url) for w in self._wild_apps)


class _Glob(NamedTuple):
    """A wildcard pattern, and whether its host matches only IPv4 addresses."""

    pattern: re.Pattern[str]
    is_address: bool

    @classmethod
    def from_text(cls, text: str, authority: str) -> "_Glob":
        is_address = ADDRESSES.fullmatch(authority.partition(":")[0]) is not None
        return cls(compile_glob(text), is_address)

    def matches(self, text: str, authority: str) -> bool:
        """Whether `text` matches. `authority` is its host and port."""
        if not _matches(self.pattern, text):
            return False
        return not self.is_address or is_ipv4(authority.partition(":")[0])


class _AppUrl(NamedTuple):
    """A custom-scheme URL, split without a URL parser (`parseCustomSchemeOrigin`, 1.7.25)."""

    scheme: str
    authority: str
    path: str

    @classmethod
    def parse(cls, value: str, pattern: re.Pattern[str] = _APP_URL) -> "_AppUrl | None":
        found = pattern.match(value)
        if found is None or _CONTROL_CHARACTER.search(value):
            return None
        return cls(found[1].lower(), (found[2] or "").lower(), _resolve(found[3]))

    def is_within(self, pattern: "_AppUrl") -> bool:
        if self.scheme != pattern.scheme:
            return False
        if pattern.authority and self.authority != pattern.authority:
            return False
        return not pattern.path or f"{self.path}/".startswith(f"{pattern.path}/")


class _WildApp(NamedTuple):
    """A custom-scheme pattern with wildcards. None matches any host or path."""

    scheme: str
    authority: _Glob | None
    path: re.Pattern[str] | None

    @classmethod
    def from_pattern(cls, pattern: str) -> "_WildApp | None":
        parsed = _AppUrl.parse(pattern, _WILD_APP_URL)
        if parsed is None:
            return None
        authority, path = parsed.authority, parsed.path
        glob = _Glob.from_text(authority, authority) if authority else None
        return cls(parsed.scheme, glob, compile_glob(path) if path else None)

    def matches(self, url: _AppUrl) -> bool:
        """Whether each part matches. A host with a user part does not match."""
        if url.scheme != self.scheme or "@" in url.authority:
            return False
        if self.authority and not self.authority.matches(url.authority, url.authority):
            return False
        return self.path is None or _matches(self.path, url.path or "/")


def _is_web(value: str) -> bool:
    return value.startswith(("http://", "https://"))


def _matches(glob: re.Pattern[str], text: str) -> bool:
    return len(text) <= _LONGEST_MATCHED and glob.fullmatch(text) is not None


def _resolve(path: str) -> str:
    """Decodes, then resolves dot segments, so that `/cb/%2e%2e/evil` is not below `/cb`."""
    segments: list[str] = []
    for segment in decode_uri_component(path).split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join(segments) if segments else ""
