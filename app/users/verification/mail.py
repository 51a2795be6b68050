"""The mails that ask somebody to prove an address, and when they are sent unasked."""

from datetime import datetime

from app.mail.letters import Letters
from app.mail.links import Links
from app.records import User
from app.settings import Settings
from app.users.verification.tokens import LinkTokens, Proof, Purpose


class VerificationMail:
    """Writes letters with links; `letters` is None where no such mail is sent."""

    def __init__(
        self, settings: Settings, tokens: LinkTokens, links: Links, letters: Letters | None
    ) -> None:
        self._letters = letters
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

    def on_sign_up(self, user: User, callback_url: str, now: datetime) -> None:
        """To a new user, where `emailVerification.sendOnSignUp` wants it."""
        chosen = self._rules.send_on_sign_up
        if self.is_enabled and (self._requires if chosen is None else chosen):
            self.send(user, callback_url, now)

    def on_sign_in(self, user: User, callback_url: str, now: datetime) -> None:
        """To a user who was refused, where `emailVerification.sendOnSignIn` wants it."""
        if self.is_enabled and self._rules.send_on_sign_in:
            self.send(user, callback_url, now)

    def send(self, user: User, callback_url: str, now: datetime) -> None:
        """The link that proves the user's address; afterwards it leads to `callback_url`."""
        url = self._link(Proof(user.id, user.email), callback_url, now)
        self._written.verify_email(user, url)

    def ask_new(self, user: User, new_email: str, callback_url: str, now: datetime) -> None:
        """To the new address: the link that makes it the user's."""
        proof = Proof(user.id, user.email, Purpose.VERIFY_CHANGE, new_email)
        self._written.verify_email(user, self._link(proof, callback_url, now), to=new_email)

    def ask_old(self, user: User, new_email: str, callback_url: str, now: datetime) -> None:
        """To the user's address: whether the new one is wanted; `ask_new` follows."""
        proof = Proof(user.id, user.email, Purpose.CONFIRM_CHANGE, new_email)
        self._written.change_email(user, new_email, self._link(proof, callback_url, now))

    @property
    def _written(self) -> Letters:
        assert self._letters is not None
        return self._letters

    def _link(self, proof: Proof, callback_url: str, now: datetime) -> str:
        return self._links.verify_email(self._tokens.issue(proof, now), callback_url)
