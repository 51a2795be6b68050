"""The tables of Better Auth 1.7.25, with exactly its names and types, in SQLAlchemy Core."""

import logging
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from . import clock
from .timestamps import readable

_WIRE_LENGTH = len("2026-11-21T00:44:05.831Z")
_LONG_AGO = "1970-01-01T00:00:00.000Z"
_log = logging.getLogger("app.models")
_told: Final[set[tuple[str, str]]] = set()


class _DateColumn(UserDefinedType[str]):
    """The declared SQLite type of timestamps in Better Auth. SQLite stores the text unchanged."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "DATE"


class Instant(TypeDecorator[str]):
    """A timestamp column; its values have the wire form of `clock`.

    It is text on SQLite and `timestamptz` on PostgreSQL. Other ISO forms are normalized when they
    are read. A value in SQLite that is not a time is read as 1970, so that an unreadable expiry is
    in the past. A time in PostgreSQL outside of the years 1 to 9999 is read as the nearest time in
    them.
    """

    impl = Text
    cache_ok = True

    def __init__(self, table: str, column: str) -> None:
        """Stores table and column for the log line."""
        super().__init__()
        self.table = table
        self.column = column

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(_DateColumn())

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        return readable(column) if isinstance(self.impl_instance, DateTime) else column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | datetime | None:
        if value is None or dialect.name != "postgresql":
            return value
        return clock.from_iso(value)

    def process_result_value(self, value: str | datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return clock.to_iso(value)
        try:
            if len(value) == _WIRE_LENGTH and value[10] == "T" and value[-1] == "Z":
                datetime.fromisoformat(value)
                return value
            return clock.to_iso(clock.from_iso(value))
        except (TypeError, ValueError):
            self._tell()
            return _LONG_AGO

    def _tell(self) -> None:
        """Logs once; the logged query finds all such rows."""
        place = self.table, self.column
        if place not in _told:
            _told.add(place)
            _log.error(
                'what is no moment in column "%s" of "%s" counts as 1970, and an expiry as past:'
                " mend the rows, find them with: %s",
                self.column,
                self.table,
                f'SELECT id, "{self.column}" FROM "{self.table}"'  # noqa: S608  # names of ours
                f' WHERE datetime("{self.column}") IS NULL AND "{self.column}" IS NOT NULL',
            )


class Flag(TypeDecorator[bool]):
    """A bool: `integer` on SQLite, `boolean` on PostgreSQL."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = Boolean if dialect.name == "postgresql" else Integer
        return dialect.type_descriptor(kind())

    def process_result_value(self, value: object, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


def moment(table: str, name: str, *, nullable: bool = False) -> Column[str]:
    """Returns a timestamp column."""
    return Column(name, Instant(table, name), nullable=nullable)


def _id(table: str) -> tuple[Column[str], PrimaryKeyConstraint]:
    return Column("id", Text, nullable=False), PrimaryKeyConstraint("id", name=f"{table}_pkey")


def _owned_by_user(table: str) -> ForeignKeyConstraint:
    name = f"{table}_userId_fkey"
    return ForeignKeyConstraint(["userId"], ["user.id"], name=name, ondelete="CASCADE")


metadata = MetaData()

users = Table(
    "user",
    metadata,
    *_id("user"),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("emailVerified", Flag, nullable=False),
    Column("image", Text),
    moment("user", "createdAt"),
    moment("user", "updatedAt"),
    UniqueConstraint("email", name="user_email_key"),
)

sessions = Table(
    "session",
    metadata,
    *_id("session"),
    moment("session", "expiresAt"),
    Column("token", Text, nullable=False),
    moment("session", "createdAt"),
    moment("session", "updatedAt"),
    Column("ipAddress", Text),
    Column("userAgent", Text),
    Column("userId", Text, nullable=False),
    UniqueConstraint("token", name="session_token_key"),
    _owned_by_user("session"),
    Index("session_userId_idx", "userId"),
)

accounts = Table(
    "account",
    metadata,
    *_id("account"),
    Column("accountId", Text, nullable=False),
    Column("providerId", Text, nullable=False),
    Column("userId", Text, nullable=False),
    Column("accessToken", Text),
    Column("refreshToken", Text),
    Column("idToken", Text),
    moment("account", "accessTokenExpiresAt", nullable=True),
    moment("account", "refreshTokenExpiresAt", nullable=True),
    Column("scope", Text),
    Column("password", Text),
    moment("account", "createdAt"),
    moment("account", "updatedAt"),
    _owned_by_user("account"),
    Index("account_userId_idx", "userId"),
)

verifications = Table(
    "verification",
    metadata,
    *_id("verification"),
    Column("identifier", Text, nullable=False),
    Column("value", Text, nullable=False),
    moment("verification", "expiresAt"),
    moment("verification", "createdAt"),
    moment("verification", "updatedAt"),
    Index("verification_identifier_idx", "identifier"),
)

rate_limits = Table(
    "rateLimit",
    MetaData(),  # apart: only those who count in the database have it
    *_id("rateLimit"),
    Column("key", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("lastRequest", BigInteger, nullable=False),
    UniqueConstraint("key", name="rateLimit_key_key"),
)

jwks = Table(
    "jwks",
    metadata,
    *_id("jwks"),
    Column("publicKey", Text, nullable=False),
    Column("privateKey", Text, nullable=False),
    moment("jwks", "createdAt"),
    moment("jwks", "expiresAt", nullable=True),
    Column("alg", Text),
    Column("crv", Text),
)
