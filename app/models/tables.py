"""The tables of Better Auth 1.7.25, and the tables that statements use.

The constants declare what Better Auth's own migration makes, with exactly its names and types.
Statements use `Tables`, which names and stores them as one database does.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from .column_types import AnyColumnType, BooleanType, IdType, TimestampType
from .identifiers import generate_id, generate_uuid
from .layout import ColumnLayout, Layout, TableLayout


def make_timestamp_column(table: str, name: str, *, nullable: bool = False) -> Column[str]:
    """Returns a timestamp column. `table` is its table's name, for the log."""
    return Column(name, TimestampType(table, name), nullable=nullable)


def to_snake_case(name: str) -> str:
    """Returns a name of Better Auth as Drizzle and Python write it: `emailVerified` has a `_`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _make_id(table: str) -> tuple[Column[str], PrimaryKeyConstraint]:
    return Column("id", Text, nullable=False), PrimaryKeyConstraint("id", name=f"{table}_pkey")


def _make_write_times(table: str) -> tuple[Column[str], Column[str]]:
    return make_timestamp_column(table, "createdAt"), make_timestamp_column(table, "updatedAt")


def _link_to_user(table: str) -> ForeignKeyConstraint:
    name = f"{table}_userId_fkey"
    return ForeignKeyConstraint(["userId"], ["user.id"], name=name, ondelete="CASCADE")


metadata = MetaData()

users = Table(
    "user",
    metadata,
    *_make_id("user"),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("emailVerified", BooleanType, nullable=False),
    Column("image", Text),
    *_make_write_times("user"),
    UniqueConstraint("email", name="user_email_key"),
)

sessions = Table(
    "session",
    metadata,
    *_make_id("session"),
    make_timestamp_column("session", "expiresAt"),
    Column("token", Text, nullable=False),
    *_make_write_times("session"),
    Column("ipAddress", Text),
    Column("userAgent", Text),
    Column("userId", Text, nullable=False),
    UniqueConstraint("token", name="session_token_key"),
    _link_to_user("session"),
    Index("session_userId_idx", "userId"),
)

accounts = Table(
    "account",
    metadata,
    *_make_id("account"),
    Column("accountId", Text, nullable=False),
    Column("providerId", Text, nullable=False),
    Column("userId", Text, nullable=False),
    Column("accessToken", Text),
    Column("refreshToken", Text),
    Column("idToken", Text),
    make_timestamp_column("account", "accessTokenExpiresAt", nullable=True),
    make_timestamp_column("account", "refreshTokenExpiresAt", nullable=True),
    Column("scope", Text),
    Column("password", Text),
    *_make_write_times("account"),
    _link_to_user("account"),
    Index("account_userId_idx", "userId"),
)

verifications = Table(
    "verification",
    metadata,
    *_make_id("verification"),
    Column("identifier", Text, nullable=False),
    Column("value", Text, nullable=False),
    make_timestamp_column("verification", "expiresAt"),
    *_make_write_times("verification"),
    Index("verification_identifier_idx", "identifier"),
)

rate_limits = Table(
    "rateLimit",
    MetaData(),  # apart: only those who count in the database have it
    *_make_id("rateLimit"),
    Column("key", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("lastRequest", BigInteger, nullable=False),
    UniqueConstraint("key", name="rateLimit_key_key"),
)

# Who is disabled at the command line: this service's own, whatever plugins are on. `setsBan`:
# whether the columns of the admin plugin were set with it, so that they are cleared with it.
disabled_users = Table(
    "better_auth_disabled_users",
    MetaData(),
    Column("userId", Text, primary_key=True),
    make_timestamp_column("better_auth_disabled_users", "disabledAt"),
    Column("reason", Text),
    Column("setsBan", BooleanType, nullable=False),
)

jwks = Table(
    "jwks",
    metadata,
    *_make_id("jwks"),
    Column("publicKey", Text, nullable=False),
    Column("privateKey", Text, nullable=False),
    make_timestamp_column("jwks", "createdAt"),
    make_timestamp_column("jwks", "expiresAt", nullable=True),
    Column("alg", Text),
    Column("crv", Text),
)

# Those that every database of Better Auth has, in the order in which they refer to each other.
CORE_TABLES: Final = (users, sessions, accounts, verifications, jwks)

# The columns of `user` by which a Node server's admin and two-factor plugins refuse a session. Only
# an adopted table has them; the first one that is set decides.
RESTRICTION_COLUMNS: Final = ("banned", "twoFactorEnabled")
# Its columns of bans. Without `banned` there are none.
BAN_COLUMNS: Final = ("banned", "banReason", "banExpires")
# The column of `session` in which a Node server's admin plugin says who impersonates the user.
IMPERSONATION_COLUMN: Final = "impersonatedBy"


class Tables(Struct, frozen=True):
    """The tables of one database. Their columns have Better Auth's names as keys.

    `generate_id` makes the id of a new row.
    """

    layout: Layout
    users: Table
    sessions: Table
    accounts: Table
    verifications: Table
    jwks: Table
    rate_limits: Table
    disabled_users: Table
    generate_id: Callable[[], str]

    def make(self, declared: Table) -> Table:
        """Returns the table of a plugin as this database has it."""
        return make_table(declared, self.layout)


def make_tables(layout: Layout) -> Tables:
    """Returns the tables of a database with this layout."""
    return Tables(
        layout=layout,
        users=make_table(users, layout),
        sessions=make_table(sessions, layout),
        accounts=make_table(accounts, layout),
        verifications=make_table(verifications, layout),
        jwks=make_table(jwks, layout),
        rate_limits=make_table(rate_limits, layout),
        disabled_users=make_table(disabled_users, layout),
        generate_id=generate_uuid if _has_uuids(layout) else generate_id,
    )


def _has_uuids(layout: Layout) -> bool:
    """Whether new ids are UUIDs: a column of UUIDs takes nothing else."""
    forms = (table.describe_column("id").form for table in layout.tables.values())
    return layout.uuid_ids or "uuid" in forms


def make_table(declared: Table, layout: Layout) -> Table:
    """Returns the declared table with the names and types of a layout, for statements.

    It has no constraints. A table that is not in the layout is returned unchanged.
    """
    found = layout.tables.get(declared.name)
    if found is None:
        return declared
    columns = (_make_column(column, found) for column in declared.columns)
    return Table(found.name, MetaData(), *columns, schema=found.schema)


def _make_column(declared: Column[object], table: TableLayout) -> Column[object]:
    found = table.describe_column(declared.key)
    column_type = _choose_type(declared.type, table.name, found)
    return Column(found.name, column_type, key=declared.key, nullable=declared.nullable)


def _choose_type(declared: AnyColumnType, table: str, found: ColumnLayout) -> AnyColumnType:
    if found.form == "uuid":
        return IdType()
    if isinstance(declared, TimestampType):
        return TimestampType(table, found.name, found.form)
    return declared
