"""The libraries that only some settings need: they come with extras of the package."""

from collections.abc import Iterator
from importlib.util import find_spec

from .settings import Settings


def find_missing_extras(settings: Settings) -> Iterator[str]:
    """Yields a line for each setting whose library is not installed."""
    for name, library, extra in _list_needs(settings):
        if find_spec(library) is None:
            yield describe_missing_extra(f"{name} needs {library}", extra)


def describe_missing_extra(fault: str, extra: str) -> str:
    """Returns one line that names the extra to install."""
    return f'{fault}: pip install "better-auth-service[{extra}]"'


def _list_needs(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yields the variable, the library and the extra."""
    if settings.database_url.strip().lower().startswith("postgres"):
        yield "DATABASE_URL of PostgreSQL", "asyncpg", "postgresql"
    if settings.redis_url is not None:
        yield "REDIS_URL", "redis", "redis"
