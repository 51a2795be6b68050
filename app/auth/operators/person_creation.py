"""Creates a user for an operator, or for the application that embeds the service."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from ...models.additional_fields import Json
from ...models.records import User
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ..audit.audit import Audit
from ..audit.events import Event
from ..errors import FailedToCreateUser, InvalidEmail, UserAlreadyExists
from ..passwords.current_password import CurrentPassword
from ..passwords.length import refuse_long, refuse_short
from ..users.creation import PreparedUser, UserCreation
from ..users.emails import is_email


class NewPerson(Struct, frozen=True):
    """Whom to create. Without a `password` only a reset, a link or a code lets them in.

    `additional` are additional fields, also those that no request may set.
    """

    email: str
    name: str
    password: str | None = None
    verified: bool = False
    image: str | None = None
    additional: Mapping[str, Json] = {}

    def __repr__(self) -> str:
        return "NewPerson(…)"  # never the password


class PersonCreation:
    """Creates users. Hooks of plugins run as for everybody, and nothing is mailed."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        creation: UserCreation,
        current_password: CurrentPassword,
        audit: Audit,
    ) -> None:
        self._options = options
        self._database = database
        self._creation = creation
        self._current_password = current_password
        self._audit = audit

    async def create(self, person: NewPerson, now: datetime, *, path: str | None = None) -> User:
        """Creates a user. `path`: that of the endpoint as which hooks check the password.

        Raises InvalidEmail, PasswordTooShort, PasswordTooLong, UserAlreadyExists,
        FailedToCreateUser, HashingOverloaded, and what a hook raises.
        """
        email, hashed = person.email.lower(), None
        if not is_email(email):
            raise InvalidEmail
        if await self._creation.is_taken(email):
            raise UserAlreadyExists
        if person.password is not None:
            refuse_short(person.password, self._options)
            refuse_long(person.password, self._options)
            hashed = await self._current_password.passwords.hash(person.password, path)
        core = {
            "name": person.name,
            "email": email,
            "email_verified": person.verified,
            "image": person.image,
        }
        prepared = await self._creation.prepare({**core, **person.additional}, now)
        made = await self._insert(prepared, hashed, now)
        self._creation.notify(made)
        return made

    async def _insert(self, prepared: PreparedUser, hashed: str | None, now: datetime) -> User:
        try:
            with refuse_values(FailedToCreateUser):
                async with self._database.begin() as tx:
                    made = await self._creation.insert(tx, prepared)
                    if hashed is not None:
                        await self._current_password.accounts.add(tx, made.id, hashed, now)
                    await self._audit.add(tx, Event("user_created", made.id))
        except FailedToCreateUser as refusal:
            if await self._creation.is_taken(prepared.user.email):  # somebody was faster
                raise UserAlreadyExists from refusal
            raise
        return made
