"""Counts wrong passwords per account. It stops an attacker with many client IPs."""

import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from ...bridge.encodings import encode_base64url
from ...models.clock import now
from ...models.errors import TooManyRequests
from ...models.records import User
from ...models.telemetry.log_context import note_user
from ...models.telemetry.log_events import log_event
from ...models.telemetry.metrics import LIMITED
from ...web.rate_rule import FAILURES, RateLimits
from ..errors import WrongPassword
from ..hooks import Hooks
from ..users.users import Users
from .password_accounts import KnownUser

Find = Callable[[], Awaitable[KnownUser | None]]

COUNTERS: Final = "account|"  # begins the keys of the counters
REMEMBERED: Final = 30 * 24 * 60 * 60  # seconds after a success

_log = logging.getLogger("better_auth.passwords")


class LoginThrottle:
    """Counts failures by the name of an account, whether it exists or not. Off if `limits` is None.

    The name is the mail address, in lower case, or what `Login.account` says. Two names of one
    account are counted apart: a common count would tell that they belong together.

    A client IP has its own limit if it knew the password in the last 30 days, or if the account has
    a session from it. So an attacker cannot lock the owner out.
    """

    def __init__(self, limits: RateLimits | None, users: Users, secret: str, hooks: Hooks) -> None:
        self._limits = limits
        self._users = users
        self._secret = secret.encode()
        self._list_login_names = hooks.list_login_names

    @asynccontextmanager
    async def attempt(self, account: str, ip: str, find: Find | None = None) -> AsyncIterator[None]:
        """Runs a password check in its block. Raises TooManyRequests.

        It counts before the check, so that parallel checks cannot exceed the limit. Success clears
        the count. If no check was made, it is not counted. `find` finds the user of an account that
        is not named by the address.
        """
        limits = self._limits
        if limits is None:
            yield
            return
        key = await self._reserve(limits, account, ip, find)
        try:
            yield
        except WrongPassword:
            raise
        except BaseException:
            await limits.release(key, FAILURES)
            raise
        await limits.clear(key, FAILURES)
        await self._remember(limits, account, ip)

    async def reset(self, user_id: str, ip: str) -> None:
        """Clears all counts of a user who was verified in another way, and trusts this client."""
        limits, user = self._limits, await self._users.find_by_id(user_id)
        if limits is None or user is None:
            return
        for key, _ in self.list_keys(user, [ip]):
            await limits.clear(key, FAILURES)
        for account in self._list_names(user):
            await self._remember(limits, account, ip)

    def list_keys(self, user: User, clients: Sequence[str]) -> list[tuple[str, str | None]]:
        """Returns the key of each counter of a user, for everybody and for these client IPs."""
        return [
            (self._make_counter_key(name, *(() if client is None else (client,))), client)
            for name in self._list_names(user)
            for client in (None, *clients)
        ]

    def _list_names(self, user: User) -> list[str]:
        more = (name for list_names in self._list_login_names for name in list_names(user))
        return [user.email, *more]

    async def _reserve(self, limits: RateLimits, account: str, ip: str, find: Find | None) -> str:
        key = self._make_counter_key(account)
        wait = await limits.consume(key, FAILURES)
        if wait is None:
            return key
        user_id = await self._find_user_id(account, find)
        if ip and await self._is_known_client(limits, account, user_id, ip):
            key = self._make_counter_key(account, ip)
            wait = await limits.consume(key, FAILURES)
        if wait is not None:
            LIMITED.count("account")
            _log_throttled(user_id, ip, wait)
            raise TooManyRequests([("x-retry-after", str(wait))])
        return key

    async def _find_user_id(self, account: str, find: Find | None) -> str | None:
        if find is not None:
            known = await find()
            return None if known is None else known.user.id
        user = await self._users.find_by_email(account)
        return None if user is None else user.id

    async def _is_known_client(
        self, limits: RateLimits, account: str, user_id: str | None, ip: str
    ) -> bool:
        if await limits.is_remembered(self._make_client_key(account, ip)):
            return True
        # Also without a user, so that the time does not reveal who has an account.
        return await self._users.has_session_from(user_id or "", ip, now())

    async def _remember(self, limits: RateLimits, account: str, ip: str) -> None:
        if ip:
            await limits.remember(self._make_client_key(account, ip), REMEMBERED)

    def _make_counter_key(self, *texts: str) -> str:
        return f"{COUNTERS}{self._hide(*texts)}"

    def _make_client_key(self, account: str, ip: str) -> str:
        return f"home|{self._hide(account, ip)}"

    def _hide(self, *texts: str) -> str:
        """Returns a keyed digest, so the store does not contain the name."""
        digest = hmac.digest(self._secret, "|".join(("attempts", *texts)).encode(), "sha256")
        return encode_base64url(digest)


def _log_throttled(user_id: str | None, ip: str, wait: int) -> None:
    if user_id is not None:
        note_user(user_id)
    client = ip or None
    log_event(_log, "account throttled", logging.WARNING, user=user_id, client=client, seconds=wait)
