"""Checks of the settings that need no store: secrets, addresses, cookies, origins, proxies."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from ...models.program_name import COMMAND
from ...settings.cookie_definitions import resolve_cookie
from ...settings.origin_validation import find_shared_patterns
from ...settings.settings import Settings
from ..hooks.loading import load_hooks
from .finding import Finding, Result
from .hosts import is_local

_FEWEST_BITS: Final = 120
_EVERYONE: Final = 0  # bits of a network that holds every address
_PROXIES: Final = "BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES"
_ORIGINS: Final = "BETTER_AUTH_TRUSTED_ORIGINS"


def inspect_secrets(settings: Settings) -> Iterator[Finding]:
    """Looks for secrets that a person made up. Short ones and placeholders stop the start."""
    named = {f"version {each.version} of BETTER_AUTH_SECRETS": each for each in settings.secrets}
    values = {name: each.value for name, each in named.items() if each.version is not None}
    values = values or {"BETTER_AUTH_SECRET": settings.secret}
    weak = {
        name: bits for name, text in values.items() if (bits := _guess_bits(text)) < _FEWEST_BITS
    }
    for name, bits in weak.items():
        line = f"{name} does not look random ({bits} bits at most)"
        remedy = f"make one with `{COMMAND} secret` and replace it: docs/secrets.md"
        yield Finding("secret", Result.WARNING, line, remedy)
    if not weak:
        count = "one secret" if len(values) == 1 else f"{len(values)} secrets"
        yield Finding("secret", Result.OK, f"{count}, long enough, and no known placeholder")


def inspect_address(settings: Settings) -> Iterator[Finding]:
    """Checks that browsers talk over https, and that they take the cookies."""
    host = urlsplit(settings.url).hostname or ""
    if settings.is_https:
        yield Finding("address", Result.OK, f"BETTER_AUTH_URL is {settings.origin}")
    elif is_local(host):
        yield Finding("address", Result.OK, f"{settings.origin}: http, for this machine alone")
    else:
        line = f"BETTER_AUTH_URL is {settings.origin}: passwords and cookies are sent unencrypted"
        remedy = "put a proxy with a certificate in front, and set https://… (docs/deploying.md)"
        yield Finding("address", Result.WRONG, line, remedy)
    yield from _inspect_cookies(settings, host)


def _inspect_cookies(settings: Settings, host: str) -> Iterator[Finding]:
    attributes = resolve_cookie(settings, "session_token").attributes
    chosen = "BETTER_AUTH_ADVANCED_USE_SECURE_COOKIES"
    if settings.secure_cookies and not settings.is_https and not is_local(host):
        line = "cookies are Secure, but BETTER_AUTH_URL is http: browsers drop them"
        yield Finding("cookies", Result.WRONG, line, f"use https, or set {chosen}=false")
    elif settings.is_https and not settings.secure_cookies:
        line = "cookies are not Secure: one request over http tells the session to the network"
        yield Finding("cookies", Result.WARNING, line, f"remove {chosen}=false")
    elif settings.advanced.disable_csrf_check or settings.advanced.disable_origin_check is True:
        line = "requests of other sites are not checked: they can act with your users' sessions"
        remedy = (
            "remove BETTER_AUTH_ADVANCED_DISABLE_CSRF_CHECK and"
            " BETTER_AUTH_ADVANCED_DISABLE_ORIGIN_CHECK"
        )
        yield Finding("cookies", Result.WARNING, line, remedy)
    else:
        scope = f", for {attributes.domain} and below" if attributes.domain else ""
        secure = "Secure, " if settings.secure_cookies else ""
        line = f"{secure}SameSite={(attributes.same_site or 'lax').capitalize()}{scope}"
        yield Finding("cookies", Result.OK, line)


def inspect_hooks(settings: Settings) -> Iterator[Finding]:
    """Lists the hooks of the module in `BETTER_AUTH_HOOKS`, which was loaded with the settings."""
    hooks = load_hooks(settings)
    if hooks is None:
        return
    counted = Counter(hooks.list_names())
    names = ", ".join(
        name if count == 1 else f"{name} ({count})" for name, count in counted.items()
    )
    if names:
        yield Finding("hooks", Result.OK, f"{settings.hooks} registers {names}")
    else:
        line = f"{settings.hooks} registers nothing"
        yield Finding("hooks", Result.WARNING, line, "see docs/extending.md")


def inspect_origins(settings: Settings) -> Iterator[Finding]:
    """Checks the trusted origins of a service that the public uses."""
    found = [*_list_origin_findings(settings)]
    yield from found
    if not found:
        names = ", ".join(settings.trusted_origins) or "only its own"
        yield Finding("origins", Result.OK, names)


def _list_origin_findings(settings: Settings) -> Iterator[Finding]:
    for line in find_shared_patterns(settings.trusted_origins):
        what, _, remedy = line.rpartition(": ")
        yield Finding("origins", Result.WARNING, what, remedy)
    if not settings.is_https:
        return
    crosses = resolve_cookie(settings, "session_token").attributes.same_site == "none"
    own = urlsplit(settings.url).hostname or ""
    for origin in settings.trusted_origins:
        split = urlsplit(origin)
        host = split.hostname if split.scheme in ("http", "https") and "*" not in origin else None
        if host is None:
            continue
        if is_local(host):
            line = f"{origin} is trusted: any program on a user's machine can be that page"
            yield Finding("origins", Result.WARNING, line, f"remove it from {_ORIGINS}")
        elif split.scheme == "http":
            line = f"{origin} is trusted, and anybody on the way can change a page over http"
            yield Finding("origins", Result.WARNING, line, f"use https://{host} in {_ORIGINS}")
        elif not crosses and _is_other_site(host, own):
            line = f"{origin} is another site than {own}: browsers send it no session cookie"
            yield Finding("origins", Result.WARNING, line, _SAME_SITE)


_SAME_SITE: Final = (
    "serve both below one domain, or set"
    " BETTER_AUTH_ADVANCED_DEFAULT_COOKIE_ATTRIBUTES_SAME_SITE=none"
)


def inspect_proxies(settings: Settings) -> Iterator[Finding]:
    """Compares the trusted proxies with the address: https always comes through a proxy."""
    options = settings.advanced.ip_address
    networks = ", ".join(map(str, options.trusted_proxies))
    if any(network.prefixlen == _EVERYONE for network in options.trusted_proxies):
        line = f"{_PROXIES} holds every address: anybody can choose the address that is counted"
        yield Finding("proxies", Result.WRONG, line, "name the addresses of your proxies alone")
    elif settings.is_https and not options.trusted_proxies and not options.disable_ip_tracking:
        line = "https ends at a proxy that is not trusted: all users count as one client"
        remedy = f"set {_PROXIES} to the address of the proxy (docs/rate-limits.md)"
        yield Finding("proxies", Result.WRONG, line, remedy)
    elif not settings.is_https and not is_local(settings.host):
        line = f"HOST is {settings.host}: other machines reach this service over http"
        remedy = "set HOST=localhost, or an address that only your proxy reaches, and https"
        yield Finding("proxies", Result.WARNING, line, remedy)
    elif options.trusted_proxies:
        yield Finding("proxies", Result.OK, f"addresses from {networks} are believed")
    else:
        yield Finding("proxies", Result.OK, "no proxy is trusted, and none is needed")


def _guess_bits(text: str) -> int:
    """Returns the most that the text can hold, like `estimateEntropy` of Better Auth 1.7.25."""
    return int(math.log2(len(set(text)) or 1) * len(text))


def _is_other_site(host: str, own: str) -> bool:
    """Whether two hosts cannot be one site: not even their last two labels are the same."""
    return host.split(".")[-2:] != own.split(".")[-2:]
