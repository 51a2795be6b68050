"""The public names of the service. Each is loaded when it is first used: an import is cheap."""

from importlib import import_module
from typing import TYPE_CHECKING, Final  # noqa: TID251 - only type checkers import them at once

if TYPE_CHECKING:
    from .auth.hooks import (
        PendingSession,
        PendingToken,
        PendingUser,
        UpdatedUser,
        UserBan,
        UserChange,
    )
    from .auth.people.rows import RefusedRow
    from .auth.sessions.store import ActiveSession
    from .mail.mailer import Message
    from .models.errors import HookRefusal, Refusal, StoreUnavailable
    from .models.records import Session, User
    from .schema.state import SchemaError
    from .server.embedding.api.api import Api
    from .server.embedding.api.bans import PluginIsOff
    from .server.embedding.api.imports import ImportReport
    from .server.embedding.better_auth import BetterAuth
    from .server.embedding.litestar import BetterAuthPlugin
    from .server.embedding.shared_opening import NotOpen
    from .server.hooks.connection import HookConnection
    from .server.hooks.registry import HookRegistry
    from .server.plugins import enable_plugin
    from .settings.environment import SettingsError
    from .settings.settings import Settings
    from .web.request_context import RequestContext

__version__ = "0.2.0"  # of every package that is built from here
__all__ = (
    "ActiveSession",
    "Api",
    "BetterAuth",
    "BetterAuthPlugin",
    "HookConnection",
    "HookRefusal",
    "HookRegistry",
    "ImportReport",
    "Message",
    "NotOpen",
    "PendingSession",
    "PendingToken",
    "PendingUser",
    "PluginIsOff",
    "Refusal",
    "RefusedRow",
    "RequestContext",
    "SchemaError",
    "Session",
    "Settings",
    "SettingsError",
    "StoreUnavailable",
    "UpdatedUser",
    "User",
    "UserBan",
    "UserChange",
    "__version__",
    "enable_plugin",
)

_MODULES: Final = {
    "ActiveSession": ".auth.sessions.store",
    "Api": ".server.embedding.api.api",
    "BetterAuth": ".server.embedding.better_auth",
    "BetterAuthPlugin": ".server.embedding.litestar",
    "HookConnection": ".server.hooks.connection",
    "HookRefusal": ".models.errors",
    "HookRegistry": ".server.hooks.registry",
    "ImportReport": ".server.embedding.api.imports",
    "Message": ".mail.mailer",
    "NotOpen": ".server.embedding.shared_opening",
    "PendingSession": ".auth.hooks",
    "PendingToken": ".auth.hooks",
    "PendingUser": ".auth.hooks",
    "PluginIsOff": ".server.embedding.api.bans",
    "Refusal": ".models.errors",
    "RefusedRow": ".auth.people.rows",
    "RequestContext": ".web.request_context",
    "SchemaError": ".schema.state",
    "Session": ".models.records",
    "Settings": ".settings.settings",
    "SettingsError": ".settings.environment",
    "StoreUnavailable": ".models.errors",
    "UpdatedUser": ".auth.hooks",
    "User": ".models.records",
    "UserBan": ".auth.hooks",
    "UserChange": ".auth.hooks",
    "enable_plugin": ".server.plugins",
}

# Type checkers would take any name for one of this package.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Loads a public name (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return found
