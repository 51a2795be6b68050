"""The mails with verification links, and when they are sent."""

from datetime import datetime

from msgspec import Struct, field

from ...mail.auth_emails import AuthEmails
from ...mail.links import Links
from ...models.identifiers import generate_id
from ...models.records import User
from ...settings.settings import Settings
from ..hooks import Hooks
from ..verifications.database import Verifications
from .link_tokens import LinkClaims, LinkTokens, Purpose
from .pending_passwords import name_hash


class RequestedEmail(Struct, frozen=True):
    """A new address, and the one-time value of its confirmation."""

    email: str
    once: str


class VerificationDelivery(Struct, frozen=True):
    """Sends the mails, None if none is sent. Hooks replace the first link, or send more."""

    auth_emails: AuthEmails | None
    hooks: Hooks = field(default_factory=Hooks)


class VerificationMail:
    """Mails links that verify addresses."""

    def __init__(
        self,
        settings: Settings,
        tokens: LinkTokens,
        links: Links,
        verifications: Verifications,
        delivery: VerificationDelivery,
    ) -> None:
        self._auth_emails = delivery.auth_emails
        self._instead = delivery.hooks.send_verification
        self._on_sign_up = delivery.hooks.send_on_sign_up
        self._verifications = verifications
        self._tokens = tokens
        self._links = links
        self._rules = settings.email_verification
        self._requires = settings.email_and_password.require_email_verification

    @property
    def is_enabled(self) -> bool:
        """Whether this server sends such mails. Otherwise no other method may be called."""
        return self._auth_emails is not None

    @property
    def signs_in_afterwards(self) -> bool:
        """Whether opening the link signs in (`emailVerification.autoSignInAfterVerification`)."""
        return self._rules.auto_sign_in_after_verification

    def on_sign_up(self, user: User, hashed: str, callback_url: str, now: datetime) -> None:
        """Mails a link at sign-up, if `emailVerification.sendOnSignUp` is on."""
        for send in self._on_sign_up:
            send(user, now)
        chosen = self._rules.send_on_sign_up
        if self.is_enabled and (self._requires if chosen is None else chosen):
            self.send(user, callback_url, now, choice=name_hash(hashed))

    def on_sign_in(self, user: User, hashed: str, callback_url: str, now: datetime) -> None:
        """Mails a link at a sign-in with the correct password, if `sendOnSignIn` is on."""
        if self.is_enabled and self._rules.send_on_sign_in:
            self.send(user, callback_url, now, choice=name_hash(hashed))

    def send(
        self, user: User, callback_url: str, now: datetime, *, choice: str | None = None
    ) -> None:
        """Mails the link that verifies the user's address. It redirects to `callback_url`.

        `choice`: the password of the sign-up, if the user has shown that they know it.
        """
        for send in self._instead:
            send(user, now)
        if self._instead:
            return
        url = self._link(LinkClaims(user.id, user.email, choice=choice), callback_url, now)
        self._written.send_verification_email(user, url)

    def ask_new(
        self,
        user: User,
        new_email: str,
        callback_url: str,
        now: datetime,
        *,
        hashed: str | None = None,
    ) -> None:
        """Mails the link to the new address. Opening it changes the address.

        `hashed`: the password. The link is valid until the user has another one.
        """
        claims = LinkClaims(
            user.id,
            user.email,
            Purpose.VERIFY_CHANGE,
            new_email,
            choice=None if hashed is None else name_hash(hashed),
            unproven=not user.email_verified,
        )
        self._written.send_verification_email(
            user, self._link(claims, callback_url, now), to=new_email
        )

    async def create_confirmation(self, user: User, now: datetime) -> str:
        """Returns the one-time value of the link of `ask_old`."""
        once = generate_id()
        await self._verifications.put(_make_identifier(once), user.id, now + self._tokens.age, now)
        return once

    def ask_old(
        self, user: User, requested: RequestedEmail, callback_url: str, now: datetime
    ) -> None:
        """Asks at the user's address whether the new one is right. Then `on_confirmed` runs."""
        new_email, once = requested.email, requested.once
        claims = LinkClaims(user.id, user.email, Purpose.CONFIRM_CHANGE, new_email, once=once)
        self._written.send_change_email_confirmation(
            user, new_email, self._link(claims, callback_url, now)
        )

    async def on_confirmed(
        self, user: User, claims: LinkClaims, callback_url: str, now: datetime
    ) -> None:
        """Calls `ask_new` after a confirmation, only once."""
        if not self.is_enabled or claims.once is None or claims.update_to is None:
            return
        async with self._verifications.consume(_make_identifier(claims.once), now) as (_, whose):
            pass
        if whose == user.id:
            self.ask_new(user, claims.update_to, callback_url, now)

    @property
    def _written(self) -> AuthEmails:
        assert self._auth_emails is not None
        return self._auth_emails

    def _link(self, claims: LinkClaims, callback_url: str, now: datetime) -> str:
        return self._links.build_verify_email(self._tokens.issue(claims, now), callback_url)


def _make_identifier(once: str) -> str:
    return f"change-email:{once}"
