"""Request targets: the path as the original's URL parser reads it."""

import re

_PLAIN = re.compile(rb"/[A-Za-z0-9/_~-]*")
_ABSOLUTE_FORM = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/\\?#]*")
_END_OF_PATH = re.compile(rb"[?#]")
_DOT = re.compile("%2e", re.IGNORECASE)
# The "path percent-encode set" of the WHATWG URL standard, byte by byte.
_KEPT = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('"#<>?^`{}')
_ENCODED = [chr(byte) if chr(byte) in _KEPT else f"%{byte:02X}" for byte in range(256)]


def normalize_path(raw_path: bytes) -> str:
    """Returns the pathname of a raw request target (WHATWG URL, "path state").

    Dot segments are resolved (also `%2e`), a backslash becomes a slash, percent-encoding stays.
    Absolute-form targets (RFC 9112, 3.2.2) return their path; `*` stays `*`.
    """
    if _PLAIN.fullmatch(raw_path):
        return raw_path.decode("ascii")
    target = raw_path
    if not target.startswith(b"/"):
        target, absolute = _ABSOLUTE_FORM.subn(b"", target, count=1)
        if not absolute:
            return _encode(target)
    path = _END_OF_PATH.split(target, maxsplit=1)[0] or b"/"
    return _resolve(_encode(path.replace(b"\\", b"/")))


def find_route_path(pathname: str, base_path: str, *, skip_slash: bool = False) -> str | None:
    """Returns the path below `base_path`, by which routes are found.

    `None` if the pathname is not below it. `""` if no route can match (a doubled or a trailing
    slash; better-call's `createRouter` 1.4.0). Both get an empty 404. With `skip_slash`
    (`advanced.skipTrailingSlashes`) one trailing slash is dropped.
    """
    if not pathname.startswith(base_path + "/"):
        return None
    path = pathname[len(base_path) :]
    if skip_slash and not path.endswith("//"):
        path = path.removesuffix("/")
    return "" if "//" in path or path.endswith("/") else path


def get_limiter_path(pathname: str, base_path: str) -> str:
    """Returns the path for rate limits, without trailing slashes (`normalizePathname`, 1.7.25)."""
    if pathname == base_path:
        return "/"
    inside = pathname.startswith(base_path + "/")
    path = pathname[len(base_path) :] if inside else pathname
    return path.rstrip("/") or "/"


def _encode(path: bytes) -> str:
    return "".join([_ENCODED[byte] for byte in path])


def _resolve(path: str) -> str:
    resolved: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        dots = _DOT.sub(".", segment)
        if dots == "..":
            del resolved[-1:]
        elif dots != ".":
            resolved.append(segment)
    if _DOT.sub(".", segments[-1]) in (".", ".."):
        resolved.append("")
    return "/" + "/".join(resolved)
