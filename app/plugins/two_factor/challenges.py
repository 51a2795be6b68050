"""The challenge of a sign-in: the password was right, and the second factor is missing.

Source: the after hook and `verifyTwoFactor` of the `two-factor` plugin, Better Auth 1.7.25.
"""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.crypto.constant_time import is_equal
from ...auth.hooks import PasswordSignIn
from ...auth.passwords.password_accounts import PasswordAccount
from ...auth.sessions.cookies import SetCookie
from ...bridge.encodings import encode_base64url
from ...models.identifiers import generate_id
from ...models.records import User
from ...models.telemetry.log_context import note_user
from ...settings.cookie_options import CookieAttributes
from ...web.http.headers import Headers
from ..plugin import Services
from .errors import InvalidTwoFactorCookie, TooManyCodes

TWO_FACTOR: Final = "two_factor"
ATTEMPTS: Final = 5  # wrong codes until the challenge ends
_LENGTH: Final = 20  # random characters of an identifier
_DIGEST: Final = 16  # bytes


class OpenChallenge(Struct, frozen=True):
    """A challenge that a request names.

    `account`: the password that it was given for; None if a Node server gave it. `remember`: as
    the sign-in asked for.
    """

    identifier: str
    user: User
    account: PasswordAccount | None
    remember: bool


class Challenges:
    """The cookie names a stored value, which is the id of the user.

    The name ends with a digest of the password hash that was checked, so that a new password ends
    the challenge. A Node server's has none.
    """

    def __init__(self, services: Services, max_age: int) -> None:
        self._services = services
        self._secrets = services.settings.current_and_former_secrets
        self._cookie = services.make_cookie(TWO_FACTOR, CookieAttributes(max_age=max_age))
        self._age = timedelta(seconds=max_age)

    async def start(self, attempt: PasswordSignIn) -> SetCookie:
        """Stores a challenge. Returns its cookie."""
        random, user, now = generate_id(_LENGTH), attempt.user, attempt.now
        digest = _compute_digest(self._secrets[0], random, attempt.hashed)
        identifier = f"2fa-{random}.{digest}"
        verifications, ends = self._services.verifications, now + self._age
        await verifications.put(identifier, user.id, ends, now)
        await verifications.put(name_attempts(identifier), "0", ends, now)
        return self._cookie.give(identifier)

    async def get(self, headers: Headers, now: datetime) -> OpenChallenge:
        """Returns the challenge of a request. Raises InvalidTwoFactorCookie."""
        identifier = self._cookie.find(headers)
        if identifier is None:
            raise InvalidTwoFactorCookie
        user_id = await self._services.verifications.find(identifier, now)
        user = None if user_id is None else await self._services.users.find_by_id(user_id)
        if user is None:
            raise InvalidTwoFactorCookie
        note_user(user.id)
        account = await self._get_account(identifier, user)
        forgets = self._services.guard.read_credentials(headers).dont_remember
        return OpenChallenge(identifier, user, account, remember=not forgets)

    async def _get_account(self, identifier: str, user: User) -> PasswordAccount | None:
        name, dot, digest = identifier.partition(".")
        if not dot:
            return None
        account = await self._services.password_accounts.find_by_user_id(user.id)
        random = name.removeprefix("2fa-")
        if account is None or not any(
            is_equal(
                _compute_digest(secret, random, account.hashed or "").encode(), digest.encode()
            )
            for secret in self._secrets
        ):
            raise InvalidTwoFactorCookie  # the password was changed meanwhile
        return account

    async def count_attempt(self, challenge: OpenChallenge, now: datetime) -> None:
        """Counts an attempt before its code is compared. The sixth one ends the challenge.

        Raises InvalidTwoFactorCookie, TooManyCodes.
        """
        verifications, name = self._services.verifications, name_attempts(challenge.identifier)
        async with verifications.attempt(name, now) as attempt:
            seen = attempt.value or ""
            count = int(seen) if seen.isascii() and seen.isdecimal() else ATTEMPTS
            if count < ATTEMPTS:
                attempt.keep(str(count + 1))
        if attempt.value is None:
            raise InvalidTwoFactorCookie
        if count >= ATTEMPTS:
            async with verifications.consume(challenge.identifier, now):
                pass
            raise TooManyCodes([self.expire()])

    async def forget_attempts(self, challenge: OpenChallenge, now: datetime) -> None:
        """Deletes the count. No code but one by mail is taken then."""
        async with self._services.verifications.consume(name_attempts(challenge.identifier), now):
            pass

    @asynccontextmanager
    async def spend(
        self, challenge: OpenChallenge, now: datetime, *others: str
    ) -> AsyncIterator[AsyncConnection]:
        """A transaction that ends the challenge: only one of parallel requests gets it.

        `others` are one-time values that are spent with it. Raises InvalidTwoFactorCookie.
        """
        services, user = self._services, challenge.user
        spending = services.verifications.consume(challenge.identifier, now, *others)
        async with spending as (tx, whose):
            if whose != user.id:
                raise InvalidTwoFactorCookie([self.expire()])
            accounts, account = services.password_accounts, challenge.account
            if account is not None and not await accounts.lock_unchanged(tx, account):
                raise InvalidTwoFactorCookie([self.expire()])
            if await services.users.lock(tx, user.id) is None:
                raise InvalidTwoFactorCookie([self.expire()])
            yield tx

    def expire(self) -> SetCookie:
        """Returns the header that removes the cookie."""
        return self._cookie.expire()


def name_attempts(identifier: str) -> str:
    """Returns the name of the stored count of a challenge's attempts."""
    return f"2fa-attempts-{identifier}"


def _compute_digest(secret: str, random: str, hashed: str) -> str:
    text = f"2fa|{random}|{hashed}"
    return encode_base64url(hmac.digest(secret.encode(), text.encode(), "sha256")[:_DIGEST])
