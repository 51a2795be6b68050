"""The one list of plugins, and what the settings and the schema have to know of all of them."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from ..plugins.plugin import AnyPlugin, Plugin
from ..schema import requirements
from ..schema.requirements import Requirements
from ..settings import environment
from ..settings.environment import DOTENV, SettingsError
from ..settings.settings import Settings
from ..settings.variables import Variables

# Folders of app/plugins, in the order in which their hooks run.
INSTALLED: Final = (
    "bearer",
    "jwt",
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
) -> Settings:
    """See `environment.read_settings`."""
    return environment.read_settings(environ, dotenv, notices=notices, variables=VARIABLES)


def derive_requirements(settings: Settings) -> Requirements:
    """What the settings and the plugins ask of the schema."""
    branches = [branch for plugin in PLUGINS for branch in plugin.branches]
    return requirements.derive_requirements(settings, branches)
