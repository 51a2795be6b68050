"""Trusted devices: browsers that need no second factor for some time.

Source: `readSignInTwoFactorState` and the after hook of the `two-factor` plugin, Better Auth
1.7.25.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ...auth.crypto.constant_time import is_equal
from ...auth.sessions.cookies import SetCookie
from ...bridge.encodings import encode_base64url
from ...models.identifiers import generate_id
from ...models.records import User
from ...settings.cookie_options import CookieAttributes
from ...web.http.headers import Headers
from ..plugin import Services

TRUST_DEVICE: Final = "trust_device"


class TrustedDevices:
    """The cookie names a stored value, and proves that it was made for this user."""

    def __init__(self, services: Services, max_age: int) -> None:
        self._verifications = services.verifications
        self._secrets = services.settings.current_and_former_secrets
        self._cookie = services.make_cookie(TRUST_DEVICE, CookieAttributes(max_age=max_age))
        self._age = timedelta(seconds=max_age)

    async def remember(self, user: User, now: datetime) -> SetCookie:
        """Stores the trust in a device. Returns the cookie."""
        identifier = f"trust-device-{generate_id()}"
        await self._verifications.put(identifier, user.id, now + self._age, now)
        return self._cookie.give(f"{_sign(self._secrets[0], user, identifier)}!{identifier}")

    async def renew(self, user: User, headers: Headers, now: datetime) -> SetCookie | None:
        """Replaces the trust in the device of a request, and returns its new cookie.

        None if the device is not trusted by this user. A cookie works once.
        """
        token, _, identifier = (self._cookie.find(headers) or "").partition("!")
        if not identifier or not self._is_of_user(token, user, identifier):
            return None
        async with self._verifications.consume(identifier, now) as (_, whose):
            is_trusted = whose == user.id
        return await self.remember(user, now) if is_trusted else None

    async def end(self, headers: Headers, now: datetime) -> Sequence[SetCookie]:
        """Ends the trust in the device of a request."""
        found = self._cookie.find(headers)
        if not found:
            return ()
        identifier = found.partition("!")[2]
        if identifier:
            async with self._verifications.consume(identifier, now):
                pass
        return (self._cookie.expire(),)

    def expire(self, headers: Headers) -> Sequence[SetCookie]:
        """Returns the header that expires the cookie, if a request has one of ours."""
        return (self._cookie.expire(),) if self._cookie.find(headers) else ()

    def _is_of_user(self, token: str, user: User, identifier: str) -> bool:
        signed = (_sign(secret, user, identifier) for secret in self._secrets)
        return any(is_equal(each.encode(), token.encode()) for each in signed)


def _sign(secret: str, user: User, identifier: str) -> str:
    text = f"{user.id}!{identifier}"
    return encode_base64url(hmac.digest(secret.encode(), text.encode(), "sha256"))
