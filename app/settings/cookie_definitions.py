"""Name and attributes of each cookie, from all options that concern it.

Source: Better Auth 1.7.25 `createCookieGetter`, better-call 1.4.5 `resolveCookie`.
"""

from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, structs

from .cookie_options import CookieAttributes, CookieOverride
from .settings import Settings

KEYS: Final = ("session_token", "session_data", "dont_remember")

SECURE_PREFIX: Final = "__Secure-"
_NOTHING: Final = CookieAttributes()


class CookieDefinition(Struct, frozen=True):
    """The name and all attributes of a cookie."""

    name: str
    attributes: CookieAttributes

    @property
    def text(self) -> str:
        """Returns the part of Set-Cookie after `Max-Age`, in the original's order."""
        has = self.attributes
        return "".join(
            (
                f"; Domain={has.domain}" if has.domain else "",
                f"; Path={has.path}" if has.path else "",
                "; HttpOnly" if has.http_only else "",
                "; Secure" if has.secure else "",
                f"; SameSite={has.same_site.capitalize()}" if has.same_site else "",
                "; Partitioned" if has.partitioned else "",
            )
        )


def list_cookies(settings: Settings) -> tuple[str, ...]:
    """Returns the keys of all cookies, those of plugins last."""
    return (*KEYS, *(key for plugin in settings.plugins for key in plugin.cookies))


def resolve_cookie(
    settings: Settings, key: str, attributes: CookieAttributes = _NOTHING
) -> CookieDefinition:
    """Returns the cookie with the key `key` of Better Auth. `attributes` are its own defaults.

    `advanced.cookies` overrides `advanced.defaultCookieAttributes`, and that overrides the rest.
    Only `session.expiresIn` decides how long `session_token` lives.
    """
    own = override(settings, key)
    prefix = SECURE_PREFIX if settings.secure_cookies else ""
    name = own.name or f"{settings.advanced.cookie_prefix}.{key}"
    defaults = settings.advanced.default_cookie_attributes
    if key == "session_data":
        attributes = CookieAttributes(max_age=settings.session.cookie_cache.max_age)
    merged = _make_defaults(settings)
    for more in (defaults, attributes, own.attributes):
        merged = structs.replace(merged, **_drop_unset(more))
    # Browsers drop a cookie with such a name or for other sites that is not.
    if prefix or merged.partitioned or merged.same_site == "none":
        merged = structs.replace(merged, secure=True)
    return CookieDefinition(prefix + name, merged)


def list_stale_cookies(settings: Settings) -> list[CookieDefinition]:
    """Returns the cookies that a browser may have from another domain setting.

    That is: for the host alone, for the host as a domain, and for each parent domain, except the
    current one.
    """
    host = urlsplit(settings.url).hostname or ""
    labels = [] if _is_address(host) else host.split(".")
    domains = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    found = []
    for key in KEYS:
        now = resolve_cookie(settings, key)
        own = now.attributes.domain
        for domain in (None, *domains):
            if domain != (own.lower().removeprefix(".") if own else None):
                attributes = structs.replace(now.attributes, domain=domain)
                found.append(CookieDefinition(now.name, attributes))
    return found


def _is_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()


def override(settings: Settings, key: str) -> CookieOverride:
    """Returns the entry of `advanced.cookies` for one cookie."""
    return (settings.advanced.cookies or {}).get(key, CookieOverride())


def _make_defaults(settings: Settings) -> CookieAttributes:
    shared = settings.advanced.cross_sub_domain_cookies
    domain = shared.domain or urlsplit(settings.url).hostname
    return CookieAttributes(
        same_site="lax",
        secure=settings.secure_cookies,
        http_only=True,
        domain=domain if shared.enabled else None,
        path="/",
    )


def _drop_unset(attributes: CookieAttributes) -> dict[str, object]:
    return {name: each for name, each in structs.asdict(attributes).items() if each is not None}
