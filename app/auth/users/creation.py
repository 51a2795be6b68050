"""Creates users, for every feature."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.additional_fields import collect_defaults
from ...models.clock import to_iso
from ...models.mappers import Mapper
from ...models.records import User
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ...web.request_context import RequestContext
from ..background_tasks import BackgroundTasks
from ..errors import FailedToCreateUser
from ..hooks import AfterUserCreated, Hooks, PendingUser, Values


class PreparedUser(Struct, frozen=True):
    """A user before the insert: the record, and the row with its hidden fields."""

    user: User
    row: Values


class UserCreation:
    """`prepare` before a transaction, `insert` in it, `notify` after it. `make` does all three."""

    def __init__(
        self, database: Database, mapper: Mapper[User], hooks: Hooks, background: BackgroundTasks
    ) -> None:
        self._background = background
        self._database = database
        self.additional = mapper.additional
        self._mapper = mapper
        self._hooks = hooks
        self._insert = insert(mapper.table).returning(*mapper.columns)
        columns = mapper.table.c
        self._with_email = select(columns.id).where(columns.email == bindparam("email"))
        self._names = frozenset(field.name for field in mapper.additional)

    async def is_taken(self, email: str) -> bool:
        """Whether a user has this address, which must be in lower case."""
        return await self._database.read_one(self._with_email, {"email": email}) is not None

    async def prepare(
        self, values: Values, now: datetime, request: RequestContext | None = None
    ) -> PreparedUser:
        """Returns a user with these values, by attribute, changed by the hooks.

        `name` and `email` are required. Raises what a hook raises.
        """
        for hook in self._hooks.before_user_created:
            values = {**values, **await hook(PendingUser(values, request))}
        core = {
            "email_verified": False,
            "image": None,
            "created_at": to_iso(now),
            "updated_at": to_iso(now),
            "id": self._mapper.generate_id(),
            **{name: value for name, value in values.items() if name not in self._names},
        }
        chosen = {name: value for name, value in values.items() if name in self._names}
        additional = {**collect_defaults(self.additional), **chosen}
        user = self._mapper.make_record(core, additional)
        return PreparedUser(
            user, {**self._mapper.to_row(user), **self._mapper.to_columns(additional)}
        )

    async def insert(self, tx: AsyncConnection, user: PreparedUser, **instead: object) -> User:
        """Inserts the user and returns the stored record: the database may change values.

        `instead` replaces prepared values, by column. Raises what a hook raises.
        """
        made = self._mapper.to_record(
            (await tx.execute(self._insert, {**user.row, **instead})).one()
        )
        for hook in self._hooks.user_created:
            await hook(made, tx)
        return made

    def notify(self, user: User, request: RequestContext | None = None) -> None:
        """Starts the hooks that run after the commit. Call it last, right before the response."""
        for hook in self._hooks.after_user_created:
            self._background.start(_run(hook, user, request))

    async def make(
        self, values: Values, now: datetime, request: RequestContext | None = None
    ) -> User:
        """Creates a user in its own transaction. Raises FailedToCreateUser, and as `prepare`."""
        prepared = await self.prepare(values, now, request)
        with refuse_values(FailedToCreateUser):
            async with self._database.begin() as tx:
                made = await self.insert(tx, prepared)
        self.notify(made, request)
        return made


async def _run(hook: AfterUserCreated, user: User, request: RequestContext | None) -> None:
    await hook(user, request)
