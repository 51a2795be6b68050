"""A plugin that only brings the hooks of a test."""

from msgspec import Struct

from app.auth.hooks import Hooks
from app.models.errors import Refusal
from app.plugins.plugin import BuiltPlugin, Plugin, Services
from app.server.plugins import PLUGINS
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.service import Service, serve


class Nothing(Struct, frozen=True, kw_only=True):
    """No options."""


class Nope(Refusal):
    status, code, message = 403, "NOPE", "Nope"


class Steps(Plugin[Nothing]):
    """Brings the hooks that a test gives it."""

    id = "steps"
    options = Nothing

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    def build(self, services: Services) -> BuiltPlugin:
        return BuiltPlugin(hooks=self._hooks)


async def serve_with(
    database: Database, hooks: Hooks, storage: RedisStorage | None = None, **options: object
) -> Service:
    plugin = Steps(hooks)
    return await serve(
        database,
        storage=storage,
        installed=(*PLUGINS, plugin),
        plugins=(plugin.enable(Nothing()),),
        **options,  # type: ignore[arg-type]  # fields of Settings, as a test names them
    )
