"""The names of the tables in which the service records what it did."""


def versions(url: str) -> str:
    """The table of the migrations that ran."""
    return f"{_schema(url)}better_auth_migrations"


def origin(url: str) -> str:
    """The table that says who made the database."""
    return f"{_schema(url)}better_auth_origin"


def _schema(url: str) -> str:
    return "" if url.startswith("sqlite") else "better_auth_service."
