"""Litestar's router, built once for the applications of tests that have equal settings.

Building it is most of the time that an application takes to make. Whatever it routes to, and all
that has a state, is each application's own: `serve` makes it as the service does.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

from litestar import Litestar
from msgspec import Struct

from app.bridge import Authenticator
from app.server import app as server
from app.server.container import Container
from app.storage.database import Database
from app.web.endpoint import Route

_LARGEST_NUMBER = 40  # of those that wait; tests have many settings
_create = server.create_litestar


class _Latest:
    """Stands for an object of the application that is served now."""

    def __init__(self, find: Callable[[], object]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)


class _Reusable:
    """A router, and the application that it serves now."""

    def __init__(self, container: Container, routes: Sequence[Route]) -> None:
        self.container = container
        self.routes = routes
        slots = [cast("Route", _Slot(self, number)) for number in range(len(routes))]
        self.litestar = _create(cast("Container", _View(self)), slots)

    def fits(self, container: Container, routes: Sequence[Route]) -> bool:
        own = self.container
        is_equal = own.schema == container.schema and own.settings == container.settings
        return is_equal and _list_methods_and_paths(self.routes) == _list_methods_and_paths(routes)

    def authenticator(self) -> Authenticator | None:
        found = (plugin.authenticator for plugin in self.container.built_plugins)
        return next(filter(None, found), None)


class _Slot:
    """A route of the application that is served now."""

    def __init__(self, of: _Reusable, number: int) -> None:
        self._of = of
        self._number = number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of.routes[self._number], name)


class _Verifying(Struct, frozen=True):
    authenticator: object


class _View:
    """What `create_litestar` takes from a container."""

    def __init__(self, of: _Reusable) -> None:
        self.settings = of.container.settings
        self.schema = of.container.schema
        self.tables = of.container.tables
        self.database = _Latest(lambda: of.container.database)
        self.resources = _Latest(lambda: of.container.resources)
        verifies = of.authenticator() is not None
        self.built_plugins = [_Verifying(_Latest(of.authenticator))] if verifies else []


def _list_methods_and_paths(routes: Sequence[Route]) -> list[str]:
    return [route.endpoint.method_and_path for route in routes]


_in_use: list[_Reusable] = []
_waiting: list[_Reusable] = []  # the one that waits longest first


def create_litestar(container: Container, routes: Sequence[Route]) -> Litestar:
    """In the place of that of `app.server.app`."""
    found = next((each for each in reversed(_waiting) if each.fits(container, routes)), None)
    if found is None:
        found = _Reusable(container, routes)
    else:
        _waiting.remove(found)
        found.container, found.routes = container, routes
    _in_use.append(found)
    return found.litestar


def release(database: Database) -> None:
    """To be called when a database is closed: nobody asks an application over it any more."""
    for each in [each for each in _in_use if each.container.database is database]:
        _in_use.remove(each)
        _waiting.append(each)
    del _waiting[:-_LARGEST_NUMBER]
