"""The one list of plugins, and what the settings and the schema have to know of all of them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from ..plugins.plugin import AnyPlugin, Plugin
from ..schema import requirements
from ..schema.requirements import Requirements
from ..settings import environment
from ..settings.environment import DOTENV, SettingsError
from ..settings.extras import find_missing_extras
from ..settings.plugin_settings import PluginSettings
from ..settings.settings import Settings
from ..settings.variables import Variables
from .hooks.loading import load_hooks

# Folders of app/plugins, in the order of the table in docs/plugins.md. Hooks run in the order of
# the settings: first those that are always on, then as BETTER_AUTH_PLUGINS names the others.
INSTALLED: Final = (
    "bearer",
    "jwt",
    "username",
    "two_factor",
    "admin",
    "magic_link",
    "email_otp",
    "anonymous",
    "multi_session",
    "one_time_token",
    "last_login_method",
    "organization",
    "have_i_been_pwned",
)
_HERE: Final = __name__.removesuffix(".server.plugins")


def load_plugin(folder: str) -> AnyPlugin:
    """Raises `SettingsError` if the folder has no `plugin.py`, or that has no `PLUGIN`."""
    name = f"{_HERE}.plugins.{folder}.plugin"
    try:
        plugin = getattr(import_module(name), "PLUGIN", None)
    except ModuleNotFoundError as fault:
        if fault.name not in (name, name.removesuffix(".plugin")):
            raise  # what the module itself imports is missing
        line = f"app/plugins/{folder}/plugin.py is not there, but INSTALLED names {folder!r}"
        raise SettingsError((line,)) from None
    if not isinstance(plugin, Plugin):
        line = "has no PLUGIN: set it to an instance of your subclass of Plugin"
        raise SettingsError((f"app/plugins/{folder}/plugin.py {line}",))
    return plugin


PLUGINS: Final = tuple(map(load_plugin, INSTALLED))
VARIABLES: Final = Variables(PLUGINS)


def read_settings(
    environ: Mapping[str, str] | None = None,
    dotenv: Path | None = DOTENV,
    *,
    notices: list[str] | None = None,
    mails_later: bool = False,
) -> Settings:
    """See `environment.read_settings`. Loads the module of `BETTER_AUTH_HOOKS`.

    With `mails_later` a hook that sends mails is still to be registered.

    Also raises `SettingsError` if a library is missing that a setting needs.
    """
    settings = environment.read_settings(
        environ,
        dotenv,
        notices=notices,
        variables=VARIABLES,
        complete=_defer_mail_hook if mails_later else _note_mail_hook,
    )
    if missing := tuple(find_missing_extras(settings)):
        raise SettingsError(missing)
    return settings


def _defer_mail_hook(settings: Settings) -> Settings:
    return structs.replace(settings, mails_by_hook=True)


def _note_mail_hook(settings: Settings) -> Settings:
    hooks = load_hooks(settings)
    return settings if hooks is None else hooks.note_mail_hook(settings)


def enable_plugin(options: Struct) -> PluginSettings:
    """Returns the plugin of these options, switched on: `Settings(plugins=(enable_plugin(…),))`.

    Raises `SettingsError` for options of no plugin.
    """
    for plugin in PLUGINS:
        if type(options) is plugin.options:
            return plugin.enable(options)
    line = "are not the options of a plugin: pass TwoFactorOptions(…), for example"
    raise SettingsError((f"{type(options).__name__} {line}",))


def find_plugin_faults(settings: Settings) -> Iterator[str]:
    """Yields one line for each option of a plugin that cannot be used."""
    for plugin in list_enabled(settings, PLUGINS):
        yield from plugin.find_faults(settings)


def list_enabled(settings: Settings, installed: Sequence[AnyPlugin]) -> list[AnyPlugin]:
    """Returns the plugins that are on, in the order of the settings."""
    places = {each.id: place for place, each in enumerate(settings.plugins)}
    on = [plugin for plugin in installed if plugin.find_options(settings) is not None]
    return sorted(on, key=lambda plugin: places.get(plugin.id, -1))


def enable_all() -> tuple[PluginSettings, ...]:
    """Returns all plugins, switched on with options that offer all their endpoints."""
    return tuple(plugin.enable(plugin.make_complete_options()) for plugin in PLUGINS)


def derive_requirements(settings: Settings) -> Requirements:
    """What the settings and the plugins ask of the schema."""
    branches = [branch for plugin in PLUGINS for branch in plugin.branches]
    off = _list_off(frozenset(plugin.id for plugin in settings.plugins))
    return requirements.derive_requirements(settings, branches, off=off)


@cache
def _list_off(on: frozenset[str]) -> tuple[PluginSettings, ...]:
    """Returns the plugins that could be switched on, with the default options."""
    off = (plugin for plugin in PLUGINS if not plugin.always_on and plugin.id not in on)
    return tuple(plugin.enable(plugin.options()) for plugin in off)
