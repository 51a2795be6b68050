"""Verifies an address with a code (`verifyEmailOTP`, Better Auth 1.7.25)."""

from contextlib import suppress
from datetime import datetime
from functools import partial

from ...auth.email_verification.pending_passwords import Spend
from ...auth.errors import LinkUserNotFound, UserNotFound
from ...auth.hooks import run_user_hooks
from ...models.errors import StoreUnavailable
from ...models.records import Session, User
from ...models.telemetry.log_context import note_user
from ...web.endpoint import AnyApiRequest
from ..plugin import Services
from .codes import Codes, CodeType

SetCookies = list[tuple[str, str]]


class CodeVerification:
    """Verifies addresses as a mailed link does, and signs in if the settings say so."""

    def __init__(self, services: Services, codes: Codes) -> None:
        self._services = services
        self._codes = codes

    async def verify(
        self, email: str, code: str, request: AnyApiRequest
    ) -> tuple[User, Session | None, SetCookies]:
        """Returns the user, the new session if one begins, and the cookies.

        Raises UserNotFound, what `Codes` raise, and what refuses a session: then the address is
        verified.
        """
        await self._codes.check(CodeType.VERIFICATION, email, code, request.now)
        spend = partial(self._codes.spend, CodeType.VERIFICATION, email, code, request.now)
        try:
            user = await self._spend(email, spend, request.now)
        except LinkUserNotFound:
            raise UserNotFound from None
        if self._services.settings.email_verification.auto_sign_in_after_verification:
            addresses = self._services.verified_addresses
            session = await addresses.start_session(user, request.client, "email-otp")
            return user, session, await self._services.guard.give(session, user, request)
        return user, None, await self._renew_cache(user, request)

    async def check(self, kind: CodeType, email: str, code: str, now: datetime) -> None:
        """Says whether a code is right. It stays valid.

        Raises what `Codes.check` raises, and UserNotFound, which only the reader of the mail sees.
        """
        await self._codes.check(kind, email, code, now)
        if await self._services.users.find_by_email(email) is None:
            raise UserNotFound

    async def _spend(self, email: str, spend: Spend, now: datetime) -> User:
        known = await self._services.password_accounts.find_by_email(email)
        if known is None:
            async with spend():
                pass
            raise UserNotFound
        note_user(known.user.id)
        if not known.user.email_verified:
            return await self._services.verified_addresses.verify(known, None, now, spend)
        users, user, hooks = self._services.users, known.user, self._services.hooks
        await run_user_hooks(hooks.before_email_verified, user)
        changes = await users.run_hooks(user, {"email_verified": True})
        async with spend() as tx:
            changed = await users.change_in(tx, user.id, changes, now, while_email=user.email)
            if changed is None:
                raise UserNotFound
        with suppress(StoreUnavailable):  # it is written
            await self._services.session_store.refresh_user(changed)
        await run_user_hooks(hooks.after_email_verified, changed)
        return changed

    async def _renew_cache(self, user: User, request: AnyApiRequest) -> SetCookies:
        """Returns the headers of the caller, with a cookie cache of the user as it is now."""
        guard, headers = self._services.guard, request.headers
        caller = await guard.find_session(headers, request.now)
        if caller.active is None or caller.active.user.id != user.id:
            return caller.headers
        credentials = guard.read_credentials(headers)
        cache = self._services.cookies.cache_cookies(
            caller.active.session,
            caller.active.user,  # in the form that it has in the cache
            remember=not credentials.dont_remember,
            now=request.now,
            sent=credentials.cached,
        )
        return [*caller.headers, *cache]
