"""The state of a schema: who made it, what is in it, whether it is current."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from ..bridge.catalog import Catalog, Read, read_catalog
from ..bridge.table_names import COLUMNS
from ..models.layout import Layout
from ..models.program_name import COMMAND
from ..models.tables import BAN_COLUMNS, IMPERSONATION_COLUMN, RESTRICTION_COLUMNS
from ..storage.database import Database
from .hash_forms import read_hash_forms
from .layouts import extend_layout, find_laid_out, has_column
from .marks import find_newly_hidden_marks
from .names import (
    AUDIT_TABLE,
    ORIGIN_TABLE,
    VERSION_TABLE,
    WEBHOOK_TABLES,
    get_own_schema,
    make_statement,
    quote_column,
    quote_name,
    quote_path,
    quote_table,
)
from .requirements import DEFAULTS, Requirements

CORE_HEAD: Final = "core_0002"
TASKS_HEAD: Final = "tasks_0001"
LIMITS_HEAD: Final = "limits_0001"
AUDIT_HEAD: Final = "audit_0001"
DISABLED_HEAD: Final = "disabled_0001"
WEBHOOKS_HEAD: Final = "webhooks_0001"
HEADS: Final = frozenset(
    {CORE_HEAD, TASKS_HEAD, LIMITS_HEAD, AUDIT_HEAD, DISABLED_HEAD, WEBHOOKS_HEAD}
)
REVISIONS: Final = HEADS | {"core_0001"}
NOT_CURRENT: Final = f"the database is not up to date: run `{COMMAND} migrate`"


class SchemaError(Exception):
    """The schema cannot be migrated or used: one line, with the remedy."""


class SchemaVersion(Struct, frozen=True):
    """What this service wrote into a database that it migrated.

    `layout` is that of the tables when they were adopted or made.
    """

    revisions: frozenset[str] = frozenset()
    adopted: bool = False
    layout: Layout = Layout()

    def list_heads(self, requirements: Requirements) -> frozenset[str]:
        """The required revisions."""
        tasks = not self.adopted if requirements.task_api is None else requirements.task_api
        audit = not self.adopted if requirements.audit is None else requirements.audit
        branches = {
            TASKS_HEAD: tasks,
            LIMITS_HEAD: requirements.rate_limits,
            AUDIT_HEAD: audit,
            WEBHOOKS_HEAD: requirements.webhooks,
        }
        own = (head for head, on in branches.items() if on)
        of_plugins = (branch.head for branch in requirements.required_branches)
        return frozenset({CORE_HEAD, DISABLED_HEAD, *own, *of_plugins})


class SchemaState(Struct, frozen=True):
    """The facts about the database that the service needs.

    `tasks`: whether the table of the task API exists; `tasks_required`: whether it should.
    `restrictions`: the columns of Node plugins in `user`; `restricted`: how many users each one
    refuses. `hashes`: the forms of stored hashes: scrypt, bcrypt, pbkdf2, other, and argon2's with
    their parameters, such as `$argon2id$v=19$m=19456,t=2,p=1`. These two are read only where they
    are needed, because they read every row. `layout` has the names of the
    tables and columns here. `own_schema` is the PostgreSQL schema of the service's own tables.
    `has_impersonation`: sessions have the admin plugin's column `impersonatedBy`; `ban_columns` are
    its columns of bans that `user` has. `audit`, `webhooks`: whether the table of audit events, and
    those of webhooks, are required.
    """

    adopted: bool
    tasks: bool
    tasks_required: bool
    current: bool
    restrictions: frozenset[str] = frozenset()
    restricted: Mapping[str, int] = {}
    hashes: frozenset[str] = frozenset()
    layout: Layout = Layout()
    own_schema: str = ""
    has_impersonation: bool = False
    ban_columns: frozenset[str] = frozenset()
    audit: bool = False
    webhooks: bool = False

    @property
    def password_hash(self) -> str:
        """The default kind of new hashes: one that a Node server can read."""
        return "scrypt" if self.adopted else "argon2id"


async def inspect_schema(database: Database, requirements: Requirements = DEFAULTS) -> SchemaState:
    """Reads the state with `hashes`, once at the start. Reads every account.

    Raises `StoreUnavailable`.
    """
    state = await read_state(database, requirements)
    if not state.current:
        return state
    return replace(state, hashes=await read_hash_forms(database, state.layout))


async def read_state(database: Database, requirements: Requirements = DEFAULTS) -> SchemaState:
    """Reads the state without the facts that need every row. Raises `StoreUnavailable`."""
    own_schema = await find_own_schema(database)
    version = await _find_schema_version(database, own_schema)
    if not version.revisions:
        return SchemaState(adopted=False, tasks=False, tasks_required=False, current=False)
    catalog = await read_catalog(database.read_all, database.dialect)
    return describe_state(version, catalog, requirements)


async def is_current(
    database: Database, requirements: Requirements = DEFAULTS, own_schema: str | None = None
) -> bool:
    """Whether nothing is left to migrate, by one small query. Raises `StoreUnavailable`.

    `own_schema` is that of the state. Without it, it is read.
    """
    if own_schema is None:
        own_schema = await find_own_schema(database)
    version = await _find_schema_version(database, own_schema)
    return version.list_heads(requirements) <= version.revisions


async def find_missing_tables(database: Database, state: SchemaState) -> list[str]:
    """Returns Better Auth's tables and the service's own that are gone since the start.

    Raises `StoreUnavailable`.
    """
    places = [
        (f"{state.own_schema}.{name}".lstrip("."), quote_path(state.own_schema, name))
        for name in (VERSION_TABLE, ORIGIN_TABLE)
    ]
    names = [name for name in COLUMNS if name != "rateLimit"]
    names += ["tasks"] if state.tasks and state.tasks_required else []
    names += [AUDIT_TABLE] if state.audit else []
    names += WEBHOOK_TABLES if state.webhooks else ()
    places += [(name, quote_table(state.layout, name)) for name in names]
    try:
        await database.read_all(make_statement(_compose_probe(where for _, where in places)))
    except (OperationalError, ProgrammingError):
        return [name for name, where in places if not await _is_there(database, where)]
    return []


async def _is_there(database: Database, where: str) -> bool:
    try:
        await database.read_all(make_statement(_compose_probe([where])))
    except (OperationalError, ProgrammingError):
        return False
    return True


def _compose_probe(tables: Iterable[str]) -> str:
    """Returns a query that reads nothing, and fails if a table is not there."""
    return " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE 1 = 0" for table in tables)  # noqa: S608  # quoted names


async def find_own_schema(database: Database) -> str:
    """Returns `get_own_schema` for this connection's search path. Raises `StoreUnavailable`."""
    if database.dialect == "sqlite":
        return ""
    rows = await database.read_all(text("SELECT coalesce(current_schema()::text, '')"))
    return get_own_schema(database.dialect, rows[0][0])


async def read_schema_version(
    read: Read, own_schema: str, *, has_layout: bool = True
) -> SchemaVersion:
    """Reads what this service wrote. Fails if its tables do not exist.

    `has_layout`: False for tables of an older release.
    """
    versions, origins = (quote_name(VERSION_TABLE), quote_name(ORIGIN_TABLE))
    if own_schema:
        versions, origins = (f"{quote_name(own_schema)}.{name}" for name in (versions, origins))
    layout = "layout" if has_layout else "''"
    rows = await read(
        make_statement(
            f"SELECT 'version', version_num, '' FROM {versions}"  # noqa: S608  # quoted names
            f" UNION ALL SELECT 'origin', origin, {layout} FROM {origins}"
        )
    )
    revisions = frozenset(value for kind, value, _ in rows if kind == "version")
    made = {value: recorded for kind, value, recorded in rows if kind == "origin"}
    recorded = next((recorded for recorded in made.values() if recorded), "{}")
    found = msgspec.json.decode(recorded, type=Layout)
    return SchemaVersion(revisions, adopted="adopted" in made, layout=found)


async def count_restricted(
    read: Read, layout: Layout, restrictions: Iterable[str]
) -> dict[str, int]:
    """Counts the users that each column refuses. Reads every user."""
    names = sorted(restrictions)
    if not names:
        return {}
    # Compared as text, because the flag's type is whatever the Node side chose.
    counted = ", ".join(
        f"count(CASE WHEN lower(CAST({quote_column(layout, 'user', name)} AS text))"
        " IN ('1', 't', 'true') THEN 1 END)"
        for name in names
    )
    found = await read(make_statement(f"SELECT {counted} FROM {quote_table(layout, 'user')}"))  # noqa: S608  # quoted names
    return dict(zip(names, map(int, found[0]), strict=True))


def describe_state(
    version: SchemaVersion, catalog: Catalog, requirements: Requirements
) -> SchemaState:
    """Returns the state of a database that this service migrated."""
    layout = complete_layout(version.layout, catalog, requirements)
    checked = [name for name in RESTRICTION_COLUMNS if name not in requirements.lifts]
    present = [name for name in checked if _has_column(layout, catalog, "user", name)]
    return SchemaState(
        adopted=version.adopted,
        tasks=TASKS_HEAD in version.revisions,
        tasks_required=TASKS_HEAD in version.list_heads(requirements),
        current=version.list_heads(requirements) <= version.revisions
        and not _is_missing_columns(layout, catalog, requirements)
        and not find_newly_hidden_marks(version.layout, catalog, requirements),
        restrictions=frozenset(present),
        layout=layout,
        own_schema=get_own_schema(catalog.dialect, catalog.schema),
        has_impersonation=_has_column(layout, catalog, "session", IMPERSONATION_COLUMN),
        ban_columns=frozenset(
            name for name in BAN_COLUMNS if _has_column(layout, catalog, "user", name)
        ),
        audit=AUDIT_HEAD in version.list_heads(requirements),
        webhooks=requirements.webhooks,
    )


def complete_layout(layout: Layout, catalog: Catalog, requirements: Requirements) -> Layout:
    """Returns the layout with the columns of additional fields and the marks of plugins."""
    more = {
        name: [field.column for field in fields] for name, fields in requirements.fields.items()
    }
    more["user"] = [*more.get("user", ()), *RESTRICTION_COLUMNS, *BAN_COLUMNS]
    more["session"] = [*more.get("session", ()), IMPERSONATION_COLUMN]
    return extend_layout(layout, catalog, more, requirements.names)


def _is_missing_columns(layout: Layout, catalog: Catalog, requirements: Requirements) -> bool:
    return not all(
        _has_column(layout, catalog, name, field.column)
        for name, fields in requirements.fields.items()
        for field in fields
    )


def _has_column(layout: Layout, catalog: Catalog, table: str, column: str) -> bool:
    found = find_laid_out(layout.describe_table(table), catalog)
    name = layout.find_column(table, column)
    return found is not None and has_column(found, name, catalog.dialect)


async def _find_schema_version(database: Database, own_schema: str) -> SchemaVersion:
    try:
        return await read_schema_version(database.read_all, own_schema)
    except (OperationalError, ProgrammingError):
        return SchemaVersion()
