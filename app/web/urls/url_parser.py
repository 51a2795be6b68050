"""The part of the WHATWG URL standard for origin checks: scheme, host and origin."""

import re
from typing import NamedTuple

from .url_host import parse_opaque_host, parse_special_host

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_C0_CONTROL_OR_SPACE = "".join(map(chr, range(0x21)))
_TAB_OR_NEWLINE = dict.fromkeys(map(ord, "\t\n\r"))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_SPECIAL_AUTHORITY = re.compile(r"[/\\]*([^/\\?#]*)")
_FILE_HOST = re.compile(r"[/\\]{2}([^/\\?#]*)")
_DRIVE_LETTER = re.compile(r"[A-Za-z][:|]")
_OPAQUE_AUTHORITY = re.compile(r"//([^/?#]*)")
_HOST_AND_PORT = re.compile(r"((?:\[[^\]]*(?:\]|\Z)|[^:\[])*)(:[0-9]*)?")
_HIGHEST_PORT = 65535


class Url(NamedTuple):
    """The result of `new URL(…)`. `origin` is None where JavaScript returns `null`."""

    scheme: str
    host: str
    origin: str | None


def parse_url(value: str) -> Url | None:
    """Parses an absolute URL like browsers and Node. Returns None for an invalid one.

    Also None for an http(s) host outside ASCII: it would need the IDNA tables, and browsers send
    the `xn--` form.
    """
    text = value.strip(_C0_CONTROL_OR_SPACE).translate(_TAB_OR_NEWLINE)
    found = _SCHEME.fullmatch(text)
    if found is None:
        return None
    scheme, rest = found[1].lower(), found[2]
    if scheme in _DEFAULT_PORTS:
        return _parse_special(scheme, rest)
    if scheme == "file":
        return _parse_file(rest)
    return _parse_opaque(scheme, rest)


def parse_origin(value: str) -> str | None:
    """Returns the origin of a URL (RFC 6454, 6.1), or None for invalid and opaque ones."""
    url = parse_url(value)
    return url.origin if url else None


def _parse_special(scheme: str, rest: str) -> Url | None:
    found = _SPECIAL_AUTHORITY.match(rest)
    pieces = _split_authority(found[1]) if found else None
    name = parse_special_host(pieces[0]) if pieces else None
    if pieces is None or name is None:
        return None
    host = name + _format_port(pieces[1], _DEFAULT_PORTS[scheme])
    return Url(scheme, host, f"{scheme}://{host}")


def _parse_file(rest: str) -> Url | None:
    found = _FILE_HOST.match(rest)
    text = found[1] if found else ""
    if not text or _DRIVE_LETTER.fullmatch(text):
        return Url("file", "", None)
    host = parse_special_host(text)
    if host is None:
        return None
    return Url("file", "" if host == "localhost" else host, None)


def _parse_opaque(scheme: str, rest: str) -> Url | None:
    found = _OPAQUE_AUTHORITY.match(rest)
    if found is None:
        return Url(scheme, "", _parse_blob_origin(rest) if scheme == "blob" else None)
    pieces = _split_authority(found[1])
    name = parse_opaque_host(pieces[0]) if pieces else None
    if pieces is None or name is None:
        return None
    return Url(scheme, name + _format_port(pieces[1], None), None)


def _parse_blob_origin(rest: str) -> str | None:
    inner = parse_url(re.split("[?#]", rest, maxsplit=1)[0])
    return inner.origin if inner and inner.scheme in ("http", "https") else None


def _split_authority(authority: str) -> tuple[str, int | None] | None:
    """Returns host text and port, or None for an invalid authority."""
    _, credentials, rest = authority.rpartition("@")
    found = _HOST_AND_PORT.fullmatch(rest)
    if found is None or (not found[1] and (credentials or found[2])):
        return None
    digits = (found[2] or "")[1:].lstrip("0") or ("0" if (found[2] or ":") != ":" else "")
    if len(digits) > len(str(_HIGHEST_PORT)) or int(digits or 0) > _HIGHEST_PORT:
        return None
    return found[1], int(digits) if digits else None


def _format_port(port: int | None, default: int | None) -> str:
    return "" if port in (None, default) else f":{port}"
