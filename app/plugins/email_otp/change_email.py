"""Changes an address with a code for the new one (`changeEmailEmailOTP`, Better Auth 1.7.25)."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import StatementError

from ...auth.errors import EmailIsTheSame, InvalidEmail, UserNotFound
from ...auth.hooks import run_user_hooks
from ...auth.users.emails import is_email
from ...models.errors import StoreUnavailable
from ...models.records import User
from ...storage.refused_values import is_refused_value, log_refusal
from ..plugin import Services
from .codes import Codes, CodeType, make_change_subject
from .errors import CurrentEmailOtpRequired, EmailInUse, OtpChangeEmailDisabled
from .options import OtpChangeEmailOptions
from .requests import CodeRequests


class CodeEmailChange:
    """Changes addresses.

    Both methods raise OtpChangeEmailDisabled, InvalidEmail, EmailIsTheSame.
    """

    def __init__(
        self,
        services: Services,
        codes: Codes,
        requests: CodeRequests,
        options: OtpChangeEmailOptions,
    ) -> None:
        self._services = services
        self._codes = codes
        self._requests = requests
        self._options = options

    async def request(self, user: User, new_email: str, code: str | None, now: datetime) -> None:
        """Mails a code to the new address, if nobody has it. `code`: that of the current address.

        Raises CurrentEmailOtpRequired, and what `Codes` raise.
        """
        new_email = self._check(user, new_email)
        if self._options.verify_current_email:
            if not code:
                raise CurrentEmailOtpRequired
            current = user.email.lower()
            await self._codes.check(CodeType.VERIFICATION, current, code, now)
            async with self._codes.spend(CodeType.VERIFICATION, current, code, now):
                pass
        await self._requests.send_for_change(user, new_email, now)

    async def change(self, user: User, new_email: str, code: str, now: datetime) -> User:
        """Changes the address, which is verified then, and returns the user.

        Raises EmailInUse, UserNotFound, and what `Codes` raise.
        """
        new_email, users = self._check(user, new_email), self._services.users
        subject = make_change_subject(user.id, new_email)
        await self._codes.check(CodeType.CHANGE, subject, code, now)
        if await users.find_by_email(new_email) is not None:
            raise EmailInUse
        await run_user_hooks(self._services.hooks.before_email_verified, user)
        changes = await users.run_hooks(user, {"email": new_email, "email_verified": True})
        try:
            async with self._codes.spend(CodeType.CHANGE, subject, code, now) as tx:
                changed = await users.change_in(tx, user.id, changes, now, while_email=user.email)
                if changed is None:
                    raise UserNotFound
        except StatementError as error:
            if not is_refused_value(error):
                raise
            log_refusal(error)
            raise EmailInUse from None
        with suppress(StoreUnavailable):  # it is written
            await self._services.session_store.refresh_user(changed)
        await run_user_hooks(self._services.hooks.after_email_verified, changed)
        return changed

    def _check(self, user: User, new_email: str) -> str:
        """Returns the new address in lower case."""
        if not self._options.enabled:
            raise OtpChangeEmailDisabled
        new_email = new_email.lower()
        if not is_email(new_email):
            raise InvalidEmail
        if new_email == user.email.lower():
            raise EmailIsTheSame
        return new_email
