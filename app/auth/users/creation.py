"""Creates users, for every feature."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.additional_fields import collect_defaults
from ...models.clock import to_iso
from ...models.mappers import Mapper
from ...models.records import User
from ...models.telemetry.log_context import note_new_user
from ...storage.database import Database
from ...storage.steps import Call, Row, Step, run_steps
from ...web.request_context import RequestContext
from ..background_tasks import BackgroundTasks
from ..hooks import AfterUserCreated, Hooks, PendingUser, UserCreated, Values, run_user_hooks


class PreparedUser(Struct, frozen=True):
    """A user before the insert: the record, and the row with its hidden fields."""

    user: User
    row: Values


class UserCreation:
    """`prepare` before a transaction, `insert` in it, `notify` after it."""

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
        self._by_id = select(*mapper.columns).where(columns.id == bindparam("user_id"))
        self._names = frozenset(field.name for field in mapper.additional)

    async def is_taken(self, email: str) -> bool:
        """Whether a user has this address, which must be in lower case."""
        return await self.find_owner_id(email) is not None

    async def find_owner_id(self, email: str) -> str | None:
        """Returns the id of the user with this address, which must be in lower case."""
        row = await self._database.read_one(self._with_email, {"email": email})
        return None if row is None else str(row[0])

    async def prepare(
        self, values: Values, now: datetime, request: RequestContext | None = None
    ) -> PreparedUser:
        """Returns a user with these values, by attribute, changed by the hooks.

        `name` and `email` are required. Raises what a hook raises.
        """
        for check in self._hooks.validate_user_info:
            await check(PendingUser(values, request))
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
        made: list[User] = []
        changed = PreparedUser(user.user, {**user.row, **instead})
        await run_steps(tx, self.list_steps(changed, made))
        return made[0]

    def list_steps(self, user: PreparedUser, made: list[User]) -> list[Step]:
        """Returns the steps of `insert`. The first one adds the stored record to `made`."""

        def receive(row: Sequence[object]) -> None:
            made.append(self._mapper.to_record(row))

        hooks = (Call(partial(_run_in, hook, made)) for hook in self._hooks.user_created)
        return [Row(self._insert, user.row, receive), *hooks]

    def notify(self, user: User, request: RequestContext | None = None) -> None:
        """Starts the hooks that run after the commit. Call it last, right before the response."""
        note_new_user()
        for hook in self._hooks.after_user_created:
            self._background.start(_run(hook, user, request))

    def notify_owner(self, user_id: str) -> None:
        """Starts the hooks of a sign-up with the address of this user, in place of `notify`."""
        if self._hooks.on_existing_user_sign_up:
            self._background.start(self._notify_owner(user_id))

    async def _notify_owner(self, user_id: str) -> None:
        row = await self._database.read_one(self._by_id, {"user_id": user_id})
        if row is not None:
            owner = self._mapper.to_record(row)
            await run_user_hooks(self._hooks.on_existing_user_sign_up, owner)


async def _run_in(hook: UserCreated, made: Sequence[User], tx: AsyncConnection) -> None:
    await hook(made[0], tx)


async def _run(hook: AfterUserCreated, user: User, request: RequestContext | None) -> None:
    await hook(user, request)
