"""Mails codes to who asks (`sendVerificationOTP` and the others of Better Auth 1.7.25)."""

from datetime import datetime
from pathlib import Path
from typing import Final

from ...auth.audit.events import Event
from ...auth.equal_time import take_at_least
from ...mail.auth_emails import format_duration
from ...models.records import User
from ...settings.plugin_settings import MailTemplate
from ..plugin import Services
from .codes import Codes, CodeType, make_change_subject
from .options import EmailOtpOptions

SAME_TIME: Final = 0.25  # seconds of a response, the same for every address
_TEMPLATES: Final = Path(__file__).parent / "templates"
_PLACEHOLDERS: Final = frozenset({"name", "email", "site", "code", "lifetime"})
_KINDS: Final = {
    CodeType.VERIFICATION: "email-otp-verification",
    CodeType.SIGN_IN: "email-otp-sign-in",
    CodeType.RESET: "email-otp-reset-password",
    CodeType.CHANGE: "email-otp-change-email",
}
MAILS: Final = tuple(
    MailTemplate(kind, _TEMPLATES, _PLACEHOLDERS, "code") for kind in _KINDS.values()
)


class CodeRequests:
    """Mails codes. Neither the response nor its time reveals whether an address exists.

    A code is also stored for an address that gets no mail: it takes as many guesses as every other.
    """

    def __init__(self, services: Services, codes: Codes, options: EmailOtpOptions) -> None:
        self._services = services
        self._codes = codes
        self._signs_up = not options.disable_sign_up
        self._lifetime = format_duration(options.expires_in)

    async def send(self, kind: CodeType, email: str, now: datetime) -> None:
        """Mails a code to the user with this address (lower case).

        For a sign-in also to an address that nobody has, if new users may come.
        """
        async with take_at_least(SAME_TIME):
            user = await self._services.users.find_by_email(email)
        if user is not None or (kind is CodeType.SIGN_IN and self._signs_up):
            work = self._issue(kind, email, user, now)
        else:
            work = self._store_unmailed(kind, email, now)
        self._services.background.start(work)

    async def send_for_change(self, user: User, new_email: str, now: datetime) -> None:
        """Mails a code to the new address of a user, if nobody has that."""
        async with take_at_least(SAME_TIME):
            other = await self._services.users.find_by_email(new_email)
        if other is None:
            work = self._issue_change(user, new_email, now)
        else:
            subject = make_change_subject(user.id, new_email)
            work = self._store_unmailed(CodeType.CHANGE, subject, now)
        self._services.background.start(work)

    def verify_address(self, user: User, now: datetime) -> None:
        """Mails a code that verifies the address of a user, after the response."""
        work = self._issue(CodeType.VERIFICATION, user.email.lower(), user, now)
        self._services.background.start(work)

    def verify_new_address(self, user: User, now: datetime) -> None:
        """Does the same at sign-up, where each gets a code of its own."""
        email = user.email.lower()
        work = self._issue(CodeType.VERIFICATION, email, user, now, may_reuse=False)
        self._services.background.start(work)

    async def _issue(
        self,
        kind: CodeType,
        email: str,
        user: User | None,
        now: datetime,
        *,
        may_reuse: bool = True,
    ) -> None:
        code = await self._codes.issue(kind, email, now, may_reuse=may_reuse)
        if user is not None and kind is CodeType.RESET:
            self._services.audit.report(Event("reset_requested", user.id))
        self._send_mail(kind, email if user is None else user.email, code, user)

    async def _issue_change(self, user: User, new_email: str, now: datetime) -> None:
        subject = make_change_subject(user.id, new_email)
        code = await self._codes.issue(CodeType.CHANGE, subject, now, may_reuse=False)
        self._services.audit.report(Event("email_change_requested", user.id))
        self._send_mail(CodeType.CHANGE, new_email, code, user)

    async def _store_unmailed(self, kind: CodeType, subject: str, now: datetime) -> None:
        may_reuse = kind is not CodeType.CHANGE
        await self._codes.issue(kind, subject, now, may_reuse=may_reuse)

    def _send_mail(self, kind: CodeType, to: str, code: str, user: User | None) -> None:
        emails = self._services.auth_emails
        assert emails is not None  # `find_faults` asks for SMTP_URL
        emails.send(_KINDS[kind], to, {"code": code, "lifetime": self._lifetime}, user)
