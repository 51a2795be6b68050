"""The state of a schema: who made it, what is in it, whether it is current."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import column, literal, select, table, text, union_all
from sqlalchemy.exc import OperationalError, ProgrammingError

from ..models.errors import StoreUnavailable
from ..models.tables import RESTRICTION_COLUMNS
from ..storage.database import Database
from .catalog import Catalog, Read, read_catalog
from .requirements import DEFAULTS, Requirements

VERSION_TABLE: Final = "better_auth_migrations"
ORIGIN_TABLE: Final = "better_auth_origin"
CORE_HEAD: Final = "core_0001"
TASKS_HEAD: Final = "tasks_0001"
LIMITS_HEAD: Final = "limits_0001"
REVISIONS: Final = frozenset({CORE_HEAD, TASKS_HEAD, LIMITS_HEAD})
NOT_CURRENT: Final = "the database is not up to date: run `.venv/bin/python -m app migrate`"


class SchemaError(Exception):
    """The schema cannot be migrated or used: one line, with the remedy."""


class SchemaVersion(Struct, frozen=True):
    """What this service wrote into a database that it migrated."""

    revisions: frozenset[str] = frozenset()
    adopted: bool = False

    def list_heads(self, requirements: Requirements) -> frozenset[str]:
        """The required revisions."""
        tasks = not self.adopted if requirements.task_api is None else requirements.task_api
        branches = {TASKS_HEAD: tasks, LIMITS_HEAD: requirements.rate_limits}
        own = (head for head, on in branches.items() if on)
        of_plugins = (branch.head for branch in requirements.required_branches)
        return frozenset({CORE_HEAD, *own, *of_plugins})


class SchemaState(Struct, frozen=True):
    """The facts about the database that the service needs.

    `tasks`: whether the table of the task API exists; `tasks_required`: whether it should.
    `restrictions`: the columns of Node plugins in `user`; `restricted`: how many users each one
    refuses. `hashes`: the kinds of stored hashes (argon2, scrypt, bcrypt, pbkdf2, other). The last
    two are read only where they are needed, because they read every row.
    """

    adopted: bool
    tasks: bool
    tasks_required: bool
    current: bool
    restrictions: frozenset[str] = frozenset()
    restricted: Mapping[str, int] = {}
    hashes: frozenset[str] = frozenset()

    @property
    def password_hash(self) -> str:
        """The default kind of new hashes: one that a Node server can read."""
        return "scrypt" if self.adopted else "argon2id"


_versions = table(VERSION_TABLE, column("version_num"))
_origins = table(ORIGIN_TABLE, column("origin"))
_SCHEMA_VERSION: Final = union_all(
    select(literal("version", literal_execute=True), _versions.c.version_num),
    select(literal("origin", literal_execute=True), _origins.c.origin),
)
_EVERY_KIND: Final = frozenset({"argon2", "scrypt", "bcrypt", "pbkdf2"})
_HASH_KINDS: Final = text(
    # What is frequent comes first, and LIKE last: it folds case, in every row.
    "SELECT DISTINCT CASE"
    " WHEN substr(password, 33, 1) = ':' AND length(password) = 161 THEN 'scrypt'"
    " WHEN substr(password, 1, 7) = '$argon2' THEN 'argon2'"
    " WHEN password LIKE '$2_$%' THEN 'bcrypt'"
    " WHEN password LIKE 'pbkdf2%' OR password LIKE '$pbkdf2%' THEN 'pbkdf2'"
    " WHEN password LIKE 'scrypt%' OR password LIKE '$scrypt%' THEN 'scrypt'"
    " ELSE 'other' END FROM account WHERE password IS NOT NULL"
)


async def inspect_schema(database: Database, requirements: Requirements = DEFAULTS) -> SchemaState:
    """Reads the state with `hashes`, once at the start. Reads every account.

    Raises `StoreUnavailable`.
    """
    state = await read_state(database, requirements)
    if not state.current:
        return state
    return replace(state, hashes=await _read_hash_kinds(database))


async def _read_hash_kinds(database: Database) -> frozenset[str]:
    """Reads the kinds of hashes, without the statement timeout: there may be many accounts."""
    try:
        return frozenset(kind for (kind,) in await database.read_all(_HASH_KINDS))
    except StoreUnavailable as refusal:
        if isinstance(refusal.__cause__, TimeoutError):
            return _EVERY_KIND
        raise


async def read_state(database: Database, requirements: Requirements = DEFAULTS) -> SchemaState:
    """Reads the state without the facts that need every row. Raises `StoreUnavailable`."""
    version = await _find_schema_version(database)
    if not version.revisions:
        return SchemaState(adopted=False, tasks=False, tasks_required=False, current=False)
    catalog = await read_catalog(database.read_all, database.dialect)
    return describe_state(version, catalog, requirements)


async def is_current(database: Database, requirements: Requirements = DEFAULTS) -> bool:
    """Whether nothing is left to migrate, by one small query. Raises `StoreUnavailable`."""
    version = await _find_schema_version(database)
    return version.list_heads(requirements) <= version.revisions


async def read_schema_version(read: Read) -> SchemaVersion:
    """Reads what this service wrote. Fails if its tables do not exist."""
    rows = await read(_SCHEMA_VERSION)
    revisions = frozenset(value for kind, value in rows if kind == "version")
    return SchemaVersion(revisions, adopted=("origin", "adopted") in {tuple(row) for row in rows})


async def count_restricted(read: Read, restrictions: Iterable[str]) -> dict[str, int]:
    """Counts the users that each column refuses. Reads every user."""
    names = sorted(restrictions)
    if not names:
        return {}
    # Compared as text, because the flag's type is whatever the Node side chose.
    counted = ", ".join(
        f"count(CASE WHEN lower(CAST(\"{name}\" AS text)) IN ('1', 't', 'true') THEN 1 END)"
        for name in names
    )
    found = await read(text(f'SELECT {counted} FROM "user"'))  # noqa: S608  # two constants
    return dict(zip(names, map(int, found[0]), strict=True))


def describe_state(
    version: SchemaVersion, catalog: Catalog, requirements: Requirements
) -> SchemaState:
    """Returns the state of a database that this service migrated."""
    checked = [name for name in RESTRICTION_COLUMNS if name not in requirements.lifts]
    present = [name for name in checked if name in catalog["user"].columns]
    return SchemaState(
        adopted=version.adopted,
        tasks=TASKS_HEAD in version.revisions,
        tasks_required=TASKS_HEAD in version.list_heads(requirements),
        current=version.list_heads(requirements) <= version.revisions
        and not _is_missing_columns(catalog, requirements),
        restrictions=frozenset(present),
    )


def _is_missing_columns(catalog: Catalog, requirements: Requirements) -> bool:
    return any(
        field.column not in catalog[table].columns
        for table, fields in requirements.fields.items()
        for field in fields
    )


async def _find_schema_version(database: Database) -> SchemaVersion:
    try:
        return await read_schema_version(database.read_all)
    except (OperationalError, ProgrammingError):
        return SchemaVersion()
