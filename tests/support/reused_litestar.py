"""Litestar's router, built once for the applications of tests that it would be the same for.

Building it is most of the time that an application takes to make. It is the same for what plugins
add, and for what it reads of the settings and the schema. Whatever it routes to, and all that has a
state, is each application's own: `serve` makes it as the service does.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, cast, overload

from msgspec import Struct

from app.bridge import Authenticator
from app.plugins.plugin import BuiltPlugin
from app.server.container import Container
from app.server.deferred_litestar import LitestarApp
from app.server.litestar_app import create_litestar, wrap_litestar
from app.storage.database import Database
from app.web.endpoint import Route

_LARGEST_NUMBER = 40  # of those that wait; tests have many plugins

_Read = dict[tuple[str, ...], object]


class _Latest:
    """Stands for an object of the application that is served now."""

    def __init__(self, find: Callable[[], object]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)


class _Watched:
    """Stands for settings, or a part of them, and notes in `read` what is read of them."""

    def __init__(self, watched: Struct, read: _Read, path: tuple[str, ...] = ()) -> None:
        self._watched = watched
        self._read = read
        self._path = path

    def __getattr__(self, name: str) -> Any:
        value, path = getattr(self._watched, name), (*self._path, name)
        if isinstance(value, Struct):
            return _Watched(value, self._read, path)
        self._read[path] = value
        return value


class _Reusable:
    """A router, and the application that it serves now."""

    def __init__(self, container: Container, routes: Sequence[Route]) -> None:
        self.container = container
        self.routes = routes
        self._settings: _Read = {}
        self._schema: _Read = {("layout",): container.schema.layout}  # of the tables of tasks
        self._added = _describe(container)
        view = _View(self)
        view.settings = _Watched(container.settings, self._settings)
        view.schema = _Watched(container.schema, self._schema)
        self.litestar = create_litestar(cast("Container", view), _Routes(self))
        del view.settings, view.schema

    def fits(self, container: Container) -> bool:
        return (
            self._added == _describe(container)
            and _has(container.settings, self._settings)
            and _has(container.schema, self._schema)
        )


def _has(found: Struct, values: _Read) -> bool:
    return all(reduce(getattr, path, found) == value for path, value in values.items())


class _Routes(Sequence[Route]):
    """Those of the application that is served now, for the OpenAPI document."""

    def __init__(self, of: _Reusable) -> None:
        self._of = of

    @overload
    def __getitem__(self, index: int) -> Route: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Route]: ...

    def __getitem__(self, index: int | slice) -> Route | Sequence[Route]:
        return self._of.routes[index]

    def __len__(self) -> int:
        return len(self._of.routes)


class _View:
    """What `create_litestar` takes from a container, or keeps for later."""

    settings: Any
    schema: Any

    def __init__(self, of: _Reusable) -> None:
        self._of = of
        self.tables = of.container.tables
        self.database = _Latest(lambda: of.container.database)
        self.resources = _Latest(lambda: of.container.resources)
        found = _find_authenticator(of.container)
        latest = _Latest(lambda: _find_authenticator(of.container)) if found else None
        self.built_plugins = [
            BuiltPlugin(
                tags=_list_tags(of.container), authenticator=cast("Authenticator | None", latest)
            )
        ]

    def __getattr__(self, name: str) -> Any:
        """Whatever nobody watches any more."""
        return getattr(self._of.container, name)


def _describe(container: Container) -> tuple[object, ...]:
    """What plugins add to a router."""
    return _list_tags(container), _find_authenticator(container) is None


def _find_authenticator(container: Container) -> Authenticator | None:
    found = (plugin.authenticator for plugin in container.built_plugins)
    return next(filter(None, found), None)


def _list_tags(container: Container) -> dict[str, str]:
    return dict(tag for plugin in container.built_plugins for tag in plugin.tags.items())


_in_use: list[_Reusable] = []
_waiting: list[_Reusable] = []  # the one that waits longest first


def create_litestar_app(container: Container, routes: Sequence[Route]) -> LitestarApp:
    """In the place of that of `app.server.app`."""
    found = next((each for each in reversed(_waiting) if each.fits(container)), None)
    if found is None:
        found = _Reusable(container, routes)
    else:
        _waiting.remove(found)
        found.container, found.routes = container, routes
    _in_use.append(found)
    return wrap_litestar(found.litestar, container.settings, routes)


def release(database: Database) -> None:
    """To be called when a database is closed: nobody asks an application over it any more."""
    _release([each for each in _in_use if each.container.database is database])


def release_all() -> None:
    """The same, where nothing is served any more."""
    _release(list(_in_use))


def _release(unused: Sequence[_Reusable]) -> None:
    for each in unused:
        _in_use.remove(each)
        _waiting.append(each)
    del _waiting[:-_LARGEST_NUMBER]
