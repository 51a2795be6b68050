"""All parts of the second factor, and the question that a sign-in asks."""

import logging
from datetime import datetime

from ...auth.crypto.encryption import Cipher, Undecipherable
from ...auth.hooks import Challenge, Passed, PasswordSignIn
from ...models.records import User
from ..plugin import Services
from .backup_codes import BackupCodes
from .bodies import ChallengeView
from .challenges import Challenges
from .errors import SecondFactorUnreadable
from .factors import Factor, Factors
from .lockout import Lockout
from .mailed_codes import MailedCodes
from .options import TwoFactorOptions
from .sessions import FactorSessions
from .tables import ENABLED
from .totp import TotpCodes
from .trusted_devices import TrustedDevices

_log = logging.getLogger("better_auth.two_factor")


class SecondFactor:
    """Makes the parts once, and reads what is encrypted."""

    def __init__(self, services: Services, options: TwoFactorOptions, *, sends_codes: bool) -> None:
        self.options = options
        self.sends_codes = sends_codes
        self.services = services
        self.cipher = Cipher(services.settings)
        self.factors = Factors(services)
        self.totp = TotpCodes(options.totp_options)
        self.backup_codes = BackupCodes(options.backup_code_options, self.cipher)
        self.mailed_codes = MailedCodes(services, options.otp_options, self.cipher)
        self.lockout = Lockout(options.account_lockout, self.factors, services.database)
        self.devices = TrustedDevices(services, options.trust_device_max_age)
        self.challenges = Challenges(services, options.two_factor_cookie_max_age)
        self.sessions = FactorSessions(services, self.challenges, self.devices)

    async def ask(self, attempt: PasswordSignIn) -> Challenge | Passed:
        """Returns the challenge for a user with a second factor. The hook of sign-in."""
        user, headers, now = attempt.user, attempt.request.headers, attempt.now
        if not has_second_factor(user):
            return Passed()
        renewed = await self.devices.renew(user, headers, now)
        if renewed is not None:
            return Passed([renewed])
        methods: list[str] = []
        if not self.options.totp_options.disable:
            factor = await self.factors.find(user.id)
            methods += ["totp"] if factor is not None and not factor.is_pending else []
        methods += ["otp"] if self.sends_codes else []
        brought = self.services.cookies.read_cookies(headers)
        cookies = self.services.cookies.expire_for_challenge(
            remember=attempt.remember, brought=brought
        )
        view = ChallengeView(two_factor_redirect=True, two_factor_methods=methods)
        return Challenge(
            view, [*self.devices.expire(headers), *cookies, await self.challenges.start(attempt)]
        )

    def read_secret(self, factor: Factor) -> str:
        """Returns the secret. Raises SecondFactorUnreadable."""
        try:
            return self.cipher.decrypt(factor.secret)
        except Undecipherable as fault:
            raise _log_unreadable(factor, str(fault)) from None

    def find_step(self, factor: Factor, secret: str, code: str, now: datetime) -> int | None:
        """Returns the time step of a code, None if it is wrong. Raises SecondFactorUnreadable."""
        try:
            return self.totp.find_step(secret, code, now)
        except Undecipherable as fault:
            raise _log_unreadable(factor, str(fault)) from None

    def read_codes(self, factor: Factor) -> list[str]:
        """Returns the backup codes. Raises SecondFactorUnreadable."""
        try:
            return self.backup_codes.open(factor.backup_codes)
        except Undecipherable as fault:
            raise _log_unreadable(factor, str(fault)) from None


def has_second_factor(user: User) -> bool:
    """Whether the user has enabled one."""
    return bool(getattr(user, ENABLED, False))


def _log_unreadable(factor: Factor, reason: str) -> SecondFactorUnreadable:
    _log.error(
        "the second factor of the user %s (row %s of the table twoFactor) cannot be read, because"
        " %s. Set the secret that encrypted it (an old secret belongs into BETTER_AUTH_SECRETS)",
        factor.user_id,
        factor.id,
        reason,
    )
    return SecondFactorUnreadable()
