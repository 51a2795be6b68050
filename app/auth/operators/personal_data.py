"""Everything that is stored about one person, without what lets anybody in.

For a request under article 15 of the GDPR, and to say what a deletion removes.
"""

from collections.abc import Mapping, Sequence

from msgspec import to_builtins
from sqlalchemy import ColumnElement, Table, or_, select

from ...models.clock import now as clock
from ...models.mappers import Mappers
from ...models.records import Session, User
from ...models.tables import Tables
from ...schema.branch import PersonalTable
from ...storage.database import Database
from ..sessions.store import SessionFilter, SessionStore

Row = Mapping[str, object]
_ACCOUNT = ("id", "providerId", "accountId", "scope", "createdAt", "updatedAt")
# How the identifiers of verifications begin; the rest may be a secret.
_PURPOSES = (
    "reset-password",
    "delete-account",
    "change-email",
    "email-verification",
    "sign-in",
    "forget-password",
    "2fa",
    "trust-device",
    "one-time-token",
)
_EXPIRIES = ("accessTokenExpiresAt", "refreshTokenExpiresAt")


class PersonalData:
    """Collects it from the stores of this service. `tables` are those of plugins and features."""

    def __init__(
        self,
        database: Database,
        mappers: Mappers,
        tables: Tables,
        store: SessionStore,
        personal: Sequence[PersonalTable],
    ) -> None:
        self._database = database
        self._mappers = mappers
        self._tables = tables
        self._store = store
        self._personal = personal

    async def collect(self, user: User) -> dict[str, object]:
        """Returns the user, and the rows of each table by its name. Empty ones are left out."""
        rows = {
            "accounts": await self.read_accounts(user),
            "sessions": await self.read_sessions(user),
            "verifications": await self._read_verifications(user),
            "disabled": await self._read_table(
                PersonalTable(self._tables.disabled_users, "userId"), user
            ),
        }
        for personal in self._personal:
            name = str(personal.table.name)
            rows.setdefault(name, []).extend(await self._read_table(personal, user))
        found = {name: each for name, each in rows.items() if each}
        return {"user": await self._read_user(user), **found}

    async def _read_user(self, user: User) -> Row:
        """Returns all columns, also those of additional fields that no response has."""
        mapper, table = self._mappers.user, self._mappers.user.table
        named = {field.name: table.c[field.column] for field in mapper.additional}
        core = [column for column in table.c if column not in set(named.values())]
        columns = {**{str(column.key): column for column in core}, **named}
        statement = select(*columns.values()).where(table.c.id == user.id)
        rows = await self._database.read_all(statement)
        return dict(zip(columns, rows[0], strict=True)) if rows else {}

    async def read_accounts(self, user: User) -> list[Row]:
        """Returns the accounts without their secrets."""
        accounts = self._tables.accounts.c
        columns = [accounts[name] for name in (*_ACCOUNT, *_EXPIRIES)]
        statement = select(*columns, accounts.password.is_not(None)).where(
            accounts.userId == user.id
        )
        names = (*_ACCOUNT, *_EXPIRIES, "hasPassword")
        rows = await self._database.read_all(statement)
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def read_sessions(self, user: User) -> list[Row]:
        """Returns the active sessions without their tokens."""
        chosen = SessionFilter(user_id=user.id)
        return [
            describe_session(session)
            async for page in self._store.read_pages(chosen, clock())
            for session in page
        ]

    async def _read_verifications(self, user: User) -> list[Row]:
        """Returns what they were for, and when: the identifier may be a secret, as the value is.

        Those in Redis, and those whose identifier is stored as a digest, cannot be found. They
        expire.
        """
        table = self._tables.verifications.c
        concerns = match_verifications(self._tables.verifications, user)
        columns = (table.identifier, table.createdAt, table.expiresAt)
        rows = await self._database.read_all(select(*columns).where(concerns))
        names = ("purpose", "createdAt", "expiresAt")
        return [dict(zip(names, (_find_purpose(row[0]), *row[1:]), strict=True)) for row in rows]

    async def _read_table(self, personal: PersonalTable, user: User) -> list[Row]:
        table = self._tables.make(personal.table)
        shown = [column for column in table.c if column.key not in personal.hidden]
        owner = user.email if personal.owner == "email" else user.id
        rows = await self._database.read_all(select(*shown).where(table.c[personal.owner] == owner))
        names = [str(column.key) for column in shown]
        return [dict(zip(names, row, strict=True)) for row in rows]


def match_verifications(table: Table, user: User) -> ColumnElement[bool]:
    """Returns the condition of verifications that concern a user: they name id or address."""
    value, identifier = table.c.value, table.c.identifier
    quoted = (f'"{user.id}"', f'"{user.email}"')  # in JSON
    return or_(
        value.in_((user.id, user.email)),
        *(value.contains(each, autoescape=True) for each in quoted),
        identifier.endswith(f"otp-{user.email}", autoescape=True),
        identifier.startswith(f"change-email-otp-{user.id}:", autoescape=True),
    )


def describe_session(session: Session) -> dict[str, object]:
    """Returns the fields of a session, without the token."""
    fields: dict[str, object] = to_builtins(session)
    del fields["token"]
    return fields


def _find_purpose(identifier: str) -> str | None:
    return next((purpose for purpose in _PURPOSES if identifier.startswith(purpose)), None)
