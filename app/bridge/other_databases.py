"""What to do with the URL of a database that this project does not read."""

from typing import Final

_UNDERSTOOD: Final = "sqlite:///file.db or postgresql://user:password@host/database"
_MOVE: Final = "docs/importing.md says how to move the users to SQLite or PostgreSQL"
_NAMES: Final = {
    **dict.fromkeys(("mysql", "mysql2", "mariadb"), "MySQL"),
    "planetscale": "MySQL",
    "mongodb": "MongoDB",
    **dict.fromkeys(("libsql", "turso"), "Turso (libSQL)"),
    **dict.fromkeys(("sqlserver", "mssql"), "SQL Server"),
    **dict.fromkeys(("cockroachdb", "cockroach"), "CockroachDB"),
    "oracle": "Oracle",
    "d1": "Cloudflare D1",
}
_OF_PRISMA: Final = (
    "is the address of Prisma's own service: write the URL of the database itself,"
    " postgresql://user:password@host/database (Prisma's directUrl)"
)


def explain_scheme(scheme: str) -> str:
    """Returns what to write instead of a URL with this scheme, without `DATABASE_URL:`.

    `scheme` is empty for a text that is no URL.
    """
    kind, _, driver = scheme.lower().partition("+")
    if kind == "prisma":
        return f"{kind + '+' * bool(driver) + driver}:// {_OF_PRISMA}"
    if kind == "jdbc:postgresql":
        return "remove jdbc: before postgresql://, and write user and password as user:password@"
    name = _NAMES["libsql"] if driver == "libsql" else _NAMES.get(kind)
    if name is not None:
        return f"{name} is not offered; {_MOVE}"
    if kind in {"http", "https", "ws", "wss"}:
        return (
            f"{kind}:// is no address of a database: write {_UNDERSTOOD};"
            f" for Turso and other services without one, {_MOVE}"
        )
    named = f"{kind!r} databases are" if kind.isidentifier() else "this is"
    return f"{named} not understood; write {_UNDERSTOOD}"
