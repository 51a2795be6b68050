"""Codes: how they are stored, guessed, and spent (`otp-token`, `atomicVerifyOTP` of 1.7.25)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.crypto.encryption import Cipher
from ...auth.crypto.stored_codes import StoredCodes
from ...auth.users.users import Users
from ...auth.verifications.attempt import Attempt
from ...auth.verifications.database import Verifications
from ...models.errors import Refusal
from ...models.identifiers import generate_digits
from ...models.telemetry.log_context import note_user
from .errors import InvalidOtp, OtpExpired, TooManyAttempts
from .options import EmailOtpOptions


class CodeType(StrEnum):
    """What a code is for. It is of no use for anything else."""

    VERIFICATION = "email-verification"
    SIGN_IN = "sign-in"
    RESET = "forget-password"
    CHANGE = "change-email"


REFUSALS: Final = (InvalidOtp, OtpExpired, TooManyAttempts)


class Codes:
    """One code for each type and address. Its value is `<code>:<wrong guesses>`, as stored."""

    def __init__(
        self, verifications: Verifications, users: Users, cipher: Cipher, options: EmailOtpOptions
    ) -> None:
        self._users = users
        self._verifications = verifications
        self._codes = StoredCodes(options.store_otp, cipher)
        self._options = options

    async def issue(
        self, kind: CodeType, subject: str, now: datetime, *, may_reuse: bool = True
    ) -> str:
        """Returns a new code, or the one that is valid if the options say so and it is readable."""
        identifier = make_identifier(kind, subject)
        until = now + timedelta(seconds=self._options.expires_in)
        if may_reuse and self._options.resend_strategy == "reuse":
            async with self._verifications.attempt(identifier, now) as attempt:
                code = self._find_mailed(attempt)
                if code is not None and attempt.value is not None:
                    attempt.keep(attempt.value, until)
            if code is not None:
                return code
        code = generate_digits(self._options.otp_length)
        await self._verifications.put(identifier, f"{self._codes.seal(code)}:0", until, now)
        return code

    async def check(self, kind: CodeType, subject: str, code: str, now: datetime) -> None:
        """Counts a wrong guess. The right code stays valid.

        Raises InvalidOtp, OtpExpired, TooManyAttempts.
        """
        identifier = make_identifier(kind, subject)
        async with self._verifications.attempt(identifier, now) as attempt:
            refusal = self._check_guess(attempt, code)
            if refusal is None and attempt.value is not None:
                attempt.keep(attempt.value)
        if refusal is not None:
            await self._note_owner(kind, subject)
            raise refusal

    async def _note_owner(self, kind: CodeType, subject: str) -> None:
        """Notes whose address it is, for the log and the audit. Who changes one is signed in."""
        user = None if kind is CodeType.CHANGE else await self._users.find_by_email(subject)
        if user is not None:
            note_user(user.id)

    @asynccontextmanager
    async def spend(
        self, kind: CodeType, subject: str, code: str, now: datetime
    ) -> AsyncIterator[AsyncConnection]:
        """A transaction that spends the code, after `check`. If it fails the code stays valid.

        Of parallel callers one succeeds. Raises as `check`.
        """
        identifier = make_identifier(kind, subject)
        async with self._verifications.attempt(identifier, now) as attempt:
            refusal = self._check_guess(attempt, code)
            if refusal is not None:
                raise refusal
            yield attempt.tx

    def _check_guess(self, attempt: Attempt, code: str) -> type[Refusal] | None:
        """Returns the refusal of a guess, and keeps a value that may be guessed again."""
        if attempt.is_expired:
            return OtpExpired
        if attempt.value is None:
            return InvalidOtp
        stored, wrong = _split(attempt.value)
        if wrong >= self._options.allowed_attempts:
            return TooManyAttempts
        if self._codes.is_code(stored, code):
            return None
        attempt.keep(f"{stored}:{wrong + 1}")
        return InvalidOtp

    def _find_mailed(self, attempt: Attempt) -> str | None:
        """Returns the code that was mailed, if it can still be used and read."""
        if attempt.value is None:
            return None
        stored, wrong = _split(attempt.value)
        return None if wrong >= self._options.allowed_attempts else self._codes.read(stored)


def make_identifier(kind: CodeType, subject: str) -> str:
    """Returns the identifier of a code. `subject`: the address, see `make_change_subject`."""
    return f"{kind}-otp-{subject}"


def make_change_subject(user_id: str, new_email: str) -> str:
    """Returns the subject of a change: a code for one user is of no use for another."""
    return f"{user_id}:{new_email}"


def _split(value: str) -> tuple[str, int]:
    stored, colon, wrong = value.rpartition(":")
    if not colon:
        return value, 0
    return stored, int(wrong) if wrong.isascii() and wrong.isdecimal() else 0
