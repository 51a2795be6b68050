"""The mails that ask somebody to prove an address, and when they are sent unasked."""

from datetime import datetime

from msgspec import Struct

from ...mail.letters import Letters
from ...mail.links import Links
from ...models.identifiers import new_id
from ...models.records import User
from ...settings.settings import Settings
from ..verifications.database import Verifications
from .link_tokens import LinkTokens, Proof, Purpose
from .rivals import name_of


class Wanted(Struct, frozen=True):
    """A new address, and what a confirmation of it uses up."""

    email: str
    once: str


class VerificationMail:
    """Writes letters with links; `letters` is None where no such mail is sent."""

    def __init__(
        self,
        settings: Settings,
        tokens: LinkTokens,
        links: Links,
        verifications: Verifications,
        letters: Letters | None,
    ) -> None:
        self._letters = letters
        self._verifications = verifications
        self._tokens = tokens
        self._links = links
        self._rules = settings.email_verification
        self._requires = settings.email_and_password.require_email_verification

    @property
    def is_enabled(self) -> bool:
        """Whether this server sends such mails; where it doesn't, none of these methods may."""
        return self._letters is not None

    @property
    def signs_in_afterwards(self) -> bool:
        """Whether opening the link signs in: `emailVerification.autoSignInAfterVerification`."""
        return self._rules.auto_sign_in_after_verification

    def on_sign_up(self, user: User, hashed: str, callback_url: str, now: datetime) -> None:
        """To whom signs up with this password, where `emailVerification.sendOnSignUp` wants it."""
        chosen = self._rules.send_on_sign_up
        if self.is_enabled and (self._requires if chosen is None else chosen):
            self.send(user, callback_url, now, choice=name_of(hashed))

    def on_sign_in(self, user: User, hashed: str, callback_url: str, now: datetime) -> None:
        """To who knew the password, where `emailVerification.sendOnSignIn` wants it."""
        if self.is_enabled and self._rules.send_on_sign_in:
            self.send(user, callback_url, now, choice=name_of(hashed))

    def send(
        self, user: User, callback_url: str, now: datetime, *, choice: str | None = None
    ) -> None:
        """The link that proves the user's address; afterwards it leads to `callback_url`.

        `choice` names the password of who asks for it, if they have shown that they know it.
        """
        url = self._link(Proof(user.id, user.email, choice=choice), callback_url, now)
        self._written.verify_email(user, url)

    def ask_new(self, user: User, new_email: str, callback_url: str, now: datetime) -> None:
        """To the new address: the link that makes it the user's."""
        proof = Proof(user.id, user.email, Purpose.VERIFY_CHANGE, new_email)
        self._written.verify_email(user, self._link(proof, callback_url, now), to=new_email)

    async def new_confirmation(self, user: User, now: datetime) -> str:
        """What the link of `ask_old` uses up."""
        once = new_id()
        await self._verifications.put(_identifier(once), user.id, now + self._tokens.age, now)
        return once

    def ask_old(self, user: User, wanted: Wanted, callback_url: str, now: datetime) -> None:
        """To the user's address: whether the new one is wanted; `on_confirmed` follows."""
        new_email, once = wanted.email, wanted.once
        proof = Proof(user.id, user.email, Purpose.CONFIRM_CHANGE, new_email, once=once)
        self._written.change_email(user, new_email, self._link(proof, callback_url, now))

    async def on_confirmed(
        self, user: User, proof: Proof, callback_url: str, now: datetime
    ) -> None:
        """`ask_new` for the confirmation that `ask_old` asked for, once however often it comes."""
        if not self.is_enabled or proof.once is None or proof.update_to is None:
            return
        async with self._verifications.spending(_identifier(proof.once), now) as (_, whose):
            pass
        if whose == user.id:
            self.ask_new(user, proof.update_to, callback_url, now)

    @property
    def _written(self) -> Letters:
        assert self._letters is not None
        return self._letters

    def _link(self, proof: Proof, callback_url: str, now: datetime) -> str:
        return self._links.verify_email(self._tokens.issue(proof, now), callback_url)


def _identifier(once: str) -> str:
    return f"change-email:{once}"
