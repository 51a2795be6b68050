"""The statements that SQLAlchemy sends; hot reads of SQLite go another way."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

_WRITERS = ("app.storage.sqlite.database", "app.storage.postgres.database")


@contextmanager
def counting() -> Iterator[list[str]]:
    """Those of the block, by any engine. Steps that would be joined are sent one by one."""
    with one_by_one(), watching() as seen:
        yield seen


@contextmanager
def watching() -> Iterator[list[str]]:
    """Those of the block, by any engine. Steps that are joined are not among them."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def one_by_one() -> Iterator[None]:
    """No steps of a transaction are joined in the block, as if one were a hook."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _WRITERS:
            patch.setattr(f"{module}.can_join", lambda _: False)
        yield
