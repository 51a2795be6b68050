"""Signed cookies of plugins."""

from ...settings.cookie_definitions import CookieDefinition
from ...web.http.headers import Headers
from ..crypto.signatures import Signatures
from .cookies import Cookie, SetCookie, parse_cookies


class SignedCookie:
    """A signed cookie (better-call 1.4.5 `setSignedCookie`, `getSignedCookie`)."""

    def __init__(self, definition: CookieDefinition, signatures: Signatures) -> None:
        self._cookie = Cookie(definition)
        self._signatures = signatures

    def give(self, value: str) -> SetCookie:
        """Returns the header that sets the cookie, with the age of its definition."""
        return self._cookie.make_header(self._signatures.sign(value), self._cookie.max_age)

    def find(self, headers: Headers) -> str | None:
        """Returns the value in a request, None if the cookie or a valid signature is missing."""
        signed = parse_cookies(headers.get(b"cookie") or "").get(self._cookie.name, "")
        return self._signatures.verify(signed)

    def expire(self) -> SetCookie:
        """Returns the header that removes the cookie."""
        return self._cookie.expire()
