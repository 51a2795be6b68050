"""The cookie options: `advanced.defaultCookieAttributes` and `advanced.cookies`."""

from typing import Literal

from msgspec import Struct


class CookieAttributes(
    Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """Cookie attributes (RFC 6265bis 4.1.2). `max_age` is in seconds. None means the default."""

    same_site: Literal["strict", "lax", "none"] | None = None
    secure: bool | None = None
    http_only: bool | None = None
    domain: str | None = None
    path: str | None = None
    max_age: int | None = None
    partitioned: bool | None = None


class CookieOverride(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another name (without prefix) and other attributes for one cookie."""

    name: str | None = None
    attributes: CookieAttributes = CookieAttributes()


# `advanced.cookies`, by Better Auth's keys of cookies.
CookieOverrides = dict[str, CookieOverride]
