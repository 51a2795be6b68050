"""The options of cookies: `advanced.defaultCookieAttributes` and `advanced.cookies`."""

from typing import Literal

from msgspec import Struct


class CookieAttributes(
    Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """RFC 6265bis 4.1.2; `max_age` is seconds. None leaves an attribute as it would be."""

    same_site: Literal["strict", "lax", "none"] | None = None
    secure: bool | None = None
    http_only: bool | None = None
    domain: str | None = None
    path: str | None = None
    max_age: int | None = None
    partitioned: bool | None = None


class CookieOverride(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another name, which counts without a prefix, and attributes for one cookie alone."""

    name: str | None = None
    attributes: CookieAttributes = CookieAttributes()


class CookieOverrides(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`advanced.cookies`, for the cookies that there are here."""

    session_token: CookieOverride = CookieOverride()
    session_data: CookieOverride = CookieOverride()
    dont_remember: CookieOverride = CookieOverride()
