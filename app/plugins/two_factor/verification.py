"""Checks codes: of an app, by mail, and backup codes.

Source: `verifyTOTP`, `verifyOTP` and `verifyBackupCode` of Better Auth 1.7.25.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import datetime

from msgspec import UNSET, Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.events import Event
from ...auth.audit.sign_ins import report_refusal
from ...auth.sessions.store import ActiveSession
from ...web.endpoint import AnyApiRequest
from ...web.http.asgi import Header
from .bodies import FactorVerifiedView, VerifyBackupCodeBody, VerifyCodeBody
from .challenges import OpenChallenge, name_attempts
from .errors import (
    BackupCodesChanged,
    BackupCodesNotEnabled,
    InvalidBackupCode,
    InvalidCode,
    OtpHasExpired,
    SessionNotCreated,
    TotpNotEnabled,
)
from .factors import Factor
from .mailed_codes import name_code
from .second_factor import SecondFactor, has_second_factor
from .sessions import IssuedCookies, Step
from .tables import ENABLED

CodeCaller = ActiveSession | OpenChallenge


class VerifiedCode(Struct, frozen=True):
    """The response to a right code."""

    view: FactorVerifiedView
    headers: list[Header]


class Verification:
    """A code completes a sign-in, or confirms who is signed in: the first one enables the factor.

    All methods raise InvalidTwoFactorCookie if there is neither a session nor a challenge.
    """

    def __init__(self, second_factor: SecondFactor) -> None:
        self._own = second_factor
        self._services = second_factor.services

    async def _find_caller(self, request: AnyApiRequest) -> CodeCaller:
        """Returns the session of a request, else its challenge."""
        guard = self._services.guard
        found = await guard.find_session(request.headers, request.now, cache=False)
        request.caller_headers = found.headers
        if found.active is not None:
            return found.active
        return await self._own.challenges.get(request.headers, request.now)

    async def send_code(self, request: AnyApiRequest) -> None:
        """Mails a code to the user of the session or the challenge."""
        caller = await self._find_caller(request)
        await self._own.mailed_codes.send(caller.user, _get_key(caller), request.now)

    async def verify_app_code(self, request: AnyApiRequest, body: VerifyCodeBody) -> VerifiedCode:
        """Checks a code of an app.

        Raises TotpNotEnabled, AccountTemporarilyLocked, TooManyCodes, InvalidCode.
        """
        caller = await self._find_caller(request)
        with self._report_refusal(caller):
            return await self._verify_app_code(caller, request, body)

    async def _verify_app_code(
        self, caller: CodeCaller, request: AnyApiRequest, body: VerifyCodeBody
    ) -> VerifiedCode:
        own, now = self._own, request.now
        factor = await own.factors.find(caller.user.id)
        if factor is None:
            raise TotpNotEnabled
        is_signed_in = isinstance(caller, ActiveSession)
        if not is_signed_in and (factor.is_pending or not has_second_factor(caller.user)):
            raise TotpNotEnabled
        secret = own.read_secret(factor)
        await self._count_attempt(caller, factor, now)
        step = own.find_step(factor, secret, body.code, now)
        if step is None:
            raise InvalidCode

        async def spend(tx: AsyncConnection) -> None:
            if not await own.factors.spend_step(tx, factor, step):
                raise InvalidCode  # no code is good twice
            if factor.verified is not True:
                await own.factors.change(tx, factor.id, verified=True)

        if isinstance(caller, OpenChallenge):
            attempts = name_attempts(caller.identifier)
            return await self._complete(caller, request, body, factor, spend, attempts)
        headers: list[Header] = []
        if factor.verified is not True and not has_second_factor(caller.user):
            headers = (await self._enable(request, caller, spend)).headers
        else:
            async with self._services.database.begin() as tx:
                await spend(tx)
                if factor.is_pending:  # an app next to mailed codes
                    await self._services.audit.add(tx, Event("two_factor_enabled", caller.user.id))
        return VerifiedCode(_show(caller), headers)  # the session as it was, like the original

    async def verify_mailed_code(
        self, request: AnyApiRequest, body: VerifyCodeBody
    ) -> VerifiedCode:
        """Checks a code that was mailed.

        Raises OtpHasExpired, AccountTemporarilyLocked, TooManyCodes, InvalidCode and
        SessionNotCreated.
        """
        caller = await self._find_caller(request)
        with self._report_refusal(caller):
            return await self._verify_mailed_code(caller, request, body)

    async def _verify_mailed_code(
        self, caller: CodeCaller, request: AnyApiRequest, body: VerifyCodeBody
    ) -> VerifiedCode:
        own, now = self._own, request.now
        is_challenge, key = isinstance(caller, OpenChallenge), _get_key(caller)
        factor = await own.factors.find(caller.user.id) if is_challenge else None
        if factor is not None:
            own.lockout.check(factor, now)
        stored = await own.mailed_codes.count_attempt(key, now)
        if factor is not None:
            await own.lockout.count(factor, now)
        if not own.mailed_codes.is_code(stored, body.code):
            raise InvalidCode
        if isinstance(caller, OpenChallenge):
            if not has_second_factor(caller.user):
                raise SessionNotCreated
            return await self._complete(
                caller, request, body, factor, _write_nothing, name_code(key)
            )
        if has_second_factor(caller.user):
            async with self._spend_mailed(key, now):
                return VerifiedCode(_show(caller), [])
        spending = self._spend_mailed(key, now)
        done = await own.sessions.replace(
            request, caller, {ENABLED: True}, _write_nothing, spending
        )
        view = FactorVerifiedView(token=done.session.token, user=done.user)
        return VerifiedCode(view, done.headers)

    async def verify_backup_code(
        self, request: AnyApiRequest, body: VerifyBackupCodeBody
    ) -> VerifiedCode:
        """Checks a backup code, which is used up then.

        Raises BackupCodesNotEnabled, AccountTemporarilyLocked, TooManyCodes, InvalidBackupCode
        and BackupCodesChanged.
        """
        caller = await self._find_caller(request)
        with self._report_refusal(caller):
            return await self._verify_backup_code(caller, request, body)

    async def _verify_backup_code(
        self, caller: CodeCaller, request: AnyApiRequest, body: VerifyBackupCodeBody
    ) -> VerifiedCode:
        own, now = self._own, request.now
        factor = await own.factors.find(caller.user.id)
        if factor is None:
            raise BackupCodesNotEnabled
        codes = own.read_codes(factor)
        await self._count_attempt(caller, factor, now)
        others = own.backup_codes.find_others(codes, body.code)
        if others is None:
            raise InvalidBackupCode
        later = own.backup_codes.seal(others)

        async def spend(tx: AsyncConnection) -> None:
            if not await own.factors.replace_codes(tx, factor, later):
                raise BackupCodesChanged

        if isinstance(caller, OpenChallenge) and body.disable_session is not True:
            attempts = name_attempts(caller.identifier)
            return await self._complete(caller, request, body, factor, spend, attempts)
        async with self._services.database.begin() as tx:
            await spend(tx)
            if isinstance(caller, OpenChallenge):
                await own.lockout.reset(tx, factor)
        if isinstance(caller, ActiveSession):
            return VerifiedCode(_show(caller), [])
        await own.challenges.forget_attempts(caller, now)
        return VerifiedCode(FactorVerifiedView(token=UNSET, user=caller.user), [])

    def _report_refusal(self, caller: CodeCaller) -> AbstractContextManager[None]:
        """A wrong code of somebody who is signed in is no failed sign-in."""
        is_challenge = isinstance(caller, OpenChallenge)
        return report_refusal(self._services.audit, "two-factor") if is_challenge else nullcontext()

    async def _count_attempt(self, caller: CodeCaller, factor: Factor, now: datetime) -> None:
        """Counts for the challenge and the account. A signed-in user has nothing to gain."""
        if isinstance(caller, OpenChallenge):
            self._own.lockout.check(factor, now)
            await self._own.challenges.count_attempt(caller, now)
            await self._own.lockout.count(factor, now)

    async def _complete(
        self,
        challenge: OpenChallenge,
        request: AnyApiRequest,
        body: VerifyCodeBody | VerifyBackupCodeBody,
        factor: Factor | None,
        spend: Step,
        *others: str,
    ) -> VerifiedCode:
        async def write(tx: AsyncConnection) -> None:
            await spend(tx)
            if factor is not None:
                await self._own.lockout.reset(tx, factor)

        done = await self._own.sessions.complete(
            challenge, request, write, *others, trust_device=body.trust_device is True
        )
        return VerifiedCode(
            FactorVerifiedView(token=done.session.token, user=done.user), done.headers
        )

    async def _enable(
        self, request: AnyApiRequest, caller: ActiveSession, spend: Step
    ) -> IssuedCookies:
        return await self._own.sessions.replace(request, caller, {ENABLED: True}, spend)

    @asynccontextmanager
    async def _spend_mailed(self, key: str, now: datetime) -> AsyncIterator[AsyncConnection]:
        async with self._services.verifications.consume(name_code(key), now) as (tx, stored):
            if stored is None:
                raise OtpHasExpired  # another request was faster
            yield tx


async def _write_nothing(_tx: AsyncConnection) -> None:
    pass


def _get_key(caller: CodeCaller) -> str:
    """Returns what a mailed code is bound to."""
    if isinstance(caller, OpenChallenge):
        return caller.identifier
    return f"{caller.user.id}!{caller.session.id}"


def _show(caller: ActiveSession) -> FactorVerifiedView:
    return FactorVerifiedView(token=caller.session.token, user=caller.user)
