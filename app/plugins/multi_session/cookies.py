"""The cookies of the sessions of one browser, one for each session."""

from typing import Final

from msgspec import structs

from ...auth.sessions.cookies import SetCookie, parse_cookies
from ...auth.sessions.signed_cookie import SignedCookie
from ...settings.cookie_definitions import resolve_cookie
from ...settings.cookie_options import CookieAttributes
from ...web.http.headers import Headers
from ..plugin import Services

_MARK: Final = "_multi-"


class DeviceCookies:
    """Reads and writes the cookies. Each has the attributes of the session cookie.

    Its name has the session token in lower case, its value is the signed token.
    """

    def __init__(self, services: Services) -> None:
        settings = services.settings
        age = CookieAttributes(max_age=settings.session.expires_in)
        self._definition = resolve_cookie(settings, "session_token", age)
        self._signatures = services.signatures

    def make(self, session_token: str) -> SignedCookie:
        """Returns the cookie of a session."""
        return self._make(self._make_name(session_token))

    def list_names(self, headers: Headers) -> list[str]:
        """Returns the names of these cookies in a request. Their signatures may be wrong."""
        return [name for name in parse_cookies(headers.get(b"cookie") or "") if _MARK in name]

    def list_tokens(self, headers: Headers) -> dict[str, str]:
        """Returns the session tokens in a request, with a valid signature, by cookie name."""
        cookies = parse_cookies(headers.get(b"cookie") or "")
        verified = {
            name: self._signatures.verify(signed)
            for name, signed in cookies.items()
            if _MARK in name
        }
        return {name: token for name, token in verified.items() if token is not None}

    def has(self, headers: Headers, session_token: str) -> bool:
        """Whether a request brings the cookie of this session, or one of its name."""
        return self._make_name(session_token) in parse_cookies(headers.get(b"cookie") or "")

    def expire(self, name: str) -> SetCookie:
        """Returns the header that removes one of these cookies."""
        return self._make(name).expire()

    def _make_name(self, session_token: str) -> str:
        return f"{self._definition.name}{_MARK}{session_token.lower()}"

    def _make(self, name: str) -> SignedCookie:
        return SignedCookie(structs.replace(self._definition, name=name), self._signatures)
