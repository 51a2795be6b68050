"""Finds cookie settings that no browser accepts."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from .cookie_definitions import list_cookies, override, resolve_cookie
from .settings import Settings

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 5.6.2
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+")
_PATH: Final = re.compile(r"/[!-:<-~]*")
_RESERVED: Final = re.compile(r"__(?:secure|host|http)", re.IGNORECASE)  # RFC 6265bis 4.1.3
_PREFIX: Final = "BETTER_AUTH_ADVANCED_COOKIE_PREFIX"
_SHARED: Final = "BETTER_AUTH_ADVANCED_CROSS_SUB_DOMAIN_COOKIES_DOMAIN"
_DEFAULT: Final = "BETTER_AUTH_ADVANCED_DEFAULT_COOKIE_ATTRIBUTES_"
_COOKIES: Final = "BETTER_AUTH_ADVANCED_COOKIES"
_SECURE: Final = (
    "browsers ignore such cookies over http: use https in BETTER_AUTH_URL, or set"
    " BETTER_AUTH_ADVANCED_USE_SECURE_COOKIES=true"
)
_HERE: Final = ("localhost", "127.0.0.1", "::1")  # where browsers take them all the same


def find_cookie_faults(settings: Settings, host: str | None) -> Iterator[str]:
    """Returns one line for each fault. `host`: of the base URL, or None if that is invalid."""
    yield from _check_names(settings)
    shared = settings.advanced.cross_sub_domain_cookies
    if shared.enabled and host is not None:
        yield from _check_domain(_SHARED, shared.domain or host, host)
    for key in list_cookies(settings):
        yield from _check_attributes(settings, key, host)


def is_cookie_name(text: str) -> bool:
    """Whether browsers take a cookie with this name."""
    return _TOKEN.fullmatch(text) is not None


def _check_names(settings: Settings) -> Iterator[str]:
    prefix = settings.advanced.cookie_prefix
    if not _TOKEN.fullmatch(prefix):
        yield f"{_PREFIX} must be letters, digits, - and _"
    if _RESERVED.match(prefix):
        yield f"{_PREFIX}: {prefix!r} is reserved for browsers: https adds __Secure- automatically"
    keys = list_cookies(settings)
    for key in sorted((settings.advanced.cookies or {}).keys() - set(keys)):
        yield f"{_COOKIES}: there is no cookie {key!r}, only {', '.join(keys)}"
    for key in keys:
        name = override(settings, key).name
        if name is not None and (not _TOKEN.fullmatch(name) or _RESERVED.match(name)):
            yield (
                f"{_COOKIES}: {key} cannot have the name {name!r}: use letters, digits, - and"
                " _; https adds __Secure- automatically"
            )
    if len({resolve_cookie(settings, key).name for key in keys}) < len(keys):
        yield f"{_COOKIES}: two cookies have the same name"


def _check_attributes(settings: Settings, key: str, host: str | None) -> Iterator[str]:
    own, final = override(settings, key).attributes, resolve_cookie(settings, key).attributes
    default = settings.advanced.default_cookie_attributes
    plain = _is_plain(settings, host) and not (own.secure or default.secure)
    if final.same_site == "none" and plain:
        name = f"{_COOKIES}: {key}" if own.same_site else f"{_DEFAULT}SAME_SITE"
        yield f"{name}: SameSite=None makes cookies Secure, and {_SECURE}"
    if final.partitioned and plain:
        name = f"{_COOKIES}: {key}" if own.partitioned else f"{_DEFAULT}PARTITIONED"
        yield f"{name}: Partitioned makes cookies Secure, and {_SECURE}"
    for name, attributes in ((f"{_COOKIES}: {key}", own), (_DEFAULT, default)):
        own_name = name if attributes is own else f"{name}PATH"
        if attributes.path is not None and not _PATH.fullmatch(attributes.path):
            yield f"{own_name}: a path begins with / and has no blanks or semicolons"
        if attributes.domain is not None and host is not None:
            yield from _check_domain(
                name if attributes is own else f"{name}DOMAIN", attributes.domain, host
            )
    if own.max_age is not None and own.max_age < 1:
        yield f"{_COOKIES}: {key}: maxAge must be a number of seconds above 0"


def _is_plain(settings: Settings, host: str | None) -> bool:
    """Whether the page is http, where browsers accept no Secure cookies."""
    is_here = host is not None and (host in _HERE or host.endswith(".localhost"))
    return not settings.secure_cookies and not is_here


def _check_domain(name: str, chosen: str, host: str) -> Iterator[str]:
    domain = chosen.lower().removeprefix(".")
    if _is_address(domain) or "." not in domain or not _HOST.fullmatch(domain):
        yield f"{name} must be a domain such as example.com: browsers ignore cookies for {domain!r}"
    elif host != domain and not host.endswith(f".{domain}"):
        yield f"{name} must be {host!r}, the host of BETTER_AUTH_URL, or a domain above it"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
