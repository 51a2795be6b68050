"""Enables and disables the second factor of the signed-in user."""

from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.events import Event
from ...auth.errors import InvalidPassword
from ...auth.passwords.length import refuse_long
from ...auth.sessions.store import ActiveSession
from ...models.identifiers import generate_id
from ...models.records import User
from ...web.endpoint import AnyApiRequest
from ...web.http.asgi import Header
from .errors import (
    OtpNotOffered,
    TotpAlreadyEnabled,
    TotpNotEnabled,
    TotpNotOffered,
    TwoFactorNotEnabled,
)
from .factors import NewFactor
from .second_factor import SecondFactor, has_second_factor
from .tables import ENABLED


class Enrollment:
    """Every change asks for the password, unless the user has none and the options allow it."""

    def __init__(self, second_factor: SecondFactor) -> None:
        self._own = second_factor
        self._services = second_factor.services

    async def check_password(
        self, request: AnyApiRequest, user: User, password: str | None, *, passwordless: bool
    ) -> None:
        """Raises InvalidPassword, PasswordTooLong, HashingOverloaded, TooManyRequests."""
        current = self._services.current_password
        if passwordless:
            account = await current.accounts.find_by_user_id(user.id)
            if account is None or not account.hashed:
                return
        if not password:
            raise InvalidPassword
        refuse_long(password, self._services.settings.email_and_password)
        await current.check(user, password, request.client.ip)

    async def enable_mailed_codes(
        self, request: AnyApiRequest, caller: ActiveSession
    ) -> list[Header]:
        """Asks for codes by mail from now on. Raises OtpNotOffered."""
        if not self._own.sends_codes:
            raise OtpNotOffered

        async def write_nothing(_tx: object) -> None:
            pass

        done = await self._own.sessions.replace(request, caller, {ENABLED: True}, write_nothing)
        return done.headers

    async def enable_app(
        self, request: AnyApiRequest, caller: ActiveSession, issuer: str | None
    ) -> tuple[str, list[str], list[Header]]:
        """Stores a new secret. Returns its URI, the backup codes, and headers.

        Raises TotpNotOffered, TotpAlreadyEnabled.
        """
        own, user = self._own, caller.user
        if own.options.totp_options.disable:
            raise TotpNotOffered
        secret, codes = generate_id(), own.backup_codes.generate()
        skips = own.options.skip_verification_on_enable
        new = NewFactor(own.cipher.encrypt(secret), own.backup_codes.seal(codes), skips)

        async def save(tx: AsyncConnection) -> None:
            if not await own.factors.save(tx, user.id, new):
                raise TotpAlreadyEnabled

        factor = await own.factors.find(user.id)
        if factor is not None and not factor.is_pending:
            raise TotpAlreadyEnabled
        headers: list[Header] = []
        if skips:
            done = await own.sessions.replace(request, caller, {ENABLED: True}, save)
            headers = done.headers
        else:
            async with self._services.database.begin() as tx:
                await save(tx)
                if has_second_factor(user):  # by mailed codes, so the backup codes work at once
                    await self._services.audit.add(tx, Event("backup_codes_made", user.id))
        name = issuer or own.options.issuer or self._services.settings.app_name
        return own.totp.make_uri(secret, name, user.email), codes, headers

    async def disable(self, request: AnyApiRequest, caller: ActiveSession) -> list[Header]:
        """Deletes the factor, and ends the trust in this device."""
        own, user = self._own, caller.user

        async def delete(tx: AsyncConnection) -> None:
            await own.factors.delete(tx, user.id)

        done = await own.sessions.replace(request, caller, {ENABLED: False}, delete)
        return [*done.headers, *await own.devices.end(request.headers, request.now)]

    async def make_uri(self, request: AnyApiRequest, user: User, password: str | None) -> str:
        """Returns the URI of the secret that the user has. Raises TotpNotEnabled."""
        own, options = self._own, self._own.options
        factor = await own.factors.find(user.id)
        if factor is None:
            raise TotpNotEnabled
        secret = own.read_secret(factor)
        chosen = options.totp_options.allow_passwordless
        passwordless = options.allow_passwordless if chosen is None else chosen
        await self.check_password(request, user, password, passwordless=passwordless)
        # The original leaves `issuer` out here.
        return own.totp.make_uri(secret, self._services.settings.app_name, user.email)

    async def replace_codes(
        self, request: AnyApiRequest, user: User, password: str | None
    ) -> list[str]:
        """Returns new backup codes, which replace the old ones. Raises TwoFactorNotEnabled."""
        own, options = self._own, self._own.options
        if not has_second_factor(user):
            raise TwoFactorNotEnabled
        chosen = options.backup_code_options.allow_passwordless
        passwordless = options.allow_passwordless if chosen is None else chosen
        await self.check_password(request, user, password, passwordless=passwordless)
        factor = await own.factors.find(user.id)
        if factor is None:
            raise TwoFactorNotEnabled
        codes = own.backup_codes.generate()
        async with self._services.database.begin() as tx:
            await own.factors.change(tx, factor.id, backupCodes=own.backup_codes.seal(codes))
            await self._services.audit.add(tx, Event("backup_codes_made", user.id))
        return codes
