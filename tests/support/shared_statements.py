"""What SQLAlchemy compiled, kept for all databases of a process and not for each.

A test opens a database of its own, and would compile the same statements as the one before it.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Dialect, Engine, Executable
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.util import LRUCache

from app.storage import compiled
from app.storage.compiled import CompiledStatement
from app.storage.postgres import reads

_Key = tuple[Any, ...]

_LARGEST_NUMBER = 2_000
_compile_statement = compiled.compile_statement


class _OfAllEngines(MutableMapping[_Key, Any]):
    """A cache as each engine has one, in whose keys equal dialects are one."""

    def __init__(self) -> None:
        self._kept: LRUCache[_Key, Any] = LRUCache(_LARGEST_NUMBER)

    def __getitem__(self, key: _Key) -> Any:
        return self._kept[_generalize(key)]

    def get(self, key: _Key, default: Any = None) -> Any:
        return self._kept.get(_generalize(key), default)

    def __setitem__(self, key: _Key, value: Any) -> None:
        self._kept[_generalize(key)] = value

    def __delitem__(self, key: _Key) -> None:
        del self._kept[_generalize(key)]

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _generalize(key: _Key) -> _Key:
    dialect, *others = key
    return (*_describe(dialect), *others)


def _describe(dialect: Dialect) -> _Key:
    """What the text of a statement depends on; the version is known once it is connected."""
    return type(dialect), dialect.paramstyle, getattr(dialect, "server_version_info", None)


@contextmanager
def patch_compiling() -> Iterator[None]:
    """For all engines."""
    with pytest.MonkeyPatch.context() as patch:
        _share(patch)
        yield


def share_compiled() -> None:
    """For as long as this process lives, and in its forks."""
    _share(pytest.MonkeyPatch())


def _share(patch: pytest.MonkeyPatch) -> None:
    statements = _OfAllEngines()
    selects: LRUCache[_Key, CompiledStatement] = LRUCache(_LARGEST_NUMBER)

    def compile_statement(statement: Executable, dialect: Dialect) -> CompiledStatement:
        key = _identify(statement, dialect)
        found = None if key is None else selects.get(key)
        if found is None:
            found = _compile_statement(statement, dialect)
            if key is not None:
                selects[key] = found
        return found

    cache = property(lambda _: statements, lambda _, _own: None)
    patch.setattr(Engine, "_compiled_cache", cache, raising=False)
    for module in (compiled, reads):
        patch.setattr(module, "compile_statement", compile_statement)


def _identify(statement: Executable, dialect: Dialect) -> _Key | None:
    """None for one that SQLAlchemy can't compare with others."""
    assert isinstance(statement, ClauseElement)
    found = statement._generate_cache_key()
    if found is None:
        return None
    values = [bind.effective_value for bind in found.bindparams if not bind.required]
    return (*_describe(dialect), found.key, *((type(value), repr(value)) for value in values))
