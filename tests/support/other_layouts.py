"""Databases of an application with Drizzle or Prisma: other names and other types."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from msgspec import Struct

from app.models.layout import ColumnLayout, Form, Layout, TableLayout
from app.models.tables import CORE_TABLES, rate_limits, to_snake_case
from app.schema.state import SchemaState
from app.storage.database import Database, open_database
from tests.support import reused_litestar

_TIMES: Final = frozenset(
    {"createdAt", "updatedAt", "expiresAt", "accessTokenExpiresAt", "refreshTokenExpiresAt"}
)
_SCHEMA: Final = """
create table {users} ({id} primary key, name text not null, email text not null unique,
    email_verified {flag} not null, image text, created_at {time} not null,
    updated_at {time} not null, user_role text, since {time}, banned {flag},
    two_factor_enabled {flag});
create table {sessions} ({id} primary key, expires_at {time} not null, token text not null unique,
    created_at {time} not null, updated_at {time} not null, ip_address text, user_agent text,
    user_id {id_type} not null references {users} (id) on delete cascade);
create table {accounts} ({id} primary key, account_id text not null, provider_id text not null,
    user_id {id_type} not null references {users} (id) on delete cascade, access_token text,
    refresh_token text, id_token text, access_token_expires_at {time},
    refresh_token_expires_at {time}, scope text, password_hash text, created_at {time} not null,
    updated_at {time} not null);
create table {verifications} ({id} primary key, identifier text not null, value text not null,
    expires_at {time} not null, created_at {time} not null, updated_at {time} not null);
create table {jwks} ({id} primary key, public_key text not null, private_key text not null,
    created_at {time} not null, expires_at {time}, alg text, crv text);
create table {rate_limits} ({id} primary key, key text not null unique, count integer not null,
    last_request bigint not null);
create table better_auth_disabled_users ("userId" text primary key, "disabledAt" text not null,
    reason text, "setsBan" {flag} not null)
"""


class OtherLayout(Struct, frozen=True):
    """How such a database stores times and ids. `schema`: of PostgreSQL, for all tables."""

    time: Form
    id: Form | None = None
    schema: str | None = None

    @property
    def layout(self) -> Layout:
        """In snake case, except for `account.password` and the additional field `role`."""
        tables = (*CORE_TABLES, rate_limits)
        return Layout(
            {
                each.name: TableLayout(
                    self.name_table(each.name),
                    self.schema,
                    dict(self._list_columns(each.name, each.columns.keys())),
                )
                for each in tables
            },
            uuid_ids=self.id == "uuid",
        )

    @property
    def state(self) -> SchemaState:
        """What the service knows of it, without the restrictions that it has."""
        return SchemaState(
            adopted=True, tasks=False, tasks_required=False, current=True, layout=self.layout
        )

    def name_table(self, table: str) -> str:
        return f"auth_{to_snake_case(table)}s"

    def _list_columns(self, table: str, names: list[str]) -> Iterator[tuple[str, ColumnLayout]]:
        more = ["role", "since", "banned", "twoFactorEnabled"] if table == "user" else []
        renamed = {("account", "password"): "password_hash", ("user", "role"): "user_role"}
        for name in (*names, *more):
            form = self.time if name in _TIMES or name == "since" else None
            form = self.id if name in ("id", "userId") else form
            yield name, ColumnLayout(renamed.get((table, name), to_snake_case(name)), form)

    async def make(self, database: Database) -> None:
        """Makes the tables."""
        is_integer = self.time in ("milliseconds", "seconds")
        type_of_time = "integer" if is_integer else "text" if self.time == "iso" else self.time
        id_type = self.id or "text"
        prefix = "" if self.schema is None else f"{self.schema}."
        names = {
            f"{table}s": f"{prefix}{self.name_table(other)}"
            for table, other in (
                ("user", "user"),
                ("session", "session"),
                ("account", "account"),
                ("verification", "verification"),
                ("rate_limit", "rateLimit"),
            )
        }
        words = {
            **names,
            "jwks": f"{prefix}{self.name_table('jwks')}",
            "id": f"id {id_type} not null",
            "id_type": id_type,
            "time": type_of_time,
            "flag": "boolean" if database.dialect == "postgresql" else "integer",
        }
        statements = [] if self.schema is None else [f"create schema {self.schema}"]
        async with database.begin() as tx:
            for statement in (*statements, *_SCHEMA.format(**words).split(";")):
                await tx.exec_driver_sql(statement)


POSTGRES: Final = {
    "Drizzle": OtherLayout("timestamp", "uuid", "identity"),
    "Prisma": OtherLayout("timestamp"),
}
SQLITE: Final = {form: OtherLayout(form) for form in ("milliseconds", "seconds")}
EVERY: Final = {**POSTGRES, **SQLITE}


def make_url(other: OtherLayout, request: pytest.FixtureRequest) -> str:
    """An empty database of its engine."""
    if other in POSTGRES.values():
        return str(request.getfixturevalue("empty_postgres_url"))
    url = str(request.getfixturevalue("empty_sqlite_url"))
    Path(url.removeprefix("sqlite:///")).touch()
    return url


@asynccontextmanager
async def opened(other: OtherLayout, url: str) -> AsyncIterator[Database]:
    """The database at `url` with its tables."""
    database = await open_database(url)
    await other.make(database)
    yield database
    await database.close()
    reused_litestar.release(database)
