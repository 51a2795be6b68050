"""URLs to send a browser to, as header lines."""

import re
from urllib.parse import quote, quote_plus

from app.web.asgi import Line

# What the URL standard leaves as it is, beside letters and digits.
_ANYWHERE = "!$%&()*+,/:;=@[]|\\^?#"
_IN_PATH = _ANYWHERE + "'"
_IN_QUERY = _ANYWHERE + "`{}"
_IN_FRAGMENT = _ANYWHERE + "'{}"
_BARE_ORIGIN = re.compile(r"https?://[^/]+")
_PARTS = re.compile(r"([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)


def location(url: str) -> Line:
    """The Location header for a URL as it was given; what no header can hold is encoded."""
    latin = max(url, default="") <= "\xff"
    return "location", "".join(c if _is_plain(c, latin=latin) else quote(c) for c in url)


def with_parameter(url: str, name: str, value: str) -> str:
    """The URL with one more parameter in its query (`appendQueryParams`, Better Auth 1.7.7).

    It comes before the fragment, the query before it is kept as it is, and a relative URL stays
    relative.
    """
    found = _PARTS.fullmatch(url)
    assert found is not None
    path, query, fragment = found[1], found[2] or "", found[3] or ""
    path += "/" if _BARE_ORIGIN.fullmatch(path) else ""
    joint = "&" if query and not query.endswith("&") else ""
    before = f"{quote(path, safe=_IN_PATH)}?{quote(query, safe=_IN_QUERY)}"
    return f"{before}{joint}{form_pair(name, value)}{quote(fragment, safe=_IN_FRAGMENT)}"


def form_pair(name: str, value: str) -> str:
    """`name=value` as `URLSearchParams` writes it."""
    return "=".join(quote_plus(text, safe="*").replace("~", "%7E") for text in (name, value))


def _is_plain(character: str, *, latin: bool) -> bool:
    return " " <= character <= "~" or (latin and character >= "\xa0")
