"""Codes by mail (`otpOptions`), stored like Better Auth 1.7.25."""

from datetime import datetime, timedelta
from typing import Final

from ...auth.crypto.encryption import Cipher
from ...auth.crypto.stored_codes import StoredCodes
from ...mail.auth_emails import format_duration
from ...models.identifiers import generate_digits
from ...models.records import User
from ..plugin import Services
from .errors import OtpHasExpired, TooManyCodes
from .options import OtpOptions

MAIL: Final = "two-factor-code"


class MailedCodes:
    """Sends codes, and checks them. `key` says for which challenge or session a code is."""

    def __init__(self, services: Services, options: OtpOptions, cipher: Cipher) -> None:
        self._services = services
        self._options = options
        self._codes = StoredCodes(options.store_otp, cipher)
        self._age = timedelta(minutes=options.period)

    async def send(self, user: User, key: str, now: datetime) -> None:
        """Stores a new code and mails it."""
        code = generate_digits(self._options.digits)
        ends = now + self._age
        await self._services.verifications.put(
            name_code(key), f"{self._codes.seal(code)}:0", ends, now
        )
        emails = self._services.auth_emails
        if emails is not None:
            lifetime = format_duration(int(self._age.total_seconds()))
            emails.send(MAIL, user.email, {"code": code, "lifetime": lifetime}, user)

    async def count_attempt(self, key: str, now: datetime) -> str:
        """Counts an attempt before its code is compared, and returns the stored code.

        So parallel requests cannot compare more codes than the limit. A right code stays valid
        until it is spent under `name_code`. Raises OtpHasExpired, TooManyCodes.
        """
        async with self._services.verifications.attempt(name_code(key), now) as attempt:
            stored, _, text = (attempt.value or "").partition(":")
            count = int(text) if text.isascii() and text.isdecimal() else 0
            is_over = count >= self._options.allowed_attempts
            if attempt.value is not None and not is_over:
                attempt.keep(f"{stored}:{count + 1}")
        if attempt.value is None:
            raise OtpHasExpired
        if is_over:
            raise TooManyCodes
        return stored

    def is_code(self, stored: str, code: str) -> bool:
        """Whether this is the stored code."""
        return self._codes.is_code(stored, code)


def name_code(key: str) -> str:
    """Returns the name of the stored code of a challenge or session."""
    return f"2fa-otp-{key}"
