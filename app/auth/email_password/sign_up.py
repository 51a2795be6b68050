"""Sign up with email and password."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct, structs
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.additional_fields import Json
from ...models.clock import to_iso
from ...models.errors import StoreUnavailable
from ...models.identifiers import generate_id
from ...models.mappers import Mapper
from ...models.records import Session, User
from ...models.tables import users
from ...settings.options import EmailAndPassword
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ...web.http.client import Client
from ..additional_input import created
from ..email_verification.rivals import RivalPasswords
from ..errors import EmailPasswordSignUpDisabled, FailedToCreateUser, UserAlreadyExists
from ..passwords.credentials import add_credential
from ..passwords.hashing import Passwords
from ..passwords.length import refuse_long, refuse_short
from ..sessions.sessions import Sessions

SAME_TIME = 0.25  # seconds that a sign-up takes at least where it must not tell who has an account

_WITH_EMAIL = select(users.c.id).where(users.c.email == bindparam("email"))


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

    If the address was taken, the user is invented. `welcomed`: the user who may get a mail.
    """

    user: User
    session: Session | None
    welcomed: User | None
    hashed: str

    def __repr__(self) -> str:
        return "SignedUp(…)"  # never the hash


class Hashing(Struct, frozen=True):
    """Hashes passwords. `rivals` decides between several sign-ups, if links are mailed."""

    passwords: Passwords
    rivals: RivalPasswords | None


class SignUp:
    """Signs users up. It writes everything or nothing."""

    def __init__(
        self,
        policy: EmailAndPassword,
        database: Database,
        mapper: Mapper[User],
        hashing: Hashing,
        sessions: Sessions,
    ) -> None:
        self._policy = policy
        self._database = database
        self._mapper = mapper
        self._add = insert(mapper.table).returning(*mapper.columns)
        self._passwords = hashing.passwords
        self._rivals = hashing.rivals
        self._sessions = sessions

    async def with_email(
        self,
        new: NewUser,
        client: Client,
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
        MissingField, UserAlreadyExists, FailedToCreateUser.
        """
        self._refuse(new.password)
        start = time.monotonic()
        try:
            done = await self._sign_up(new, client, now, remember=remember)
            if done.welcomed is not None:
                welcome(done.welcomed, done.hashed)
        finally:
            if not self._signs_in:
                await asyncio.sleep(max(0.0, start + SAME_TIME - time.monotonic()))
        return done

    async def _sign_up(
        self, new: NewUser, client: Client, now: datetime, *, remember: bool
    ) -> SignedUp:
        additional = created(self._mapper.additional, new.additional)
        user = self._user(new, additional, now)
        taken = await self._database.read_one(_WITH_EMAIL, {"email": user.email}) is not None
        if taken and self._signs_in:
            raise UserAlreadyExists
        hashed = await self._passwords.hash(new.password)
        credential = hashed, now
        with refuse_values(FailedToCreateUser):
            if taken:
                made = await self._made_up(user, additional)
                return SignedUp(made, None, await self._rival(made, hashed, now), hashed)
            if not self._signs_in:
                async with self._database.begin() as tx:
                    made = await self._add_user(tx, user, additional, credential)
                return SignedUp(made, None, made, hashed)
            starting = self._sessions.starting(user, client, now, remember=remember)
            async with starting as session, self._database.begin() as tx:
                made = await self._add_user(tx, user, additional, credential)
                await self._sessions.store.add(session, made, tx)
        if made != user:  # additional values may have changed on their way in
            with suppress(StoreUnavailable):
                await self._sessions.store.user_changed(made)
        return SignedUp(made, session, made, hashed)

    async def _add_user(
        self,
        tx: AsyncConnection,
        user: User,
        additional: Mapping[str, Json],
        credential: tuple[str, datetime],
    ) -> User:
        """Adds the user with a credential."""
        made = await self._insert(tx, user, additional)
        await add_credential(tx, made.id, *credential)
        return made

    async def _rival(self, made: User, hashed: str, now: datetime) -> User | None:
        """Returns the user who gets the link of this sign-up, with the new name.

        If addresses need no verification, passwords count from the start, and another sign-up must
        not remove one.
        """
        if self._rivals is None or not self._policy.require_email_verification:
            return None
        user = await self._rivals.add(made.email, hashed, now)
        return None if user is None else structs.replace(made, id=user.id)

    @property
    def additional_names(self) -> Sequence[str]:
        """The additional fields that a body may contain."""
        return [field.name for field in self._mapper.additional]

    @property
    def _signs_in(self) -> bool:
        return self._policy.auto_sign_in and not self._policy.require_email_verification

    def _refuse(self, password: str) -> None:
        if not self._policy.enabled or self._policy.disable_sign_up:
            raise EmailPasswordSignUpDisabled
        refuse_short(password, self._policy)
        refuse_long(password, self._policy)

    async def _made_up(self, user: User, additional: Mapping[str, Json]) -> User:
        """Returns the user as if the address was free. Nothing is stored.

        It tries the insert, because values that the table refuses must get the same answer.
        """
        stand_in = structs.replace(user, email=f"{user.id}@{user.email}")
        async with self._database.begin() as tx, tx.begin_nested() as attempt:
            made = await self._insert(tx, stand_in, additional)
            await attempt.rollback()
        return structs.replace(made, email=user.email)

    async def _insert(
        self, tx: AsyncConnection, user: User, additional: Mapping[str, Json]
    ) -> User:
        """Inserts the user and returns the stored row, because the database may change values."""
        row = {**self._mapper.to_row(user), **self._mapper.to_columns(additional)}
        return self._mapper.to_record((await tx.execute(self._add, row)).one())

    def _user(self, new: NewUser, additional: Mapping[str, Json], now: datetime) -> User:
        core = {
            "name": new.name,
            "email": new.email.lower(),
            "email_verified": False,
            "image": new.image,
            "created_at": to_iso(now),
            "updated_at": to_iso(now),
            "id": generate_id(),
        }
        return self._mapper.make_record(core, additional)
