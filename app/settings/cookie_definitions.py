"""What each cookie is called and carries, by all the options that have a say in it.

Source: Better Auth 1.7.25 `createCookieGetter`, better-call 1.4.5 `resolveCookie`.
"""

from typing import Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct, structs

from .cookie_options import CookieAttributes, CookieOverride, CookieOverrides
from .settings import Settings

Key = Literal["session_token", "session_data", "dont_remember"]
KEYS: Final[tuple[Key, ...]] = ("session_token", "session_data", "dont_remember")

SECURE_PREFIX: Final = "__Secure-"


class CookieDefinition(Struct, frozen=True):
    """A cookie's name, and attributes that are all settled."""

    name: str
    attributes: CookieAttributes

    @property
    def text(self) -> str:
        """What follows `Max-Age` in a Set-Cookie line, in the original's order."""
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


def cookie_definition(settings: Settings, key: Key) -> CookieDefinition:
    """The cookie that Better Auth calls `key`.

    `advanced.cookies` goes before `advanced.defaultCookieAttributes`, and those before the rest.
    How long `session_token` lives is said by `session.expiresIn` alone, whatever is said here.
    """
    own = override(settings, key)
    prefix = SECURE_PREFIX if settings.secure_cookies else ""
    name = own.name or f"{settings.advanced.cookie_prefix}.{key}"
    defaults, age = settings.advanced.default_cookie_attributes, CookieAttributes()
    if key == "session_data":
        age = CookieAttributes(max_age=settings.session.cookie_cache.max_age)
    merged = _usual(settings)
    for more in (defaults, age, own.attributes):
        merged = structs.replace(merged, **_given(more))
    # Browsers drop a cookie with such a name or for other sites that is not.
    if prefix or merged.partitioned or merged.same_site == "none":
        merged = structs.replace(merged, secure=True)
    return CookieDefinition(prefix + name, merged)


def elsewhere(settings: Settings) -> list[CookieDefinition]:
    """The cookies as a browser may have them of another setting of their domain.

    For the host alone, for the host as a domain, and for each domain above it, but for the one that
    is set now.
    """
    host = urlsplit(settings.url).hostname or ""
    labels = [] if _is_address(host) else host.split(".")
    domains = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    found = []
    for key in KEYS:
        now = cookie_definition(settings, key)
        own = now.attributes.domain
        for domain in (None, *domains):
            if domain != (own.lower().removeprefix(".") if own else None):
                attributes = structs.replace(now.attributes, domain=domain)
                found.append(CookieDefinition(now.name, attributes))
    return found


def _is_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()


def override(settings: Settings, key: Key) -> CookieOverride:
    """What `advanced.cookies` says of one cookie."""
    overrides = settings.advanced.cookies or CookieOverrides()
    found: CookieOverride = getattr(overrides, key)
    return found


def _usual(settings: Settings) -> CookieAttributes:
    shared = settings.advanced.cross_sub_domain_cookies
    domain = shared.domain or urlsplit(settings.url).hostname
    return CookieAttributes(
        same_site="lax",
        secure=settings.secure_cookies,
        http_only=True,
        domain=domain if shared.enabled else None,
        path="/",
    )


def _given(attributes: CookieAttributes) -> dict[str, object]:
    return {name: each for name, each in structs.asdict(attributes).items() if each is not None}
