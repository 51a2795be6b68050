"""Sign up with email and password."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Final

from msgspec import Struct, structs

from ...models.additional_fields import Json
from ...models.errors import StoreUnavailable
from ...models.records import Session, User
from ...models.telemetry.log_context import note_user
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ...storage.steps import Step
from ...web.request_context import RequestContext
from ..additional_input import collect_new_values
from ..audit.events import Event
from ..audit.sign_ins import make_sign_up
from ..email_verification.pending_passwords import PendingPasswords
from ..equal_time import take_at_least
from ..errors import EmailPasswordSignUpDisabled, FailedToCreateUser, UserAlreadyExists
from ..hooks import Values
from ..passwords.hashing import Passwords
from ..passwords.length import refuse_long, refuse_short
from ..passwords.password_accounts import PasswordAccounts
from ..sessions.sessions import Sessions
from ..users.creation import PreparedUser, UserCreation

_PATH: Final = "/sign-up/email"
SAME_TIME = 0.25  # seconds that a sign-up takes at least where it must not tell who has an account


class NewUser(Struct, frozen=True):
    """The data of a sign-up. The address is stored in lower case.

    `additional`: additional fields as they are in the body.
    """

    name: str
    email: str
    password: str
    image: str | None
    additional: Mapping[str, Json] = {}


class SignedUp(Struct, frozen=True):
    """The result of a sign-up. No session if the user must first verify the address or sign in.

    If the address was taken, the user is invented, and `owner_id` is who has it. `welcomed`: the
    user who may get a mail.
    """

    user: User
    session: Session | None
    welcomed: User | None
    hashed: str
    owner_id: str | None = None

    def __repr__(self) -> str:
        return "SignedUp(…)"  # never the hash


class Hashing(Struct, frozen=True):
    """Hashes passwords and stores them.

    `pending` decides between several sign-ups, if links are mailed.
    """

    passwords: Passwords
    accounts: PasswordAccounts
    pending: PendingPasswords | None


class SignUp:
    """Signs users up. It writes everything or nothing."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        creation: UserCreation,
        hashing: Hashing,
        sessions: Sessions,
    ) -> None:
        self._options = options
        self._database = database
        self._creation = creation
        self._passwords = hashing.passwords
        self._accounts = hashing.accounts
        self._pending = hashing.pending
        self._sessions = sessions
        self._audit = sessions.audit

    async def with_email(
        self,
        new: NewUser,
        request: RequestContext,
        now: datetime,
        *,
        remember: bool,
        welcome: Callable[[User, str], None],
    ) -> SignedUp:
        """Creates the user, the credential and, by default, a session.

        If there would be no session, a taken address gets the same response as a free one, after
        the same work and time, so that nobody learns who has an account. `welcome` is called within
        that time, with the user and the new hash: the user is new, or signed up with the address
        before and never verified it.

        Raises EmailPasswordSignUpDisabled, PasswordTooShort, PasswordTooLong, FieldNotAllowed,
        MissingField, UserAlreadyExists, FailedToCreateUser, and what a hook raises.
        """
        self._refuse(new.password)
        async with nullcontext() if self._signs_in else take_at_least(SAME_TIME):
            done = await self._sign_up(new, request, now, remember=remember)
            if done.welcomed is not None:
                welcome(done.welcomed, done.hashed)
        if done.owner_id is None:
            self._creation.notify(done.user, request)
        else:
            self._creation.notify_owner(done.owner_id)
        return done

    async def _sign_up(
        self, new: NewUser, request: RequestContext, now: datetime, *, remember: bool
    ) -> SignedUp:
        prepared = await self._creation.prepare(self._read_values(new), now, request)
        user = prepared.user
        owner_id = await self._creation.find_owner_id(user.email)
        if owner_id is not None and self._signs_in:
            note_user(owner_id)
            raise UserAlreadyExists
        hashed = await self._passwords.hash(new.password, _PATH)
        with refuse_values(FailedToCreateUser):
            if owner_id is not None:
                made = await self._make_up_user(prepared)
                pending = await self._add_pending(made, hashed, now)
                return SignedUp(made, None, pending, hashed, owner_id)
            stored: list[User] = []
            steps = self._list_steps(prepared, stored, hashed, now)
            if self._signs_in:
                starting = self._sessions.start(user, request.client, now, remember=remember)
                async with starting as session:
                    steps += self._sessions.list_steps(session, user, stored)
                    steps += self._audit.list_rows(make_sign_up(session, "password"))
                    await self._database.write(steps)
            else:
                session = None
                details = {"method": "password"}
                steps += self._audit.list_rows(Event("signed_up", user.id, details=details))
                await self._database.write(steps)
        (made,) = stored
        if session is not None and made != user:  # the table changed values on their way in
            with suppress(StoreUnavailable):
                await self._sessions.store.refresh_user(made)
        return SignedUp(made, session, made, hashed)

    def _read_values(self, new: NewUser) -> Values:
        """Raises FieldNotAllowed, MissingField."""
        core = {"name": new.name, "email": new.email.lower(), "image": new.image}
        return {**core, **collect_new_values(self._creation.additional, new.additional)}

    def _list_steps(
        self, prepared: PreparedUser, stored: list[User], hashed: str, now: datetime
    ) -> list[Step]:
        """With the password that hashes to this, since now. They add the user to `stored`."""
        password = self._accounts.make_row(prepared.user.id, hashed, now)
        return [*self._creation.list_steps(prepared, stored), password]

    async def _add_pending(self, made: User, hashed: str, now: datetime) -> User | None:
        """Returns the user who gets the link of this sign-up, with the new name.

        If addresses need no verification, passwords count from the start, and another sign-up must
        not remove one.
        """
        if self._pending is None or not self._options.require_email_verification:
            return None
        user = await self._pending.add(made.email, hashed, now)
        return None if user is None else structs.replace(made, id=user.id)

    @property
    def additional_names(self) -> Sequence[str]:
        """The additional fields that a body may contain."""
        return [field.name for field in self._creation.additional]

    @property
    def _signs_in(self) -> bool:
        return self._options.auto_sign_in and not self._options.require_email_verification

    def _refuse(self, password: str) -> None:
        if not self._options.enabled or self._options.disable_sign_up:
            raise EmailPasswordSignUpDisabled
        refuse_short(password, self._options)
        refuse_long(password, self._options)

    async def _make_up_user(self, prepared: PreparedUser) -> User:
        """Returns the user as if the address was free. Nothing is stored.

        It tries the insert, because values that the table refuses must get the same answer.
        """
        user = prepared.user
        async with self._database.begin() as tx, tx.begin_nested() as attempt:
            made = await self._creation.insert(tx, prepared, email=f"{user.id}@{user.email}")
            await attempt.rollback()
        return structs.replace(made, email=user.email)
