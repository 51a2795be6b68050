"""Makes users: every new one goes through here, whichever feature asks for it."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.additional_fields import collect_defaults
from ...models.clock import to_iso
from ...models.identifiers import generate_id
from ...models.mappers import Mapper
from ...models.records import User
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ...web.request_context import RequestContext
from ..errors import FailedToCreateUser
from ..hooks import Hooks, PendingUser, Values


class PreparedUser(Struct, frozen=True):
    """A user that can be inserted: the record, and its row with what the record does not show."""

    user: User
    row: Values


class UserCreation:
    """`prepare` before a transaction, `insert` in it, `notify` after it; `make` does all."""

    def __init__(self, database: Database, mapper: Mapper[User], hooks: Hooks) -> None:
        self._database = database
        self.additional = mapper.additional
        self._mapper = mapper
        self._hooks = hooks
        self._insert = insert(mapper.table).returning(*mapper.columns)
        self._names = frozenset(field.name for field in mapper.additional)

    async def prepare(
        self, values: Values, now: datetime, request: RequestContext | None = None
    ) -> PreparedUser:
        """A user with these values, by attribute, as the hooks want them.

        `name` and `email` must be among them, the rest has defaults. Raises what a hook raises.
        """
        for hook in self._hooks.before_user_created:
            values = {**values, **await hook(PendingUser(values, request))}
        core = {
            "email_verified": False,
            "image": None,
            "created_at": to_iso(now),
            "updated_at": to_iso(now),
            "id": generate_id(),
            **{name: value for name, value in values.items() if name not in self._names},
        }
        chosen = {name: value for name, value in values.items() if name in self._names}
        additional = {**collect_defaults(self.additional), **chosen}
        user = self._mapper.make_record(core, additional)
        return PreparedUser(
            user, {**self._mapper.to_row(user), **self._mapper.to_columns(additional)}
        )

    async def insert(self, tx: AsyncConnection, user: PreparedUser, **instead: object) -> User:
        """The user as the row has it: additional values may have changed on their way in.

        `instead` are values in place of prepared ones, by column. Raises what a hook raises.
        """
        made = self._mapper.to_record(
            (await tx.execute(self._insert, {**user.row, **instead})).one()
        )
        for hook in self._hooks.user_created:
            await hook(made, tx)
        return made

    async def notify(self, user: User, request: RequestContext | None = None) -> None:
        """Tells the hooks of a user who is there to stay; call it after the commit."""
        for hook in self._hooks.after_user_created:
            await hook(user, request)

    async def make(
        self, values: Values, now: datetime, request: RequestContext | None = None
    ) -> User:
        """The new user, in a transaction of its own. Raises FailedToCreateUser, and like hooks."""
        prepared = await self.prepare(values, now, request)
        with refuse_values(FailedToCreateUser):
            async with self._database.begin() as tx:
                made = await self.insert(tx, prepared)
        await self.notify(made, request)
        return made
