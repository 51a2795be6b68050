"""Counts wrong passwords per account. It stops an attacker with many client IPs."""

import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from ...bridge.encodings import encode_base64url
from ...models.clock import now
from ...models.errors import TooManyRequests
from ...models.log_context import note_user
from ...models.log_events import log_event
from ...web.rate_rule import FAILURES, RateLimits
from ..errors import WrongPassword
from ..users.users import Users

REMEMBERED: Final = 30 * 24 * 60 * 60  # seconds after a success

_log = logging.getLogger("app.passwords")


class LoginThrottle:
    """Counts failures by mail address, whether it exists or not. Off if `limits` is None.

    A client IP has its own limit if it knew the password in the last 30 days, or if the account has
    a session from it. So an attacker cannot lock the owner out.
    """

    def __init__(self, limits: RateLimits | None, users: Users, secret: str) -> None:
        self._limits = limits
        self._users = users
        self._secret = secret.encode()

    @asynccontextmanager
    async def attempt(self, email: str, ip: str) -> AsyncIterator[None]:
        """Runs a password check in its block. `email` is in lower case. Raises TooManyRequests.

        It counts before the check, so that parallel checks cannot exceed the limit. Success clears
        the count. If no check was made, it is not counted.
        """
        limits = self._limits
        if limits is None:
            yield
            return
        key = await self._reserve(limits, email, ip)
        try:
            yield
        except WrongPassword:
            raise
        except BaseException:
            await limits.release(key, FAILURES)
            raise
        await limits.clear(key, FAILURES)
        await self._remember(limits, email, ip)

    async def reset(self, user_id: str, ip: str) -> None:
        """Clears the count of a user who was verified in another way, and trusts this client IP."""
        limits, user = self._limits, await self._users.find_by_id(user_id)
        if limits is None or user is None:
            return
        for key in (self._make_counter_key(user.email), self._make_counter_key(user.email, ip)):
            await limits.clear(key, FAILURES)
        await self._remember(limits, user.email, ip)

    async def _reserve(self, limits: RateLimits, email: str, ip: str) -> str:
        key = self._make_counter_key(email)
        wait = await limits.consume(key, FAILURES)
        if wait is None:
            return key
        user = await self._users.find_by_email(email)
        user_id = None if user is None else user.id
        if ip and await self._is_known_client(limits, email, user_id, ip):
            key = self._make_counter_key(email, ip)
            wait = await limits.consume(key, FAILURES)
        if wait is not None:
            _log_throttled(user_id, ip, wait)
            raise TooManyRequests([("x-retry-after", str(wait))])
        return key

    async def _is_known_client(
        self, limits: RateLimits, email: str, user_id: str | None, ip: str
    ) -> bool:
        if await limits.is_remembered(self._make_client_key(email, ip)):
            return True
        # Also without a user, so that the time does not reveal who has an account.
        return await self._users.has_session_from(user_id or "", ip, now())

    async def _remember(self, limits: RateLimits, email: str, ip: str) -> None:
        if ip:
            await limits.remember(self._make_client_key(email, ip), REMEMBERED)

    def _make_counter_key(self, *texts: str) -> str:
        return f"account|{self._hide(*texts)}"

    def _make_client_key(self, email: str, ip: str) -> str:
        return f"home|{self._hide(email, ip)}"

    def _hide(self, *texts: str) -> str:
        """Returns a keyed digest, so the store does not contain the address."""
        digest = hmac.digest(self._secret, "|".join(("attempts", *texts)).encode(), "sha256")
        return encode_base64url(digest)


def _log_throttled(user_id: str | None, ip: str, wait: int) -> None:
    if user_id is not None:
        note_user(user_id)
    client = ip or None
    log_event(_log, "account throttled", logging.WARNING, user=user_id, client=client, seconds=wait)
