"""A scenario: what somebody does, in order, with the options that both servers run under."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal
from zlib import crc32

from msgspec import Struct

from . import scenarios
from .options import Options, Setup
from .side import Side

Engine = Literal["sqlite", "postgresql"]
Run = Callable[[Side], Awaitable[None]]

SHARDS = 2

_REGISTERED: dict[str, "Scenario"] = {}


class Scenario(Struct, frozen=True):
    """`name` is `<module>/<function>`; with `fresh` no other scenario shares its servers."""

    name: str
    run: Run
    setup: Setup
    engines: tuple[Engine, ...]
    fresh: bool

    @property
    def area(self) -> str:
        return self.name.partition("/")[0]

    def group(self, engine: Engine) -> str:
        """The same for those that share a pair of servers.

        Those with the options of most scenarios are split, so that few know of each other's users.
        """
        shard = self.name if self.fresh else str(crc32(self.area.encode()) % SHARDS)
        return f"{engine} {shard} {self.setup.key}"


def scenario(
    options: Options | None = None,
    *,
    postgres: bool | Literal["only"] = False,
    fresh: bool = False,
    ours: Mapping[str, str] | None = None,
    original: Options | None = None,
) -> Callable[[Run], Run]:
    """Register a function as a scenario.

    `options` are Better Auth's, by dotted path. `ours` are variables for our side alone and
    `original` options for the other alone, where a default differs on purpose. `postgres` runs it
    on PostgreSQL, too: for what writes; "only" where the original is at fault there.
    """
    setup = Setup(options or {}, ours or {}, original or {})
    engines: tuple[Engine, ...] = ("sqlite", "postgresql") if postgres else ("sqlite",)
    engines = ("postgresql",) if postgres == "only" else engines

    def register(run: Run) -> Run:
        name = f"{run.__module__.rpartition('.')[2]}/{run.__name__}"
        assert name not in _REGISTERED, f"{name} is there already"
        _REGISTERED[name] = Scenario(name, run, setup, engines, fresh)
        return run

    return register


def all_scenarios() -> list[Scenario]:
    """Every one of `scenarios/`, in an order in which those that share servers are neighbours."""
    for module in pkgutil.iter_modules(scenarios.__path__):
        importlib.import_module(f"{scenarios.__name__}.{module.name}")
    return sorted(_REGISTERED.values(), key=lambda one: (one.group("sqlite"), one.name))
