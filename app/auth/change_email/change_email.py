"""Changes the caller's address (`changeEmail`, Better Auth 1.7.25)."""

from datetime import datetime

from sqlalchemy.exc import StatementError

from ...models.records import User
from ...settings.options import ChangeEmailOptions
from ...storage.refused_values import is_refused_value, log_refusal
from ..audit.events import Event
from ..email_verification.mail import RequestedEmail, VerificationMail
from ..errors import ChangeEmailDisabled, EmailIsTheSame, NoWayToChangeEmail
from ..passwords.password_accounts import PasswordAccounts
from ..users.users import Users


class EmailChange:
    """Changes addresses. The answer for a taken address is the same, and no mail is sent."""

    def __init__(
        self,
        options: ChangeEmailOptions,
        users: Users,
        password_accounts: PasswordAccounts,
        mail: VerificationMail,
    ) -> None:
        self._options = options
        self._users = users
        self._password_accounts = password_accounts
        self._mail = mail

    async def request(
        self, user: User, new_email: str, callback_url: str, now: datetime
    ) -> User | None:
        """Returns the user if the address changed immediately, None if mails decide.

        Raises ChangeEmailDisabled, EmailIsTheSame, NoWayToChangeEmail.
        """
        if not self._options.enabled:
            raise ChangeEmailDisabled
        requested = new_email.lower()
        if requested == user.email:
            raise EmailIsTheSame
        at_once = not user.email_verified and self._options.update_email_without_verification
        if not at_once and not self._mail.is_enabled:
            raise NoWayToChangeEmail
        asks_first = user.email_verified and self._options.send_change_email_confirmation
        # Before it is known whether somebody has the address: that takes the same time either way.
        once = await self._mail.create_confirmation(user, now) if asks_first else ""
        asks_new = not at_once and not asks_first
        account = await self._password_accounts.find_by_user_id(user.id) if asks_new else None
        if await self._users.find_by_email(requested) is not None:
            return None
        if at_once:
            return await self._change(user, requested, callback_url, now)
        self._users.audit.report(Event("email_change_requested", user.id))
        if asks_first:
            self._mail.ask_old(user, RequestedEmail(requested, once), callback_url, now)
        else:
            hashed = None if account is None else account.hashed
            self._mail.ask_new(user, requested, callback_url, now, hashed=hashed)
        return None

    async def _change(
        self, user: User, requested: str, callback_url: str, now: datetime
    ) -> User | None:
        """Returns the changed user. None if the address is taken or too long, or was changed."""
        try:
            changed = await self._users.change(
                user, {"email": requested}, now, while_email=user.email
            )
        except StatementError as error:
            if not is_refused_value(error):
                raise
            log_refusal(error)
            return None
        if changed is not None and self._mail.is_enabled:
            self._mail.send(changed, callback_url, now)
        return changed
