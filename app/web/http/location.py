"""Redirect URLs as headers."""

import re
from urllib.parse import parse_qsl, quote, quote_plus

from ..urls.paths import normalize_path
from ..urls.url_parser import parse_origin
from .asgi import Header

# What the URL standard leaves as it is, apart from letters and digits.
_ANYWHERE = "!$%&()*+,/:;=@[]|\\^?#"
_IN_PATH = _ANYWHERE + "'"
_IN_QUERY = _ANYWHERE + "`{}"
_IN_FRAGMENT = _ANYWHERE + "'{}"
_C0_CONTROL_OR_SPACE = "".join(map(chr, range(0x21)))
_TAB_OR_NEWLINE = dict.fromkeys(map(ord, "\t\n\r"))
_ABSOLUTE = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*:[/\\]*[^/\\?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL
)
_ONLY_ORIGIN = re.compile(r"https?://[^/]+", re.IGNORECASE)
_PATH_QUERY_FRAGMENT = re.compile(r"([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)


def make_location(url: str) -> Header:
    """The Location header for a URL as it was before; what no header can hold is encoded.

    Blanks around it are removed (RFC 9110, 5.5).
    """
    latin = max(url, default="") <= "\xff"
    bare = url.strip(" ")
    return "location", "".join(c if _is_plain(c, latin=latin) else quote(c) for c in bare)


def with_parameter(url: str, name: str, value: str) -> str:
    """Adds a parameter to the query of a URL (`appendQueryParams`, Better Auth 1.7.25).

    The existing query and the fragment stay. A relative URL stays relative.
    """
    found = _PATH_QUERY_FRAGMENT.fullmatch(url)
    assert found is not None
    path, query, fragment = found[1], found[2] or "", found[3] or ""
    path += "/" if _ONLY_ORIGIN.fullmatch(path) else ""
    joint = "&" if query and not query.endswith("&") else ""
    before = f"{quote(path, safe=_IN_PATH)}?{quote(query, safe=_IN_QUERY)}"
    return f"{before}{joint}{encode_pair(name, value)}{quote(fragment, safe=_IN_FRAGMENT)}"


def encode_pair(name: str, value: str) -> str:
    """Returns `name=value` like `URLSearchParams`."""
    return "=".join(quote_plus(text, safe="*").replace("~", "%7E") for text in (name, value))


def resolve_url(url: str, base: str, name: str, value: str) -> str:
    """Returns the absolute URL, resolved with `base`, with a parameter in its query.

    Like `new URL(url, base)` and `searchParams.set`, which also encodes the rest of the query
    again.
    """
    where, query, fragment = _split(url, base)
    return f"{where}?{_set_parameter(query or '', name, value)}{fragment}"


def make_absolute(url: str, base: str) -> str:
    """Returns the absolute URL, resolved with `base`, like `new URL(url, base).toString()`."""
    where, query, fragment = _split(url, base)
    return f"{where}{'' if query is None else '?' + quote(query, safe=_IN_QUERY)}{fragment}"


def _split(url: str, base: str) -> tuple[str, str | None, str]:
    """Returns place and path, query (None: there is none) and fragment of the absolute URL."""
    text = url.strip(_C0_CONTROL_OR_SPACE).translate(_TAB_OR_NEWLINE)
    text = text if _ABSOLUTE.fullmatch(text) else _place(text, base)
    found = _ABSOLUTE.fullmatch(text)
    assert found is not None
    place, path, query, fragment = found.groups()
    origin = parse_origin(text)
    where = f"{place}{path}"
    if origin is not None:
        where = origin + normalize_path(path.replace("\\", "/").encode() or b"/")
    return where, query, quote(fragment or "", _IN_FRAGMENT)


def _place(text: str, base: str) -> str:
    """Resolves a URL without scheme. Two slashes are a path here, not another site."""
    match text[:1]:
        case "/" | "\\":
            return f"{parse_origin(base)}{text}"
        case "" | "?" | "#":
            return f"{base}{text}"
        case _:
            return f"{base.rpartition('/')[0]}/{text}"


def _set_parameter(query: str, name: str, value: str) -> str:
    """Returns the query with the parameter, in the place of the old one or at the end."""
    before = parse_qsl(query, keep_blank_values=True)
    at = next((index for index, (key, _) in enumerate(before) if key == name), len(before))
    kept = [pair for pair in before if pair[0] != name]
    pairs = [*kept[:at], (name, value), *kept[at:]]
    return "&".join(encode_pair(*pair) for pair in pairs)


def _is_plain(character: str, *, latin: bool) -> bool:
    return " " <= character <= "~" or (latin and character >= "\xa0")
