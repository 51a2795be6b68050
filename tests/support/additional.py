"""Additional fields for tests: a service on a database that has their columns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.models.additional_fields import read_fields
from app.server.plugins import derive_requirements
from app.settings.options import SessionOptions, UserOptions
from app.settings.settings import Settings
from tests.support.prepared_files import prepare
from tests.support.service import SECRET, Service, serving

USER_FIELDS = read_fields(
    """{"role": {"type": "string", "required": false, "defaultValue": "user", "input": false},
    "lang": {"type": "string", "required": false, "defaultValue": "en"},
    "age": {"type": "number", "required": false},
    "score": {"type": "number", "required": false, "bigint": true},
    "tags": {"type": "string[]", "required": false},
    "counts": {"type": "number[]", "required": false},
    "note": {"type": "string", "required": false, "returned": false},
    "admin": {"type": "boolean", "required": false, "input": false},
    "newsletter": {"type": "boolean", "required": false, "defaultValue": true},
    "since": {"type": "date", "required": false},
    "prefs": {"type": "json", "required": false},
    "plan": {"type": ["free", "pro"], "required": false},
    "nick": {"type": "string", "required": false, "unique": true, "fieldName": "nick_name"}}"""
)
SESSION_FIELDS = read_fields(
    """{"theme": {"type": "string", "required": false, "defaultValue": "light"},
    "hidden": {"type": "string", "required": false, "returned": false, "defaultValue": "h"},
    "locked": {"type": "string", "required": false, "input": false},
    "width": {"type": "number", "required": false}}"""
)


@asynccontextmanager
async def grown(url: str, **options: object) -> AsyncIterator[Service]:
    """The service with these fields, over the database at `url` brought up to date."""
    chosen = {
        "user": UserOptions(additional_fields=USER_FIELDS),
        "session": SessionOptions(additional_fields=SESSION_FIELDS),
        **options,
    }
    await prepare(url, derive_requirements(Settings(secret=SECRET, **chosen)))  # type: ignore[arg-type]  # a table of options
    async with serving(url, **chosen) as service:
        yield service
